#include "compose/resampler.h"

#include <array>
#include <cmath>
#include <numbers>

#include "base/check.h"

namespace footlight::compose {
namespace {

constexpr int kPhases = 256;
using Taps = std::array<float, Resampler::kTaps>;

// Blackman-windowed sinc, each phase scaled to a gain of one at zero frequency.
std::array<Taps, kPhases + 1> make_table() {
  std::array<Taps, kPhases + 1> table{};
  for (int phase = 0; phase <= kPhases; ++phase) {
    double sum = 0;
    std::array<double, Resampler::kTaps> taps{};
    for (int i = 0; i < Resampler::kTaps; ++i) {
      const double x = i - Resampler::kBefore - static_cast<double>(phase) / kPhases;
      const double w = x / (Resampler::kTaps / 2.0);
      const double pi = std::numbers::pi;
      const double window = std::abs(w) >= 1 ? 0 : 0.42 + 0.5 * std::cos(pi * w) + 0.08 * std::cos(2 * pi * w);
      const double sinc = std::abs(x) < 1e-9 ? 1 : std::sin(pi * x) / (pi * x);
      taps[static_cast<size_t>(i)] = sinc * window;
      sum += sinc * window;
    }
    for (size_t i = 0; i < taps.size(); ++i) table[static_cast<size_t>(phase)][i] = static_cast<float>(taps[i] / sum);
  }
  return table;
}

}  // namespace

void Resampler::read(std::span<const float> in, double position, double step, std::span<float> out) {
  static const std::array<Taps, kPhases + 1> kTable = make_table();
  const size_t samples = out.size() / 2;
  for (size_t n = 0; n < samples; ++n) {
    const double at = position + step * static_cast<double>(n);
    const double whole = std::floor(at);
    const double place = (at - whole) * kPhases;
    const auto phase = static_cast<size_t>(place);
    const auto mix = static_cast<float>(place - static_cast<double>(phase));
    const auto first = static_cast<int64_t>(whole) - kBefore;
    CHECK(first >= 0 && static_cast<size_t>(first + kTaps) * 2 <= in.size());
    const float* source = in.data() + 2 * first;
    const Taps& a = kTable[phase];
    const Taps& b = kTable[phase + 1];
    float left = 0;
    float right = 0;
    for (size_t i = 0; i < kTaps; ++i) {
      const float tap = a[i] + (b[i] - a[i]) * mix;
      left += source[2 * i] * tap;
      right += source[2 * i + 1] * tap;
    }
    out[2 * n] = left;
    out[2 * n + 1] = right;
  }
}

}  // namespace footlight::compose
