#pragma once

#include <engram/kernels/batch_norm.hpp>
#include <engram/kernels/lanes.hpp>

namespace engram::kernels {

/// y = max(0, batch_norm(x)): one pass over memory in place of two. y is overwritten.
template <class T>
void batch_norm_relu(const BatchNormGeometry& g, const BatchNormInputs<T>& in, T* y) {
  detail::for_each_channel(g.channels, [&](Index c) {
    const detail::ChannelLine<T> line(in, c);
    const T* x = in.x;
    for (Index n = 0; n < g.batch; ++n) {
      const Index begin = (n * g.channels + c) * g.area;
      for_each_lane(begin, begin + g.area, [=](Index i) {
        const T z = line(x[i]);
        y[i] = z < T{0} ? T{0} : z;
      });
    }
  });
}

/// Gradients of batch_norm_relu. Whether ReLU let an element pass is computed again from x, so that the result of the
/// batch norm need not be kept.
template <class T>
void batch_norm_relu_grad(const BatchNormGeometry& g, const T* dy, const BatchNormInputs<T>& in, bool training,
                          const BatchNormGradients<T>& out) {
  const T* x = in.x;
  detail::batch_norm_grad(g, in, training, out, [dy, x](const detail::ChannelLine<T>& line, Index i) {
    const T d = dy[i];
    return line(x[i]) <= T{0} ? T{0} : d;
  });
}

}  // namespace engram::kernels
