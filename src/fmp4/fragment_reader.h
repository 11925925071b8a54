#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "fmp4/box_reader.h"

namespace footlight::fmp4 {

struct RunInfo {
  uint32_t track_id = 0;
  uint64_t decode_time = 0;  // tfdt, in the track's timescale
  uint64_t duration = 0;     // sum over the samples, in the track's timescale
  uint32_t sample_count = 0;
  bool starts_with_sync = false;
};

// What a fragment says of itself. Holds at most kMaxTracks runs; no heap.
struct FragmentInfo {
  static constexpr size_t kMaxTracks = 4;
  uint32_t sequence = 0;
  std::array<RunInfo, kMaxTracks> runs{};
  size_t run_count = 0;
  [[nodiscard]] std::span<const RunInfo> tracks() const { return {runs.data(), run_count}; }
};

// Reads exactly one chunk: an optional styp and prft, one moof, one mdat, nothing after it. Every sample must lie
// inside the mdat, and each traf must carry tfdt and its samples' durations and sizes (in trun or tfhd).
[[nodiscard]] Result<FragmentInfo, ReadError> read_fragment(ByteView bytes);

}  // namespace footlight::fmp4
