#pragma once
#include <span>

namespace footlight::compose {

// Reads stereo audio at any place between its samples: windowed sinc over 16 samples, table of 256 phases. Good for
// the ratios next to one that clock skew asks for; it is no sample-rate converter. Stateless but for its table.
class Resampler {
 public:
  static constexpr int kTaps = 16;
  static constexpr int kBefore = kTaps / 2 - 1;  // samples needed before floor(position)
  static constexpr int kAfter = kTaps / 2;       // and after it

  // Fills `out` (interleaved stereo) from `in` (interleaved stereo), starting at sample `position` of `in` and stepping
  // by `step`. The caller keeps kBefore samples before and kAfter after every position read.
  static void read(std::span<const float> in, double position, double step, std::span<float> out);
};

}  // namespace footlight::compose
