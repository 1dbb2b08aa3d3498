#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include <engram/autograd/variable.hpp>
#include <engram/core/settings.hpp>
#include <engram/core/shape.hpp>
#include <engram/nn/layer_visitor.hpp>
#include <engram/nn/module.hpp>
#include <engram/nn/state.hpp>
#include <engram/onnx/exporter.hpp>
#include <engram/onnx/graph.hpp>

namespace engram::onnx {

struct ExportOptions {
  std::string input = "x";   ///< name of what the model gets
  std::string output = "y";  ///< name of its result
  Settings metadata = {};    ///< kept in the file, such as the pixel value that is 1, or the labels' names
};

/// Writes a model as it is in evaluation mode to an .onnx file of operator set 17, for batches of any size: the study's
/// networks and any Sequential of our layers. Weights are float32 under their PyTorch names; what a model calls an
/// output, such as an autoencoder's "code", is one of the file's too.
///
///     onnx::write(path, model, {1, 50, 50}, {.input = "frames", .output = "denoised"});
///
/// @param item  shape of one item, [C, H, W] or [F]
/// @throws ArgumentError for a layer that ONNX cannot express, ShapeError for items that the model does not take,
/// IoError if the file cannot be written; a file that was there before is then still whole
template <class Model>
void write(const std::filesystem::path& path, const Model& model, const Shape& item,
           const ExportOptions& options = {}) {
  using T = nn::ModelValue<Model>;
  const NoGrad no_grad;
  std::map<const void*, std::string> names;
  for (const auto& parameter : model.parameters()) {
    names.emplace(parameter.variable.node(), parameter.name);
  }
  Graph graph;
  detail::Exporter<T> exporter(graph, graph.input(options.input, item), item, std::move(names));
  nn::describe<T>(model, exporter);
  graph.output(exporter.value(), options.output, exporter.item());
  graph.write(path, options.metadata);
}

}  // namespace engram::onnx
