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
engram::Tensor<float> pixel_rows(const engram::data::Frames& frames, const std::vector<Index>& items);

/// A fitted reduction of frames to codes.
class Reduction {
 public:
  using Method = std::variant<engram::embed::Pca<float>, engram::embed::Umap>;

  explicit Reduction(Method method) : method_(std::move(method)) {}

  /// Fits the rows x [N, D].
  static Reduction fit(const std::string& name, Index dimensions, const engram::embed::UmapOptions& umap,
                       const engram::Tensor<float>& x);

  /// What save() wrote.
  static Reduction load(const std::string& name, const std::filesystem::path& file);

  void save(const std::filesystem::path& file) const;

  /// Codes [N, dimensions] of rows x [N, D].
  engram::Tensor<float> transform(const engram::Tensor<float>& x) const;

  /// Null for UMAP.
  const engram::embed::Pca<float>* pca() const { return std::get_if<engram::embed::Pca<float>>(&method_); }

 private:
  Method method_;
};

}  // namespace support
