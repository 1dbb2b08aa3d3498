// PCA or UMAP in place of an encoder.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/data/frames.hpp>
#include <engram/embed/pca.hpp>
#include <engram/embed/pca/file.hpp>
#include <engram/embed/umap.hpp>

namespace support {

using engram::Index;

/// Frames as rows of pixels [n, C H W].
inline engram::Tensor<float> pixel_rows(const engram::data::Frames& frames, const std::vector<Index>& items) {
  auto batch = frames.batch<float>(items);
  return std::move(batch).reshaped({std::ssize(items), -1});
}

/// A fitted reduction of frames to codes.
class Reduction {
 public:
  using Method = std::variant<engram::embed::Pca<float>, engram::embed::Umap>;

  explicit Reduction(Method method) : method_(std::move(method)) {}

  /// Fits the rows x [N, D].
  static Reduction fit(const std::string& name, Index dimensions, const engram::embed::UmapOptions& umap,
                       const engram::Tensor<float>& x) {
    if (name == "pca") {
      return Reduction(Method(engram::embed::Pca<float>({.n_components = dimensions}).fit(x)));
    }
    engram::embed::UmapOptions options = umap;
    options.n_components = dimensions;
    return Reduction(Method(engram::embed::Umap(options).fit(x)));
  }

  /// What save() wrote.
  static Reduction load(const std::string& name, const std::filesystem::path& file) {
    return name == "pca" ? Reduction(Method(engram::embed::load_pca<float>(file)))
                         : Reduction(Method(engram::embed::Umap::load(file)));
  }

  void save(const std::filesystem::path& file) const {
    if (const auto* pca = std::get_if<engram::embed::Pca<float>>(&method_)) {
      engram::embed::save_pca(file, *pca);
    } else {
      std::get<engram::embed::Umap>(method_).save(file);
    }
  }

  /// Codes [N, dimensions] of rows x [N, D].
  engram::Tensor<float> transform(const engram::Tensor<float>& x) const {
    return std::visit([&](const auto& method) { return method.transform(x); }, method_);
  }

  /// Null for UMAP.
  const engram::embed::Pca<float>* pca() const { return std::get_if<engram::embed::Pca<float>>(&method_); }

 private:
  Method method_;
};

}  // namespace support
