#include "support/reduction.hpp"

namespace support {

engram::Tensor<float> pixel_rows(const engram::data::Frames& frames, const std::vector<Index>& items) {
  auto batch = frames.batch<float>(items);
  return std::move(batch).reshaped({std::ssize(items), -1});
}

Reduction Reduction::fit(const std::string& name, Index dimensions, const engram::embed::UmapOptions& umap,
                         const engram::Tensor<float>& x) {
  if (name == "pca") {
    return Reduction(Method(engram::embed::Pca<float>({.n_components = dimensions}).fit(x)));
  }
  engram::embed::UmapOptions options = umap;
  options.n_components = dimensions;
  return Reduction(Method(engram::embed::Umap(options).fit(x)));
}

Reduction Reduction::load(const std::string& name, const std::filesystem::path& file) {
  return name == "pca" ? Reduction(Method(engram::embed::load_pca<float>(file)))
                       : Reduction(Method(engram::embed::Umap::load(file)));
}

void Reduction::save(const std::filesystem::path& file) const {
  if (const auto* pca = std::get_if<engram::embed::Pca<float>>(&method_)) {
    engram::embed::save_pca(file, *pca);
  } else {
    std::get<engram::embed::Umap>(method_).save(file);
  }
}

engram::Tensor<float> Reduction::transform(const engram::Tensor<float>& x) const {
  return std::visit([&](const auto& method) { return method.transform(x); }, method_);
}

}  // namespace support
