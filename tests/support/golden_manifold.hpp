#pragma once

#include <string>

#include <engram/io/npy.hpp>

namespace support {

/// The array in golden_manifold/NAME.npy.
template <class T = float>
engram::Tensor<T> golden_manifold(const std::string& name) {
  return engram::io::read_npy(ENGRAM_TEST_DIR "/golden_manifold/" + name + ".npy").as<T>();
}

}  // namespace support
