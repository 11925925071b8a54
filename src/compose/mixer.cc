#include "compose/mixer.h"

#include <algorithm>
#include <cmath>

#include "compose/test_source.h"

namespace footlight::compose {

float soft_limit(float sample) {
  constexpr float kKnee = 0.8F;
  const float size = std::abs(sample);
  if (size <= kKnee) return sample;
  const float bent = kKnee + (1 - kKnee) * std::tanh((size - kKnee) / (1 - kKnee));
  return std::copysign(bent, sample);
}

void Mixer::mix(const std::vector<StageInput>& inputs, Timestamp from, WallTime wall, std::span<float> out) {
  std::ranges::fill(out, 0.0F);
  scratch_.resize(out.size());
  std::map<std::string, float> gains;
  for (const StageInput& input : inputs) {
    const bool heard = input.wish.on_stage && !input.wish.muted;
    const float target = heard ? static_cast<float>(std::pow(10.0, input.wish.gain_db / 20)) : 0.0F;
    const auto known = gains_.find(input.wish.id);
    const float before = known == gains_.end() ? target : known->second;
    gains[input.wish.id] = target;
    bool sound = false;
    // Pulled even when it is not heard: the reading place moves on with the clock.
    if (input.feed) sound = input.feed->pull_audio(from, scratch_);
    if (input.wish.kind == "test") {
      TestSource::sound(wall, scratch_);
      sound = true;
    }
    if (!sound || (before == 0 && target == 0)) continue;
    const float step = (target - before) / static_cast<float>(out.size() / 2);
    float gain = before;
    for (size_t i = 0; i < out.size(); i += 2, gain += step) {
      out[i] += scratch_[i] * gain;
      out[i + 1] += scratch_[i + 1] * gain;
    }
  }
  gains_ = std::move(gains);
  std::ranges::transform(out, out.begin(), soft_limit);
}

}  // namespace footlight::compose
