#pragma once
#include <cstdint>
#include <limits>
#include <optional>

#include "hls/directives.h"
#include "hls/timeline.h"

namespace footlight::hls {

// The part number that stands for "the segment, complete".
inline constexpr int64_t kWholeSegment = std::numeric_limits<int64_t>::max();

// TARGETDURATION in whole seconds: no segment's duration, rounded, is longer (RFC 8216 §4.3.3.1).
[[nodiscard]] int64_t target_duration_s(const TimingRecord& timing);

struct Reload {
  enum class Kind {
    kServe,   // the playlist as of `as_of`, or the newest when that is empty
    kWait,    // what is asked for does not exist yet
    kTooFar,  // nobody may ask for that yet: 400
  };
  Kind kind = Kind::kServe;
  std::optional<Position> as_of;
};

// Decides a playlist request against what is announced (rfc8216bis §6.2.5.2). Near the edge the answer is the playlist
// as it was when the asked part came, so that equal directives have equal bytes, through a restart too; far behind it
// is the newest, so that a player that slept need not walk through the past.
[[nodiscard]] Reload resolve_reload(const Timeline& timeline, const Directives& directives);

}  // namespace footlight::hls
