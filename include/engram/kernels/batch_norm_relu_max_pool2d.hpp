#pragma once

#include <cstddef>

#include <engram/core/buffer.hpp>
#include <engram/kernels/batch_norm.hpp>

namespace engram::kernels {

// Images [batch, channels, height, width] are pooled by windows of 2 x 2 pixels, 2 apart, to floor(height / 2) x
// floor(width / 2).

namespace detail {

inline Index pooled_area(const BatchNormGeometry& g) {
  return g.height() / 2 * (g.width / 2);
}

/// The four pixels of each window of a plane, upper ones first, in four arrays [height / 2, width / 2]: neighbours in
/// memory are then pixels of neighbouring windows.
template <class T>
class WindowPixels {
 public:
  explicit WindowPixels(const BatchNormGeometry& g)
      : height_(g.height()),
        width_(g.width),
        area_(pooled_area(g)),
        pixels_(static_cast<std::size_t>(4 * pooled_area(g))) {}

  T* operator[](Index place) { return pixels_.data() + place * area_; }

  [[gnu::always_inline]] void read(const T* plane) {
    for_each_row([&](Index begin, Index across, T* left, T* right) {
      const T* from = plane + begin;
      for_each_lane(0, across, [=](Index i) {
        left[i] = from[2 * i];
        right[i] = from[2 * i + 1];
      });
    });
  }
  [[gnu::always_inline]] void write(T* plane) {
    for_each_row([&](Index begin, Index across, const T* left, const T* right) {
      T* to = plane + begin;
      for_each_lane(0, across, [=](Index i) {
        to[2 * i] = left[i];
        to[2 * i + 1] = right[i];
      });
    });
  }

 private:
  /// f(where a row begins in the plane, windows across, their left pixels, their right pixels)
  template <class F>
  [[gnu::always_inline]] void for_each_row(F f) {
    const Index across = width_ / 2;
    for (Index row = 0; row < height_ / 2 * 2; ++row) {
      T* left = (*this)[row % 2 * 2] + row / 2 * across;
      f(row * width_, across, left, left + area_);
    }
  }

  Index height_;
  Index width_;
  Index area_;  // of a pooled plane
  Buffer<T> pixels_;
};

/// Which pixel of a window is the largest after batch norm, the first of equal ones, and whether ReLU lets it pass.
/// Numbers 0 and 1 in place of choices, so that loops become vectors.
template <class T>
struct PoolWinner {
  T share[4];  ///< 1 for the winner if it passes, else 0
  T passes;    ///< 1 or 0
  T x;         ///< the winner if it passes

  [[gnu::always_inline]] PoolWinner(const ChannelLine<T>& line, T a, T b, T c, T d) {
    const T za = line(a);
    const T zb = line(b);
    const T zc = line(c);
    const T zd = line(d);
    const T right_above = zb > za ? T{1} : T{0};
    const T right_below = zd > zc ? T{1} : T{0};
    const T above = zb > za ? zb : za;
    const T below = zd > zc ? zd : zc;
    const T down = below > above ? T{1} : T{0};
    const T most = below > above ? below : above;
    passes = most > T{0} ? T{1} : T{0};
    const T up_share = passes * (T{1} - down);
    const T down_share = passes * down;
    share[0] = up_share * (T{1} - right_above);
    share[1] = up_share * right_above;
    share[2] = down_share * (T{1} - right_below);
    share[3] = down_share * right_below;
    x = share[0] * a + share[1] * b + share[2] * c + share[3] * d;
  }
};

}  // namespace detail

/// y = max_pool2d(max(0, batch_norm(x))) with windows of 2 x 2: one pass over memory in place of three. y [batch,
/// channels, height / 2, width / 2] is overwritten.
template <class T>
void batch_norm_relu_max_pool2d(const BatchNormGeometry& g, const BatchNormInputs<T>& in, T* y) {
  detail::for_each_channel(g.channels, [&](Index channel) {
    const detail::ChannelLine<T> line(in, channel);
    const Index area = detail::pooled_area(g);
    detail::WindowPixels<T> pixels(g);
    const T *a = pixels[0], *b = pixels[1], *c = pixels[2], *d = pixels[3];
    for (Index n = 0; n < g.batch; ++n) {
      const Index plane = n * g.channels + channel;
      pixels.read(in.x + plane * g.area);
      T* to = y + plane * area;
      for_each_lane(0, area, [=](Index i) {
        const T z = larger(larger(line(a[i]), line(b[i])), larger(line(c[i]), line(d[i])));
        to[i] = z < T{0} ? T{0} : z;
      });
    }
  });
}

/// Gradients of batch_norm_relu_max_pool2d. Winners are found again from x, so that neither they nor anything between x
/// and y need be kept.
template <class T>
void batch_norm_relu_max_pool2d_grad(const BatchNormGeometry& g, const T* dy, const BatchNormInputs<T>& in,
                                     bool training, const BatchNormGradients<T>& out) {
  detail::for_each_channel(g.channels, [&](Index channel) {
    const detail::ChannelLine<T> line(in, channel);
    const Index area = detail::pooled_area(g);
    detail::WindowPixels<T> pixels(g);
    T *a = pixels[0], *b = pixels[1], *c = pixels[2], *d = pixels[3];
    detail::ChannelGradient<T> gradient(in, channel);
    const T centre = gradient.centre;
    for (Index n = 0; n < g.batch; ++n) {
      const Index plane = n * g.channels + channel;
      const T* from = dy + plane * area;
      pixels.read(in.x + plane * g.area);
      gradient.add(
          sum_lanes<T>(0, area,
                       [=](Index i) { return from[i] * detail::PoolWinner<T>(line, a[i], b[i], c[i], d[i]).passes; }),
          sum_lanes<T>(0, area, [=](Index i) {
            const detail::PoolWinner<T> winner(line, a[i], b[i], c[i], d[i]);
            return from[i] * (winner.x - winner.passes * centre);
          }));
    }
    gradient.finish(g.per_channel(), training, out.dweight[channel], out.dbias[channel]);
    const T mean_dy = gradient.mean_dy;
    const T slope = gradient.slope;
    const auto rest = [=](T x) { return -line.scale * (mean_dy + (x - centre) * slope); };
    for (Index n = 0; n < g.batch && out.dx != nullptr; ++n) {
      const Index plane = n * g.channels + channel;
      const T* from = dy + plane * area;
      const T* x = in.x + plane * g.area;
      T* dx = out.dx + plane * g.area;
      if (g.height() % 2 == 1 || g.width % 2 == 1) {  // the last row or column is in no window
        for_each_lane(0, g.area, [=](Index i) { dx[i] = rest(x[i]); });
      }
      pixels.read(x);
      for_each_lane(0, area, [=](Index i) {
        const detail::PoolWinner<T> winner(line, a[i], b[i], c[i], d[i]);
        const T step = line.scale * from[i];
        a[i] = step * winner.share[0] + rest(a[i]);
        b[i] = step * winner.share[1] + rest(b[i]);
        c[i] = step * winner.share[2] + rest(c[i]);
        d[i] = step * winner.share[3] + rest(d[i]);
      });
      pixels.write(dx);
    }
  });
}

}  // namespace engram::kernels
