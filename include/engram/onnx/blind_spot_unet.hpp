#pragma once

#include <algorithm>
#include <concepts>
#include <filesystem>
#include <string>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/models/blind_spot_unet.hpp>
#include <engram/onnx/export.hpp>
#include <engram/onnx/graph.hpp>
#include <engram/ops/pad.hpp>

namespace engram::onnx {

namespace detail {

/// Puts a U-Net's blocks into a graph, weights by their names.
template <std::floating_point T>
class UnetBlocks {
 public:
  UnetBlocks(Graph& graph, const models::BlindSpotUnet<T>& model) : graph_(graph), parameters_(model.parameters()) {}

  std::string conv(const std::string& x, const std::string& name) {
    const Tensor<T>& weight = parameter(name + ".weight");
    const kernels::Pair kernel{weight.dim(2), weight.dim(3)};
    return graph_.node(
        "Conv",
        {x, graph_.constant(weight, name + ".weight"), graph_.constant(parameter(name + ".bias"), name + ".bias")},
        window_attributes(kernel, 1, {kernel.y / 2, kernel.x / 2}, 1));
  }
  /// Two convolutions with ReLU.
  std::string block(const std::string& x, const std::string& name) {
    const std::string first = graph_.node("Relu", {conv(x, name + ".0")});
    return graph_.node("Relu", {conv(first, name + ".2")});
  }

 private:
  const Tensor<T>& parameter(const std::string& name) const {
    return std::ranges::find(parameters_, name, &nn::NamedParameter<T>::name)->variable.value();
  }

  Graph& graph_;
  nn::Parameters<T> parameters_;
};

}  // namespace detail

/// Writes a BlindSpotUnet to an .onnx file, as the other write() does: images of one size to their pixels' means and,
/// after them, variances [N, 2 C, H, W]. Blind spots are the caller's part.
/// @param item  [C, H, W]
/// @throws ShapeError for items that the network does not take; IoError if the file cannot be written
template <std::floating_point T>
void write(const std::filesystem::path& path, const models::BlindSpotUnet<T>& model, const Shape& item,
           const ExportOptions& options = {}) {
  const models::BlindSpotUnetOptions& o = model.options();
  ensure<ShapeError>(
      item.rank() == 3 && item[0] == o.channels && item[1] >= model.multiple() && item[2] >= model.multiple(),
      "onnx: need items [", o.channels, ", H >= ", model.multiple(), ", W >= ", model.multiple(), "], got ", item);
  Graph graph;
  detail::UnetBlocks<T> blocks(graph, model);
  const std::string mean = graph.constant(o.mean);
  const std::string deviation = graph.constant(o.deviation);
  std::string x = graph.node("Div", {graph.node("Sub", {graph.input(options.input, item), mean}), deviation});
  const Padding2d border = Padding2d::to_multiple(item[1], item[2], model.multiple());
  x = graph.node("Pad", {x, graph.constant({0, 0, border.top, border.left, 0, 0, border.bottom, border.right})},
                 {Attribute("mode", "reflect")});
  std::vector<std::string> skipped;
  for (Index i = 0; i < o.depth; ++i) {
    skipped.push_back(blocks.block(x, text("down.", i)));
    x = graph.node("MaxPool", {skipped.back()}, {Attribute("kernel_shape", {2, 2}), Attribute("strides", {2, 2})});
  }
  x = blocks.block(x, "bottom");
  const std::string twice = graph.constant(Tensor<T>::from({4}, {1, 1, 2, 2}));
  for (Index i = 0; i < o.depth; ++i) {
    const std::string larger = graph.node("Resize", {x, "", twice},
                                          {Attribute("mode", "nearest"), Attribute("nearest_mode", "floor"),
                                           Attribute("coordinate_transformation_mode", "asymmetric")});
    x = blocks.block(graph.node("Concat", {larger, skipped.back()}, {Attribute("axis", Index{1})}), text("up.", i));
    skipped.pop_back();
  }
  x = blocks.conv(x, "last");
  const auto channels = [&](Index begin, Index end) {  // of the image, without its border
    return graph.node("Slice",
                      {x, graph.constant({begin, border.top, border.left}),
                       graph.constant({end, border.top + item[1], border.left + item[2]}), graph.constant({1, 2, 3})});
  };
  const std::string means = graph.node("Add", {graph.node("Mul", {channels(0, o.channels), deviation}), mean});
  const double least = models::BlindSpotUnet<T>::least_deviation;
  const std::string doubt = graph.node(
      "Add", {graph.node("Softplus", {channels(o.channels, 2 * o.channels)}), graph.constant(least * least)});
  const std::string variances = graph.node("Mul", {doubt, graph.constant(o.deviation * o.deviation)});
  graph.output(graph.node("Concat", {means, variances}, {Attribute("axis", Index{1})}), options.output,
               {2 * o.channels, item[1], item[2]});
  graph.write(path, options.metadata);
}

}  // namespace engram::onnx
