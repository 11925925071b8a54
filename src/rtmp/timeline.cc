#include "rtmp/timeline.h"

#include <algorithm>

namespace footlight::rtmp {

namespace {

constexpr Duration kLeastStep = Duration::millis(1);  // of pictures: RTP tells them apart by their times

}  // namespace

bool Timeline::near(const State& other, uint32_t timestamp_ms) {
  auto apart = static_cast<int32_t>(timestamp_ms - other.newest);
  return other.begun && Duration::millis(std::abs(int64_t{apart})) <= kMaxApart;
}

void Timeline::jump(State& state, const State& other, uint32_t timestamp_ms, Timestamp now) {
  // The other track has jumped already, to about here: stand on its line.
  if (near(other, timestamp_ms) && (!state.begun || other.offset != state.offset)) {
    state.unwrapped = other.unwrapped + static_cast<int32_t>(timestamp_ms - other.newest);
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
  const bool paused = step > kMaxStep && other.offset == state.offset && near(other, timestamp_ms);
  Duration least = state.placed;
  if (track == Track::kVideo && state.begun) least += kLeastStep;
  if (!state.begun) {
    jump(state, other, timestamp_ms, now);
    state.begun = true;
  } else if ((step > kMaxStep && !paused) || step < -kMaxBack) {
    ++discontinuities_;
    jump(state, other, timestamp_ms, now);
  } else {
    state.unwrapped += step.ms();
  }
  state.newest = timestamp_ms;
  state.placed = std::max(least, Duration::millis(state.unwrapped + state.offset));
  if (!newest_ || state.placed > newest_->placed) newest_ = Newest{state.placed, now};
  return state.placed;
}

}  // namespace footlight::rtmp
