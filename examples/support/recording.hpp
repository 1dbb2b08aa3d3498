// Frames as the programs read them.
#pragma once

#include <filesystem>
#include <optional>

#include <CLI/CLI.hpp>

#include <engram/core/error.hpp>
#include <engram/data/frames.hpp>
#include <engram/data/load.hpp>
#include <engram/io/npz.hpp>
#include <engram/models/parts.hpp>

namespace support {

/// Frames for a network that was trained on those of `maximum`, where the options name no other.
/// @throws ShapeError unless they are as it was trained on; of any size if network.image_height is 0
engram::data::Frames load_frames_for(const engram::models::NetworkOptions& network, double maximum,
                                     const std::filesystem::path& model, const std::filesystem::path& images,
                                     engram::data::FrameOptions options);

/// Declares the options --array and --maximum of a program that reads frames for a trained model.
void add_frame_options(CLI::App& app, engram::data::FrameOptions& options);

/// Adds the recording's labels, the arrays `labels` [N, L] and `columns` of an .npz, to a file of its N frames; nothing
/// if there are none.
void add_labels_of(const std::filesystem::path& images, engram::Index frames, engram::io::NpzWriter& out);

/// The clean frames behind a recording: the array `clean` of an .npz; nothing if there is none.
std::optional<engram::data::Frames> load_clean(const std::filesystem::path& images, const engram::data::Frames& frames);

}  // namespace support
