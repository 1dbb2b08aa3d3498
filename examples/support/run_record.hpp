// How a folder of results came to be: run.json.
#pragma once

#include <filesystem>

#include <CLI/CLI.hpp>

#include <engram/core/settings.hpp>

namespace support {

/// Writes folder/run.json: the program and all its options, given or default, versions, compiler, threads, the time,
/// and `more`, such as the checksum of the frames.
void write_run_record(const std::filesystem::path& folder, const CLI::App& app, const engram::Settings& more = {});

}  // namespace support
