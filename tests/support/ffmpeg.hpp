#pragma once

#include <engram/io/child_process.hpp>

namespace support {

/// Whether movies can be made here.
inline bool have_ffmpeg() {
  return engram::io::find_program("ffmpeg").has_value();
}

}  // namespace support
