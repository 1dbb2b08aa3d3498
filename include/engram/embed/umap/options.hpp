#pragma once

#include <cstdint>
#include <optional>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>
#include <engram/embed/neighbors/metric.hpp>
#include <engram/embed/umap/curve.hpp>
#include <engram/embed/umap/init.hpp>

namespace engram::embed {

/// What a UMAP is to be like. Names, meanings and defaults are umap-learn's; learning_rate and repulsion_strength
/// act on the steps of Adam (see Layout), not on those of plain descent.
struct UmapOptions {
  Index n_neighbors = 15;        ///< that make a row's surroundings, itself included; the number of rows at most
  Index n_components = 2;        ///< dimensions of the map
  double min_dist = 0.1;         ///< how near points may lie in the map, 0 .. spread
  double spread = 1;             ///< the scale of the map, together with min_dist
  std::optional<double> a = {};  ///< of the curve 1 / (1 + a d^(2 b)), see fit_curve; none: of spread and min_dist
  std::optional<double> b = {};  ///< given together with a
  std::optional<Index> n_epochs = {};  ///< none: 500 up to 10,000 rows, else 200; with densmap 200 more
  double learning_rate = 1;            ///< of the first epoch
  Index negative_sample_rate = 5;      ///< points that push, per edge that pulls
  double repulsion_strength = 1;       ///< weight of the push
  double local_connectivity = 1;       ///< nearest rows that are wholly connected
  double set_op_mix_ratio = 1;         ///< 1: union of the rows' views, 0: their intersection
  Metric metric = Metric::euclidean;   ///< of the data
  UmapInit init = UmapInit::spectral;  ///< where the points start
  std::uint64_t random_state = 0;  ///< the map is a function of data, options and this seed, on any number of threads
  bool densmap = false;            ///< dense regions become dense regions, see density.hpp
  double dens_lambda = 2;          ///< densMAP: weight of the density's part
  double dens_frac = 0.3;          ///< densMAP: share of the epochs, the last ones, that it is in force
  double dens_var_shift = 0.1;     ///< densMAP: added to the variance of the radii in the map

  /// Epochs for that many rows.
  Index epochs(Index rows) const { return n_epochs.value_or((rows <= 10000 ? 500 : 200) + (densmap ? 200 : 0)); }

  Curve curve() const { return a.has_value() ? Curve{*a, *b} : fit_curve(spread, min_dist); }

  /// @throws ArgumentError for what no map can be made with; what the layout takes is checked there (LayoutOptions)
  void check() const {
    ensure<ArgumentError>(n_neighbors >= 2, "Umap: need n_neighbors >= 2, got ", n_neighbors);
    ensure<ArgumentError>(n_components >= 1, "Umap: need n_components >= 1, got ", n_components);
    ensure<ArgumentError>(a.has_value() == b.has_value(), "Umap: need both a and b or none of them, got ",
                          a.has_value() ? "a" : "b", " alone");
    ensure<ArgumentError>(local_connectivity >= 0 && local_connectivity <= 1e9,
                          "Umap: need local_connectivity from 0 to 1e9, got ", local_connectivity);
    ensure<ArgumentError>(set_op_mix_ratio >= 0 && set_op_mix_ratio <= 1, "Umap: need 0 <= set_op_mix_ratio <= 1, got ",
                          set_op_mix_ratio);
    ensure<ArgumentError>(dens_lambda >= 0 && dens_lambda <= 1e6, "Umap: need dens_lambda from 0 to 1e6, got ",
                          dens_lambda);
    ensure<ArgumentError>(dens_frac >= 0 && dens_frac <= 1, "Umap: need 0 <= dens_frac <= 1, got ", dens_frac);
    ensure<ArgumentError>(dens_var_shift >= 0 && dens_var_shift <= 1e6, "Umap: need dens_var_shift from 0 to 1e6, got ",
                          dens_var_shift);
  }
};

}  // namespace engram::embed
