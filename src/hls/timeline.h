#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "hls/record.h"

namespace footlight::hls {

struct Part {
  uint64_t offset = 0;  // in the segment's file
  uint64_t size = 0;
  int64_t duration_us = 0;
  bool independent = false;
  bool gap = false;
};

struct Segment {
  int64_t msn = 0;
  uint64_t epoch = 0;
  int64_t init = 0;
  int64_t start_us = 0;  // durations of everything before, since the timeline's base
  int64_t duration_us = 0;
  int64_t date_us = 0;
  uint64_t size = 0;
  int64_t discontinuities = 0;  // DISCONTINUITY tags up to and including its own
  bool discontinuity = false;
  bool gap = false;
  bool complete = false;
  bool closed_late = false;  // its last part was announced before anyone knew that it was the last
  std::vector<Part> parts;   // empty once it is kPartSegments behind the edge
  [[nodiscard]] int64_t end_us() const { return start_us + duration_us; }
};

// A part by number: "up to and including".
struct Position {
  int64_t msn = 0;
  int64_t part = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

// What one rendition has announced. Owned by its RenditionLog; loop thread. In: records, already validated by
// `accepts` rules in ingest or read from a journal. Out: segments and the next expected position. A record that does
// not continue the timeline changes nothing and returns false (a damaged journal ends there).
class Timeline {
 public:
  // Parts are listed for 3 target durations and stay fetchable for 3 more (rfc8216bis §6.2.2); segments that were
  // closed early are shorter, hence many.
  static constexpr size_t kPartSegments = 32;
  // GAP segments before the first one: a player takes no playlist without a segment, and a live playlist is at least
  // three target durations long (rfc8216bis §6.2.2).
  static constexpr int64_t kPads = 3;

  [[nodiscard]] bool apply(const Record& record);

  [[nodiscard]] const std::deque<Segment>& segments() const { return segments_; }
  [[nodiscard]] const Segment* find(int64_t msn) const;
  [[nodiscard]] bool has_media() const { return !segments_.empty(); }
  [[nodiscard]] bool ended() const { return ended_; }
  // Next expected: part 0 of the segment after the last complete one, or the next part of the open one.
  [[nodiscard]] Position next() const;
  [[nodiscard]] const Segment* open_segment() const;
  // The last thing announced; only when has_media().
  [[nodiscard]] Position last() const;
  [[nodiscard]] int64_t edge_us() const { return segments_.empty() ? 0 : segments_.back().end_us(); }
  [[nodiscard]] int64_t next_init() const { return next_init_; }
  [[nodiscard]] uint64_t epoch() const { return epoch_; }
  [[nodiscard]] const TimingRecord& timing() const { return timing_; }
  // First number that this base ever announced as media; the kPads before it are GAPs.
  [[nodiscard]] int64_t first_msn() const { return first_msn_; }
  [[nodiscard]] int64_t total_us() const { return total_us_; }
  [[nodiscard]] uint64_t total_bytes() const { return total_bytes_; }
  [[nodiscard]] int64_t peak_bps() const { return peak_bps_; }
  // What it takes to make this timeline again: old segments in one record each.
  [[nodiscard]] std::vector<Record> snapshot() const;
  // The same without media: numbering only.
  [[nodiscard]] BaseRecord tombstone() const;

 private:
  bool on(const BaseRecord& r);
  bool on(const TimingRecord& r);
  bool on(const EpochRecord& r);
  bool on(const InitRecord& r);
  bool on(const PartRecord& r);
  bool on(const GapRecord& r);
  bool on(const SegmentRecord& r);
  bool on(const TableRecord& r);
  bool on(const DiscontinuityRecord& r);
  bool on(const LostRecord& r);
  bool on(const TrimRecord& r);
  bool on(const EndRecord& r);
  bool on(const ReopenRecord& r);
  Segment& begin_segment(int64_t msn, int64_t init, int64_t date_us, bool discontinuity);
  void complete(Segment& segment);
  void close_open(bool late);
  [[nodiscard]] int64_t end_date_us() const;

  std::deque<Segment> segments_;
  TimingRecord timing_;
  int64_t next_msn_ = 0;
  int64_t first_msn_ = 0;
  int64_t next_init_ = 0;
  int64_t discontinuities_ = 0;
  uint64_t epoch_ = 0;
  bool based_ = false;
  bool ended_ = false;
  bool discontinuity_pending_ = false;
  int64_t total_us_ = 0;
  uint64_t total_bytes_ = 0;
  int64_t peak_bps_ = 0;
};

}  // namespace footlight::hls
