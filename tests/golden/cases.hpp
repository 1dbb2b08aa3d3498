#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <engram/core/tensor.hpp>

namespace golden {

using engram::Index;
using engram::Tensor;

/// Where the cases are: the two folders beside this file, or the one that the environment names.
inline std::vector<std::filesystem::path> folders() {
  const char* other = std::getenv("ENGRAM_GOLDEN_DIR");
  if (other != nullptr) {
    return {other};
  }
  return {ENGRAM_TEST_DIR "/golden", ENGRAM_TEST_DIR "/golden_more"};
}
inline bool is_shipped() {
  return std::getenv("ENGRAM_GOLDEN_DIR") == nullptr;
}

/// The cases of one operation; all of them if `op` is empty. Their "file" is a whole path.
inline std::vector<nlohmann::json> cases(const std::string& op = "") {
  std::vector<nlohmann::json> chosen;
  for (const auto& folder : folders()) {
    std::ifstream file(folder / "index.json");
    for (auto& one : nlohmann::json::parse(file)) {
      if (op.empty() || one["op"] == op) {
        one["file"] = (folder / one["file"]).string();
        chosen.push_back(std::move(one));
      }
    }
  }
  return chosen;
}

/// max |a - b| / max |b|; infinite where shapes differ or a value is not finite.
template <class T>
double relative_error(const Tensor<T>& a, const Tensor<double>& b) {
  double difference = 0;
  double scale = 1e-300;
  if (a.shape() != b.shape()) {
    return INFINITY;
  }
  for (Index i = 0; i < a.size(); ++i) {
    const double d = std::abs(static_cast<double>(a[i]) - b[i]);
    if (!std::isfinite(d)) {
      return INFINITY;
    }
    difference = std::max(difference, d);
    scale = std::max(scale, std::abs(b[i]));
  }
  return difference / scale;
}

}  // namespace golden
