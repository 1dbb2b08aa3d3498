#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include <engram/analysis/circular.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

/// What a label measures, and with it how well it is decoded.
enum class LabelKind {
  linear,       ///< a number: scored by R2, the more the better
  circular,     ///< an angle, decoded as sine and cosine: scored by the mean absolute error, the less the better
  categorical,  ///< whole numbers that name classes: scored by accuracy, the more the better
};

enum class Decoder {
  neighbors,  ///< the mean over the nearest codes, or their vote for a class
  ridge,      ///< a linear function of the codes
};

struct DecodingOptions {
  LabelKind kind = LabelKind::linear;
  double period = two_pi;  ///< of a circular label, in its unit: 360 for degrees
  Decoder method = Decoder::neighbors;
  Index n_neighbors = 5;   ///< of Decoder::neighbors
  double alpha = 1.0;      ///< of Decoder::ridge: its penalty, for standardised codes
  Index folds = 10;        ///< contiguous blocks of time
  Index gap = 0;           ///< frames on either side of a block that are not learned from
  Index shifts = 200;      ///< of the labels in time, for the null; 0: none
  Index min_shift = 0;     ///< least lag of a shift in frames, both ways round; 0: a tenth of the recording
  std::uint64_t seed = 0;  ///< of the shifts
};

/// Differences between decoded and true labels, in the label's unit; NaN for categorical labels.
struct AbsoluteError {
  double mean = std::numeric_limits<double>::quiet_NaN();
  double median = std::numeric_limits<double>::quiet_NaN();
};

struct Decoding {
  double score = 0;            ///< over all held-out frames together, as LabelKind says
  AbsoluteError error;         ///< of the held-out frames
  double chance = 0;           ///< the score of predicting the training frames' mean, mean direction or largest class
  AbsoluteError chance_error;  ///< of that
  /// For each shift of the labels: a score as far from `chance` towards a perfect one as that of the shifted labels is
  /// from theirs, a skill score (Murphy, Mon. Weather Rev. 116, 2417, 1988). The shifted labels' own scores would not
  /// do where not all frames are held out: theirs are other labels, harder or easier to tell.
  std::vector<double> null;
  double p_value = 1;          ///< (1 + scores of `null` at least as good) / (1 + shifts)
  std::vector<Index> shifts;   ///< in frames: label i + shift (mod N) for code i
  Tensor<double> predicted{};  ///< the held-out prediction for each frame, in the label's unit: [N], NaN without
};

}  // namespace engram::analysis
