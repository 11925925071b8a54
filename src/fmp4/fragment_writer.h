#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace footlight::fmp4 {

// One coded picture (length-prefixed NAL units) or one raw AAC access unit. Presented when decoded: no B-frames.
struct Sample {
  ByteView data;
  uint32_t duration = 0;  // in the track's timescale
  bool sync = false;      // decodable alone: IDR; audio always
};

// What one track brings to a fragment: consecutive samples from `decode_time` on, in its timescale.
struct TrackRun {
  uint32_t track_id = 0;
  uint64_t decode_time = 0;
  std::span<const Sample> samples;  // not empty
};

// Appends moof and mdat (one CMAF chunk; default-base-is-moof, tfdt version 1) to `out`, which the caller reuses from
// part to part. `sequence` grows by one each fragment, from 1. At least one run; data below 4 GiB altogether.
void write_fragment(uint32_t sequence, std::span<const TrackRun> runs, std::vector<uint8_t>& out);

}  // namespace footlight::fmp4
