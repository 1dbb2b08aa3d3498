// The figures of a training's folder.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/csv.hpp>
#include <engram/plot/curves.hpp>
#include <engram/plot/network_diagram.hpp>
#include <engram/train/history.hpp>

#include "support/network_stages.hpp"

namespace support {

/// Losses over the epochs.
void write_loss_figure(const std::filesystem::path& path, const engram::train::History& history);

/// Shares of variance of principal components and how many make up 95 %.
/// @param components  1 .. K
/// @param cumulative  the share of so many, [K], of which the last reaches 0.95
void write_variance_figure(const std::filesystem::path& path, const engram::Tensor<double>& components,
                           const engram::Tensor<double>& cumulative);

/// The network as a diagram.
template <class Model>
void write_network_figure(const std::filesystem::path& path, const Model& model, const engram::Shape& input) {
  engram::plot::write_network_diagram(path, network_stages<float>(model, input));
}

}  // namespace support
