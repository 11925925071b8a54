#pragma once
#include <cstdint>

namespace footlight::hls {

// Counters of this origin; written out as footlight_origin_* by Origin::observed().
struct Metrics {
  uint64_t parts = 0;
  uint64_t ingest_bytes = 0;
  uint64_t gaps = 0;
  uint64_t ingest_conflicts = 0;  // 409
  uint64_t ingest_fenced = 0;     // 412
  uint64_t ingest_invalid = 0;    // 400, 413, 422
  uint64_t disk_full = 0;         // 507
  uint64_t disk_failed = 0;       // 500
  uint64_t playlists_built = 0;
  uint64_t playlists_served = 0;
  uint64_t media_served = 0;
  uint64_t statuses_served = 0;
  uint64_t refused_viewers = 0;  // 401, 403
};

}  // namespace footlight::hls
