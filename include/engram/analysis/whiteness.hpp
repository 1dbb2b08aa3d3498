#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdlib>
#include <numeric>
#include <vector>

#include <engram/analysis/check_finite.hpp>
#include <engram/analysis/gaussian_blur.hpp>
#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

/// How pixels (dx, dy) apart go together; the pair (-dx, -dy) is the same.
struct LagCorrelation {
  Index dx = 0;
  Index dy = 0;
  double correlation = 0;  ///< 0 for white noise
  double z = 0;            ///< standard normal for white noise
};

/// Whether residuals look like white noise.
struct Whiteness {
  std::vector<LagCorrelation> lags;  ///< the half plane dy > 0 or (dy = 0 and dx > 0), by dy, then dx
  double largest = 0;                ///< largest |correlation| over the lags: the size of what is left
  double statistic = 0;              ///< sum of z^2 over the lags
  double p_value = 1;                ///< chance of such a statistic or a larger one for white noise
  double structure_correlation = 0;  ///< of the residual with the denoised images' detail
  double structure_z = 0;            ///< standard normal for noise that has nothing to do with the detail
};

namespace detail {

/// Of products that are expected to be 0.
struct ProductSums {
  double products = 0;
  double squares = 0;

  void add(double product) {
    products += product;
    squares += product * product;
  }
  void add(const ProductSums& other) {
    products += other.products;
    squares += other.squares;
  }
  double z() const { return squares > 0 ? products / std::sqrt(squares) : 0; }
};

/// Sums over the pixels of images.
struct ResidualSums {
  std::vector<ProductSums> lags;
  ProductSums structure;
  double residual_squares = 0;
  double detail_squares = 0;

  void add(const ResidualSums& other) {
    for (std::size_t i = 0; i < lags.size(); ++i) {
      lags[i].add(other.lags[i]);
    }
    structure.add(other.structure);
    residual_squares += other.residual_squares;
    detail_squares += other.detail_squares;
  }
};

/// a - b of an image's planes [C, H, W], each plane less its mean.
template <class T>
std::vector<double> centred_difference(const T* a, const T* b, Index channels, Index plane) {
  std::vector<double> difference(static_cast<std::size_t>(channels * plane));
  std::transform(a, a + channels * plane, b, difference.begin(),
                 [](T x, T y) { return static_cast<double>(x) - static_cast<double>(y); });
  for (auto begin = difference.begin(); begin != difference.end(); begin += plane) {
    const double mean = std::accumulate(begin, begin + plane, 0.0) / static_cast<double>(plane);
    std::for_each(begin, begin + plane, [=](double& v) { v -= mean; });
  }
  return difference;
}

inline double sum_of_squares(const std::vector<double>& x) {
  return std::inner_product(x.begin(), x.end(), x.begin(), 0.0);
}

/// Over the pairs of pixels (dx, dy) apart in planes [C, H, W] of which the mean was taken away. The products of white
/// noise then have the mean -squares / (n (n - 1)), n = H W, which is added back.
inline ProductSums lag_products(const std::vector<double>& residual, double squares, Index height, Index width,
                                const LagCorrelation& lag) {
  const Index plane = height * width;
  ProductSums sums;
  Index pairs = 0;
  for (Index y = 0; y < height - lag.dy; ++y) {
    for (Index x = std::max<Index>(0, -lag.dx); x < width - std::max<Index>(0, lag.dx); ++x) {
      double product = 0;
      for (Index at = y * width + x; at < std::ssize(residual); at += plane) {
        product +=
            residual[static_cast<std::size_t>(at)] * residual[static_cast<std::size_t>(at + lag.dy * width + lag.dx)];
      }
      sums.add(product);
      ++pairs;
    }
  }
  sums.products += squares * static_cast<double>(pairs) / static_cast<double>(plane * (plane - 1));
  return sums;
}

template <class T>
ResidualSums residual_sums(const Tensor<T>& noisy, const Tensor<T>& denoised, const Tensor<T>& blurred, Index image,
                           const std::vector<LagCorrelation>& lags) {
  const Index plane = noisy.dim(2) * noisy.dim(3);
  const Index at = image * noisy.dim(1) * plane;
  const auto residual = centred_difference(noisy.data() + at, denoised.data() + at, noisy.dim(1), plane);
  const auto detail = centred_difference(denoised.data() + at, blurred.data() + at, noisy.dim(1), plane);
  ResidualSums sums;
  sums.residual_squares = sum_of_squares(residual);
  sums.detail_squares = sum_of_squares(detail);
  for (const LagCorrelation& lag : lags) {
    sums.lags.push_back(lag_products(residual, sums.residual_squares, noisy.dim(2), noisy.dim(3), lag));
  }
  for (Index pixel = 0; pixel < plane; ++pixel) {
    double product = 0;
    for (Index i = pixel; i < std::ssize(residual); i += plane) {
      product += residual[static_cast<std::size_t>(i)] * detail[static_cast<std::size_t>(i)];
    }
    sums.structure.add(product);
  }
  return sums;
}

/// Chance of a chi-square variable of `degrees` (even) degrees of freedom above x: exp(-x/2) sum (x/2)^k / k!.
inline double chi_square_tail(double x, Index degrees) {
  double term = std::exp(-x / 2);
  double sum = term;
  for (Index k = 1; k < degrees / 2; ++k) {
    term *= x / 2 / static_cast<double>(k);
    sum += term;
  }
  return std::min(sum, 1.0);
}

}  // namespace detail

