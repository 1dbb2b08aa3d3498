// What figures of a latent space show besides its points.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <engram/core/tensor.hpp>
#include <engram/data/frames.hpp>
#include <engram/plot/callouts.hpp>

#include "support/trained_model.hpp"

namespace support {

/// @throws ArgumentError naming --chosen for a frame that is not there
void check_chosen(const std::vector<Index>& chosen, Index frames);

/// The chosen frames, or three of the recording, as the model denoises them, or as they are where it makes no images;
/// by their height in the map [N, D], so that the lines to their points do not cross.
/// @throws ArgumentError as check_chosen() does
std::vector<engram::plot::Callout> make_callouts(const TrainedModel& model, const engram::data::Frames& frames,
                                                 std::vector<Index> chosen, const engram::Tensor<float>& map);

/// "Codes of autoencoder, update 1,234"; without steps "Codes of pca_2".
std::string figure_title(const std::string& model, const std::vector<Index>& steps, std::size_t moment);

}  // namespace support
