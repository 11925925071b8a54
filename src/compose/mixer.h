#pragma once
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/units.h"
#include "compose/feeds.h"

namespace footlight::compose {

// Everyone on stage who is not muted, at their gain, summed and softly limited. Changes of gain (mute, going off stage)
// ramp over one block, so nothing clicks. Owned by the Programme, on its thread: 20 ms of interleaved stereo per call.
class Mixer {
 public:
  void mix(const std::vector<StageInput>& inputs, Timestamp from, WallTime wall, std::span<float> out);

 private:
  std::map<std::string, float> gains_;  // by source id: as of the end of the last block
  std::vector<float> scratch_;
};

// Transparent below 0.8; above it bends towards 1 and never reaches beyond.
[[nodiscard]] float soft_limit(float sample);

}  // namespace footlight::compose
