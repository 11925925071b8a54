#pragma once
#include <cstdint>
#include <variant>

// What can happen to a rendition. Each record is one journal line and one step of the Timeline; applying a journal's
// records in order gives the timeline that was served, so a restarted origin answers with the same bytes.
namespace footlight::hls {

// Where numbering starts: a new stream, or one that comes back after its media were removed.
struct BaseRecord {
  int64_t next_msn = 0;
  int64_t next_init = 0;
  int64_t discontinuities = 0;  // counted so far
  uint64_t epoch = 0;
  int64_t total_us = 0;  // media announced before, for AVERAGE-BANDWIDTH
  uint64_t total_bytes = 0;
  int64_t peak_bps = 0;
  bool operator==(const BaseRecord&) const = default;
};
// What TARGETDURATION and PART-TARGET are from here on. A second one comes only when the operator changed hls.part_ms
// or hls.segment_ms between two runs: players see a discontinuity.
struct TimingRecord {
  int64_t part_us = 0;
  int64_t segment_us = 0;
  int64_t segment_parts = 0;
  bool operator==(const TimingRecord&) const = default;
};
// A new encoder: the open segment closes, the next one is a discontinuity.
struct EpochRecord {
  uint64_t epoch = 0;
  bool operator==(const EpochRecord&) const = default;
};
struct InitRecord {
  int64_t number = 0;
  uint64_t size = 0;
  bool operator==(const InitRecord&) const = default;
};
struct PartRecord {
  int64_t msn = 0;
  int64_t part = 0;
  uint64_t size = 0;
  int64_t duration_us = 0;
  int64_t date_us = 0;  // wall time of its first frame
  int64_t init = 0;
  bool independent = false;
  bool last = false;
  bool operator==(const PartRecord&) const = default;
};
// The whole segment is lost, or what is missing of the open one.
struct GapRecord {
  int64_t msn = 0;
  int64_t duration_us = 0;
  bool operator==(const GapRecord&) const = default;
};
// A segment as compaction leaves it; the parts of a recent one follow as TableRecords.
struct SegmentRecord {
  int64_t msn = 0;
  uint64_t epoch = 0;
  uint64_t size = 0;
  int64_t duration_us = 0;
  int64_t date_us = 0;
  int64_t init = 0;
  bool discontinuity = false;
  bool gap = false;
  bool complete = false;
  bool closed_late = false;
  bool operator==(const SegmentRecord&) const = default;
};
// One part of the SegmentRecord before it.
struct TableRecord {
  uint64_t size = 0;
  int64_t duration_us = 0;
  bool independent = false;
  bool gap = false;
  bool operator==(const TableRecord&) const = default;
};
// The next segment is a discontinuity.
struct DiscontinuityRecord {
  bool operator==(const DiscontinuityRecord&) const = default;
};
// Bytes of an announced segment did not survive a power cut.
struct LostRecord {
  int64_t msn = 0;
  bool operator==(const LostRecord&) const = default;
};
// Segments before `first_msn` left the spool.
struct TrimRecord {
  int64_t first_msn = 0;
  bool operator==(const TrimRecord&) const = default;
};
struct EndRecord {
  bool operator==(const EndRecord&) const = default;
};
// An ended stream goes on (the demo event).
struct ReopenRecord {
  bool operator==(const ReopenRecord&) const = default;
};

using Record = std::variant<BaseRecord, TimingRecord, EpochRecord, InitRecord, PartRecord, GapRecord, SegmentRecord,
                            TableRecord, DiscontinuityRecord, LostRecord, TrimRecord, EndRecord, ReopenRecord>;

}  // namespace footlight::hls
