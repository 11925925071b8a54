#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/units.h"

namespace footlight::rtmp {

// FLV timestamps (ms, 32 bits, an encoder's own) to one timeline for both tracks that begins near zero and never goes
// back; pictures always go on by a millisecond at least. Wraps count as nothing. A jump (an encoder restarted, a file
// that loops, a clock set) is bridged by the time that really passed; the track that jumps second follows the first, so
// that lip sync holds. Owned by a MediaReader.
class Timeline {
 public:
  enum class Track : uint8_t { kVideo, kAudio };
  // Beyond this a step forward is a jump, unless the other track has come as far. Encoders on slow contents send a
  // picture every few seconds.
  static constexpr Duration kMaxStep = Duration::seconds(10);
  // Up to this a step back is jitter: the time stands still for it.
  static constexpr Duration kMaxBack = Duration::millis(100);
  // Up to this two tracks of one line lie apart.
  static constexpr Duration kMaxApart = Duration::seconds(1);

  [[nodiscard]] Duration place(Track track, uint32_t timestamp_ms, Timestamp now);
  [[nodiscard]] uint64_t discontinuities() const { return discontinuities_; }

 private:
  struct State {
    bool begun = false;
    uint32_t newest = 0;  // raw, ms
    int64_t offset = 0;   // ms: raw + offset is the place
    int64_t unwrapped = 0;
    Duration placed;
  };
  struct Newest {
    Duration placed;
    Timestamp at;
  };
  [[nodiscard]] static bool near(const State& other, uint32_t timestamp_ms);
  void jump(State& state, const State& other, uint32_t timestamp_ms, Timestamp now);

  std::array<State, 2> tracks_;
  std::optional<Newest> newest_;
  uint64_t discontinuities_ = 0;
};

}  // namespace footlight::rtmp
