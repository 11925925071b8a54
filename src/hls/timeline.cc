#include "hls/timeline.h"

#include <algorithm>

namespace footlight::hls {

bool Timeline::apply(const Record& record) {
  return std::visit([this](const auto& r) { return on(r); }, record);
}

const Segment* Timeline::find(int64_t msn) const {
  if (segments_.empty() || msn < segments_.front().msn || msn > segments_.back().msn) return nullptr;
  return &segments_[static_cast<size_t>(msn - segments_.front().msn)];
}

const Segment* Timeline::open_segment() const {
  return segments_.empty() || segments_.back().complete ? nullptr : &segments_.back();
}

Position Timeline::next() const {
  if (const Segment* open = open_segment()) return {open->msn, static_cast<int64_t>(open->parts.size())};
  return {next_msn_, 0};
}

Position Timeline::last() const {
  const Segment& segment = segments_.back();
  return {segment.msn, std::max<int64_t>(0, static_cast<int64_t>(segment.parts.size()) - 1)};
}

int64_t Timeline::end_date_us() const {
  return segments_.empty() ? 0 : segments_.back().date_us + segments_.back().duration_us;
}

bool Timeline::on(const BaseRecord& r) {
  if (based_ || r.next_msn < 0 || r.next_init < 0) return false;
  based_ = true;
  next_msn_ = first_msn_ = r.next_msn + kPads;
  next_init_ = r.next_init;
  discontinuities_ = r.discontinuities;
  epoch_ = r.epoch;
  total_us_ = r.total_us;
  total_bytes_ = r.total_bytes;
  peak_bps_ = r.peak_bps;
  return true;
}

bool Timeline::on(const TimingRecord& r) {
  if (!based_ || r.part_us <= 0 || r.segment_us < r.part_us || r.segment_parts <= 0) return false;
  const int64_t longest_us = std::max(timing_.segment_us, r.segment_us);
  close_open(true);
  timing_ = {r.part_us, longest_us, r.segment_parts};
  if (segments_.empty()) return true;
  // Parts of another length are not listed under this PART-TARGET; TARGETDURATION still covers what is listed.
  for (Segment& segment : segments_) segment.parts = {};
  discontinuity_pending_ = true;
  return true;
}

bool Timeline::on(const EpochRecord& r) {
  if (!based_ || r.epoch <= epoch_) return false;
  close_open(true);
  epoch_ = r.epoch;
  discontinuity_pending_ = !segments_.empty();
  return true;
}

bool Timeline::on(const InitRecord& r) {
  if (!based_ || r.number != next_init_) return false;
  ++next_init_;
  return true;
}

Segment& Timeline::begin_segment(int64_t msn, int64_t init, int64_t date_us, bool discontinuity) {
  Segment segment;
  segment.msn = msn;
  segment.epoch = epoch_;
  segment.init = init;
  segment.date_us = date_us;
  segment.start_us = edge_us();
  segment.discontinuity = discontinuity;
  segment.discontinuities = discontinuities_ += discontinuity ? 1 : 0;
  discontinuity_pending_ = false;
  segments_.push_back(std::move(segment));
  return segments_.back();
}

void Timeline::complete(Segment& segment) {
  segment.complete = true;
  next_msn_ = segment.msn + 1;
  total_us_ += segment.duration_us;
  total_bytes_ += segment.size;
  // RFC 8216 §4.3.4.2 counts spans of at least half a target duration; a stump of one key frame would lie.
  if (segment.duration_us * 2 >= timing_.segment_us && segment.duration_us > 0)
    peak_bps_ = std::max(peak_bps_,
                         static_cast<int64_t>(segment.size * 8'000'000 / static_cast<uint64_t>(segment.duration_us)));
  if (segments_.size() > kPartSegments) segments_[segments_.size() - 1 - kPartSegments].parts = {};
}

void Timeline::close_open(bool late) {
  if (segments_.empty() || segments_.back().complete) return;
  segments_.back().closed_late = late;
  complete(segments_.back());
}

bool Timeline::on(const PartRecord& r) {
  const Position expected = next();
  const bool bad_part = r.msn != expected.msn || r.part != expected.part || r.duration_us <= 0 || r.size == 0;
  if (!based_ || ended_ || bad_part || r.init < 0 || r.init >= next_init_) return false;
  if (r.part == 0) {
    const bool init_changed = !segments_.empty() && segments_.back().init != r.init;
    begin_segment(r.msn, r.init, r.date_us, discontinuity_pending_ || init_changed);
  } else if (segments_.back().init != r.init) {
    return false;
  }
  Segment& segment = segments_.back();
  segment.parts.push_back({.offset = segment.size,
                           .size = r.size,
                           .duration_us = r.duration_us,
                           .independent = r.independent,
                           .gap = false});
  segment.size += r.size;
  segment.duration_us += r.duration_us;
  if (r.last) complete(segment);
  return true;
}

bool Timeline::on(const GapRecord& r) {
  const Position expected = next();
  if (!based_ || ended_ || r.msn != expected.msn || r.duration_us <= 0 || next_init_ == 0) return false;
  if (expected.part == 0) {
    const int64_t init = segments_.empty() ? next_init_ - 1 : segments_.back().init;
    Segment& segment = begin_segment(r.msn, init, end_date_us(), discontinuity_pending_);
    segment.gap = true;
    segment.duration_us = r.duration_us;
    complete(segment);
    return true;
  }
  // Some of it was announced: the rest becomes parts that are not there, so that the dates behind it stay true.
  Segment& segment = segments_.back();
  const int64_t part_us = timing_.part_us > 0 ? timing_.part_us : r.duration_us;
  while (segment.duration_us < r.duration_us) {
    const int64_t piece = std::min(part_us, r.duration_us - segment.duration_us);
    segment.parts.push_back({.offset = segment.size, .size = 0, .duration_us = piece, .gap = true});
    segment.duration_us += piece;
  }
  complete(segment);
  return true;
}

bool Timeline::on(const SegmentRecord& r) {
  if (!based_ || ended_ || open_segment() != nullptr || r.duration_us < 0) return false;
  if (segments_.empty() ? r.msn < first_msn_ : r.msn != next_msn_) return false;
  Segment& segment = begin_segment(r.msn, r.init, r.date_us, r.discontinuity);
  segment.epoch = r.epoch;
  segment.gap = r.gap;
  segment.size = r.size;
  segment.duration_us = r.duration_us;
  segment.complete = r.complete;
  segment.closed_late = r.closed_late;
  next_msn_ = r.msn + (r.complete ? 1 : 0);
  return true;
}

bool Timeline::on(const TableRecord& r) {
  if (segments_.empty()) return false;
  std::vector<Part>& parts = segments_.back().parts;
  const uint64_t offset = parts.empty() ? 0 : parts.back().offset + parts.back().size;
  parts.push_back({offset, r.size, r.duration_us, r.independent, r.gap});
  return true;
}

bool Timeline::on(const DiscontinuityRecord&) {
  discontinuity_pending_ = true;
  return true;
}

bool Timeline::on(const LostRecord& r) {
  if (find(r.msn) == nullptr) return false;
  close_open(true);
  Segment& segment = segments_[static_cast<size_t>(r.msn - segments_.front().msn)];
  segment.gap = true;
  segment.parts = {};
  return true;
}

bool Timeline::on(const TrimRecord& r) {
  while (segments_.size() > 1 && segments_.front().msn < r.first_msn && segments_.front().complete)
    segments_.pop_front();
  return true;
}

bool Timeline::on(const EndRecord&) {
  if (ended_) return false;
  close_open(true);
  ended_ = true;
  return true;
}

bool Timeline::on(const ReopenRecord&) {
  if (!ended_) return false;
  ended_ = false;
  discontinuity_pending_ = !segments_.empty();
  return true;
}

BaseRecord Timeline::tombstone() const {
  BaseRecord base;
  const Position expected = next();
  base.next_msn = expected.msn + (expected.part > 0 ? 1 : 0);
  if (segments_.empty()) base.next_msn = first_msn_ - kPads;  // nobody saw the pads either
  base.next_init = next_init_;
  base.discontinuities = discontinuities_;
  base.epoch = epoch_;
  return base;
}

std::vector<Record> Timeline::snapshot() const {
  BaseRecord base;
  base.next_msn = first_msn_ - kPads;
  base.next_init = next_init_;
  base.discontinuities = discontinuities_;
  if (!segments_.empty())
    base.discontinuities = segments_.front().discontinuities - (segments_.front().discontinuity ? 1 : 0);
  base.epoch = epoch_;
  base.total_us = total_us_;
  base.total_bytes = total_bytes_;
  base.peak_bps = peak_bps_;
  std::vector<Record> records{base};
  if (timing_.part_us > 0) records.emplace_back(timing_);
  for (const Segment& s : segments_) {
    records.emplace_back(SegmentRecord{s.msn, s.epoch, s.size, s.duration_us, s.date_us, s.init, s.discontinuity, s.gap,
                                       s.complete, s.closed_late});
    for (const Part& p : s.parts) records.emplace_back(TableRecord{p.size, p.duration_us, p.independent, p.gap});
  }
  if (discontinuity_pending_) records.emplace_back(DiscontinuityRecord{});
  if (ended_) records.emplace_back(EndRecord{});
  return records;
}

}  // namespace footlight::hls
