#include "hls/reload.h"

#include <algorithm>

namespace footlight::hls {
namespace {

constexpr Reload kNewest{Reload::Kind::kServe, std::nullopt};
constexpr Reload kWait{Reload::Kind::kWait, std::nullopt};
constexpr Reload kTooFar{Reload::Kind::kTooFar, std::nullopt};

// Parts beyond the last one that may be asked for: three seconds' worth below one second, else three
// (rfc8216bis §6.2.5.2, Advance Part Limit).
int64_t advance_part_limit(const TimingRecord& timing) {
  constexpr int64_t kSecond = 1'000'000;
  return timing.part_us < kSecond && timing.part_us > 0 ? (3 * kSecond + timing.part_us - 1) / timing.part_us : 3;
}

Reload serve(const Timeline& timeline, Position at) {
  constexpr int64_t kSteadyTargetDurations = 6;  // as long as directive-keyed playlists may be cached
  const Segment* segment = timeline.find(at.msn);
  const int64_t steady_us = kSteadyTargetDurations * target_duration_s(timeline.timing()) * 1'000'000;
  if (segment == nullptr || timeline.edge_us() - segment->end_us() > steady_us) return kNewest;
  return {Reload::Kind::kServe, at};
}

}  // namespace

int64_t target_duration_s(const TimingRecord& timing) {
  return std::max<int64_t>(1, (timing.segment_us + 500'000) / 1'000'000);
}

Reload resolve_reload(const Timeline& timeline, const Directives& directives) {
  if (timeline.ended()) return kNewest;
  if (!directives.msn) return timeline.has_media() ? kNewest : kWait;
  const Position next = timeline.next();
  Position want{*directives.msn, directives.part.value_or(kWholeSegment)};
  // The last segment is the one before the open one.
  if (want.msn > next.msn - 1 + 2) return kTooFar;
  const Segment* segment = timeline.find(want.msn);
  const int64_t limit = advance_part_limit(timeline.timing());
  if (want.msn < next.msn) {
    if (!timeline.has_media()) return kWait;
    if (segment == nullptr || segment->gap || !directives.part) return serve(timeline, {want.msn, kWholeSegment});
    const auto parts = static_cast<int64_t>(segment->parts.size());
    if (parts == 0 || want.part < parts) return serve(timeline, want);
    // Past the last part of a segment means the first part of the next one.
    if (want.part - parts >= limit) return kTooFar;
    want = {want.msn + 1, 0};
    if (want < next) return serve(timeline, want);
    return kWait;
  }
  if (!directives.part) return kWait;
  if (want.msn == next.msn && want.part < next.part) return serve(timeline, want);
  const int64_t ahead = want.msn == next.msn
                            ? want.part - next.part
                            : std::max<int64_t>(0, timeline.timing().segment_parts - next.part) + want.part;
  return ahead >= limit ? kTooFar : kWait;
}

}  // namespace footlight::hls
