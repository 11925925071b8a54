#include "rtmp/timeline.h"

#include <algorithm>

namespace footlight::rtmp {

void Timeline::jump(State& state, const State& other, uint32_t timestamp_ms, Timestamp now) {
  // The other track has jumped already, to about here: stand on its line.
  auto apart = static_cast<int32_t>(timestamp_ms - other.newest);
  if (other.begun && (!state.begun || other.offset != state.offset) &&
      Duration::millis(std::abs(int64_t{apart})) <= kMaxBack) {
    state.unwrapped = other.unwrapped + apart;
    state.offset = other.offset;
    return;
  }
  // Where the session stands by the time that has passed.
  Duration place =
      newest_ ? newest_->placed + std::clamp(now - newest_->at, Duration::zero(), kMaxStep) : Duration::zero();
  state.unwrapped = timestamp_ms;
  state.offset = place.ms() - state.unwrapped;
}

Duration Timeline::place(Track track, uint32_t timestamp_ms, Timestamp now) {
  State& state = tracks_[track == Track::kVideo ? 0 : 1];
  const State& other = tracks_[track == Track::kVideo ? 1 : 0];
  auto step = Duration::millis(static_cast<int32_t>(timestamp_ms - state.newest));  // a wrap is a small step
  if (!state.begun) {
    jump(state, other, timestamp_ms, now);
    state.begun = true;
  } else if (step > kMaxStep || step < -kMaxBack) {
    ++discontinuities_;
    jump(state, other, timestamp_ms, now);
  } else {
    state.unwrapped += step.ms();
  }
  state.newest = timestamp_ms;
  state.placed = std::max(state.placed, Duration::millis(state.unwrapped + state.offset));
  if (!newest_ || state.placed > newest_->placed) newest_ = Newest{state.placed, now};
  return state.placed;
}

}  // namespace footlight::rtmp
