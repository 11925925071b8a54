#include "compose/splice.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/check.h"

namespace footlight::compose {
namespace {

constexpr int kCoarse = 4;        // the first look: at 12 kHz, where a voice has its periods
constexpr double kAlike = 0.95;   // normalized correlation
constexpr double kAsGood = 0.02;  // a coarse peak may be half a sample off
constexpr double kQuiet = 0.003;  // -50 dB of full scale: a pause

constexpr int kSamples = Splice::kLongest + Splice::kWindow;
using Mono = std::array<float, kSamples>;

// Of `step` samples each, each less the one before: an offset or a rumble would make anything alike.
void to_mono(std::span<const float> in, int step, Mono& out) {
  const int count = std::min(static_cast<int>(in.size()) / 2, kSamples) / step;
  for (int i = 0; i < count; ++i) {
    float sum = 0;
    for (int k = 0; k < 2 * step; ++k) sum += in[static_cast<size_t>(2 * i * step + k)];
    out[static_cast<size_t>(i)] = sum / static_cast<float>(2 * step);
  }
  for (int i = 0; i + 1 < count; ++i)
    out[static_cast<size_t>(i)] = out[static_cast<size_t>(i) + 1] - out[static_cast<size_t>(i)];
}

double energy(const Mono& m, int from, int count) {
  double sum = 0;
  for (int i = from; i < from + count; ++i) {
    const double v = m[static_cast<size_t>(i)];
    sum += v * v;
  }
  return sum;
}

double alike(const Mono& m, int lag, int window) {
  double sum = 0;
  for (int i = 0; i < window; ++i)
    sum += static_cast<double>(m[static_cast<size_t>(i)]) * static_cast<double>(m[static_cast<size_t>(i + lag)]);
  const double both = energy(m, 0, window) * energy(m, lag, window);
  return both > 0 ? sum / std::sqrt(both) : 0;
}

bool is_quiet(std::span<const float> in) {
  double sum = 0;
  for (const float v : in) sum += static_cast<double>(v) * static_cast<double>(v);
  return std::sqrt(sum / static_cast<double>(in.size())) < kQuiet;
}

struct Best {
  int lag = 0;
  double score = 0;
};

// The longest of the peaks that are nearly as high as the highest.
Best best_of(const Mono& m, int from, int to, int window) {
  std::array<double, Splice::kLongest / kCoarse + 1> scores{};
  Best best;
  for (int lag = from; lag <= to; ++lag) {
    const double score = scores[static_cast<size_t>(lag)] = alike(m, lag, window);
    if (score > best.score) best = {lag, score};
  }
  for (int lag = to - 1; lag > best.lag; --lag) {
    const double* score = &scores[static_cast<size_t>(lag)];
    if (score[0] >= best.score - kAsGood && score[0] >= score[-1] && score[0] >= score[1]) return {lag, score[0]};
  }
  return best;
}

}  // namespace

int Splice::find(std::span<const float> in, int most) {
  most = std::min(most, kLongest);
  if (most < kShortest) return 0;
  CHECK(in.size() / 2 >= static_cast<size_t>(most + kWindow));
  in = in.first(2 * static_cast<size_t>(most + kWindow));
  Mono mono{};
  to_mono(in, kCoarse, mono);
  if (is_quiet(in)) return most;
  const Best coarse = best_of(mono, kShortest / kCoarse, most / kCoarse, kWindow / kCoarse - 1);
  if (coarse.score < kAlike) return 0;
  to_mono(in, 1, mono);
  const int about = coarse.lag * kCoarse;
  Best fine;
  for (int lag = std::max(kShortest, about - kCoarse); lag <= std::min(most, about + kCoarse); ++lag)
    if (const double score = alike(mono, lag, kWindow - 1); score > fine.score) fine = {lag, score};
  return fine.score >= kAlike ? fine.lag : 0;
}

void Splice::fade(std::span<const float> next, std::span<float> out) {
  for (int i = 0; i < kFade; ++i) {
    const auto w = static_cast<float>(0.5 - 0.5 * std::cos(std::numbers::pi * (i + 0.5) / kFade));
    for (const size_t at : {2 * static_cast<size_t>(i), 2 * static_cast<size_t>(i) + 1})
      out[at] += (next[at] - out[at]) * w;
  }
}

}  // namespace footlight::compose