struct WhitenessOptions {
  Index max_lag = 2;        ///< pixels, in either direction
  double detail_sigma = 2;  ///< pixels; detail is what a Gaussian blur of this width takes away
};

/// Whether what a denoiser removed looks like white noise, or has the image's structure in it (a tail smoothed away).
///
/// Of the residual e = noisy - denoised, less the mean of each image and channel: the correlation of pixels (dx, dy)
/// apart for all lags up to max_lag in a half plane, pooled over images and channels,
/// r = mean e(s) e(s + lag) / mean e(s)^2 and z = sum p(s) / sqrt(sum p(s)^2), p(s) = sum over channels e(s) e(s +
/// lag); and the portmanteau statistic sum z^2, which is chi-square with as many degrees of freedom as there are lags.
/// Both hold also for noise whose variance depends on the pixel (a camera's), and where channels share it, since z is
/// divided by what the products themselves scatter. That the mean was taken away is corrected for.
///
/// And the correlation of e with the denoised images' detail (denoised less its Gaussian blur, less its mean), positive
/// where part of an edge or a line was taken away with the noise. A linear filter leaves some noise in what it returns
/// and so finds it in the detail, too: for pure noise it has correlations other than 0, rightly.
///
/// With many frames the smallest trace is significant: `largest` and `structure_correlation` say how much there is, the
/// others whether it can be chance. Where nothing was removed all are 0 and p is 1.
/// @param noisy, denoised  images [N, C, H, W], finite
/// @throws ShapeError unless both have one such shape with H and W above max_lag; ArgumentError unless max_lag >= 1,
/// detail_sigma > 0 and all elements are finite
/// Source: Box, Pierce, "Distribution of residual autocorrelations", JASA 65, 1970 (the statistic); Dalla, Giraitis,
/// Phillips, "Robust tests for white noise and cross-correlation", Econometric Theory 38, 2022 (z); Buades, Coll,
/// Morel, "A review of image denoising algorithms, with a new one", Multiscale Modeling and Simulation 4, 2005 (that
/// what is removed should look like noise).
template <std::floating_point T>
Whiteness whiteness(const Tensor<T>& noisy, const Tensor<T>& denoised, const WhitenessOptions& options = {}) {
  ensure<ShapeError>(noisy.shape() == denoised.shape() && noisy.rank() == 4 && noisy.size() > 0,
                     "whiteness: need two batches of images [N, C, H, W] of one shape, got ", noisy.shape(), " and ",
                     denoised.shape());
  ensure<ArgumentError>(options.max_lag >= 1, "whiteness: need max_lag >= 1, got ", options.max_lag);
  ensure<ArgumentError>(options.detail_sigma > 0 && std::isfinite(options.detail_sigma),
                        "whiteness: need detail_sigma > 0, got ", options.detail_sigma);
  ensure<ShapeError>(noisy.dim(2) > options.max_lag && noisy.dim(3) > options.max_lag,
                     "whiteness: need images larger than max_lag = ", options.max_lag, ", got ", noisy.shape());
  detail::check_finite("whiteness", "noisy", noisy);
  detail::check_finite("whiteness", "denoised", denoised);
  Whiteness result;
  for (Index dy = 0; dy <= options.max_lag; ++dy) {
    for (Index dx = dy == 0 ? 1 : -options.max_lag; dx <= options.max_lag; ++dx) {
      result.lags.push_back({.dx = dx, .dy = dy});
    }
  }
  const Tensor<T> blurred = gaussian_blur(denoised, options.detail_sigma);
  std::vector<detail::ResidualSums> sums(static_cast<std::size_t>(noisy.dim(0)));
  parallel_for(noisy.dim(0), [&](Index image) {
    sums[static_cast<std::size_t>(image)] = detail::residual_sums(noisy, denoised, blurred, image, result.lags);
  });
  detail::ResidualSums total = sums.front();
  for (std::size_t i = 1; i < sums.size(); ++i) {
    total.add(sums[i]);
  }
  const auto images = static_cast<double>(noisy.dim(0));
  for (std::size_t i = 0; i < result.lags.size(); ++i) {
    LagCorrelation& lag = result.lags[i];
    const Index pairs = (noisy.dim(2) - lag.dy) * (noisy.dim(3) - std::abs(lag.dx));
    const double variance = total.residual_squares / (images * static_cast<double>(noisy.dim(2) * noisy.dim(3) - 1));
    lag.correlation = variance > 0 ? total.lags[i].products / (images * static_cast<double>(pairs) * variance) : 0;
    lag.z = total.lags[i].z();
    result.largest = std::max(result.largest, std::abs(lag.correlation));
    result.statistic += lag.z * lag.z;
  }
  result.p_value = detail::chi_square_tail(result.statistic, std::ssize(result.lags));
  const double scale = std::sqrt(total.residual_squares) * std::sqrt(total.detail_squares);
  result.structure_correlation = scale > 0 ? total.structure.products / scale : 0;
  result.structure_z = total.structure.z();
  return result;
}

}  // namespace engram::analysis
