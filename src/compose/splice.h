#pragma once
#include <span>

namespace footlight::compose {

// Where sound can be left out so that nobody hears it: in a pause, or whole periods of a voice or a tone, the next one
// faded in over the last. What time-scale modification by overlap and add rests on (WSOLA: Verhelst and Roelands 1993).
// Stateless.
class Splice {
 public:
  static constexpr int kShortest = 120;  // samples at 48 kHz: 2.5 ms, a period of the highest voice
  static constexpr int kLongest = 720;   // 15 ms, one of the lowest
  static constexpr int kWindow = 480;    // 10 ms must be alike
  static constexpr int kFade = 240;      // 5 ms from the one to the other

  // How many samples may be left out from the first of `in` on (interleaved stereo, at least `most` + kWindow
  // samples), `most` at the most; 0: none that nobody hears.
  [[nodiscard]] static int find(std::span<const float> in, int most);
  // Fades from what `out` begins with to `next`: kFade samples of each, interleaved stereo.
  static void fade(std::span<const float> next, std::span<float> out);
};

}  // namespace footlight::compose
