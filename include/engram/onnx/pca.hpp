#pragma once

#include <concepts>
#include <filesystem>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/pca/model.hpp>
#include <engram/onnx/export.hpp>
#include <engram/onnx/graph.hpp>

namespace engram::onnx {

/// Writes what transform() of a fitted Pca or IncrementalPca does, rows [N, D] to coordinates [N, K], to an .onnx file.
/// @throws ArgumentError if nothing has been fitted; IoError if the file cannot be written
template <std::floating_point T>
void write(const std::filesystem::path& path, const embed::PcaModel<T>& pca, const ExportOptions& options = {}) {
  ensure<ArgumentError>(pca.result().n_samples > 0, "onnx: need a Pca that data were fitted to");
  Tensor<T> directions = pca.components();
  const Index columns = directions.dim(1);
  const Tensor<double> deviations = pca.deviations();
  for (Index i = 0; pca.result().whiten && i < directions.size(); ++i) {
    const double own = deviations[i / columns];
    directions[i] = own > 0 ? static_cast<T>(static_cast<double>(directions[i]) / own) : T{0};
  }
  Graph graph;
  const std::string centred =
      graph.node("Sub", {graph.input(options.input, {columns}), graph.constant(pca.mean(), "mean")});
  graph.output(graph.node("Gemm", {centred, graph.constant(directions, "components")}, {Attribute("transB", Index{1})}),
               options.output, {pca.n_components()});
  graph.write(path, options.metadata);
}

}  // namespace engram::onnx
