#include "hls/media_playlist.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/rfc3339.h"
#include "hls/reload.h"

namespace footlight::hls {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kPartTargetDurations = 3;  // part tags leave behind this (rfc8216bis §6.2.2)
constexpr int64_t kSkipTargetDurations = 6;  // the least CAN-SKIP-UNTIL (rfc8216bis §4.4.3.8)

// Writes one playlist. The view is what was announced at some moment: segments [first, whole) complete, then
// `open_parts` parts of segment `whole`.
class PlaylistWriter {
 public:
  PlaylistWriter(const Timeline& timeline, const PlaylistForm& form) : timeline_(timeline), form_(form) {
    target_us_ = target_duration_s(timeline.timing()) * kSecond;
  }
  void look_at_newest();
  void look_at(Position as_of);
  std::string write(bool skip);

 private:
  [[nodiscard]] const Segment& at(size_t index) const { return timeline_.segments()[index]; }
  void choose_first();
  [[nodiscard]] bool padded() const;
  [[nodiscard]] size_t skipped() const;
  void write_head();
  void write_pads();
  void write_pad_parts(int64_t msn);
  void write_map(int64_t init);
  void write_segment_head(const Segment& segment, int64_t init_before);
  void write_parts(const Segment& segment, size_t count);
  void write_segment(const Segment& segment, int64_t init_before);
  void write_date(int64_t date_us);
  void write_duration(int64_t us);
  void write_uri(int64_t msn, int64_t part);
  template <class... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }

  const Timeline& timeline_;
  const PlaylistForm& form_;
  int64_t target_us_ = 0;
  size_t first_ = 0;
  size_t whole_ = 0;
  size_t open_parts_ = 0;
  int64_t edge_us_ = 0;
  Position hint_;
  bool ended_ = false;
  std::string out_;
};

void PlaylistWriter::look_at_newest() {
  const Segment* open = timeline_.open_segment();
  whole_ = timeline_.segments().size() - (open != nullptr ? 1 : 0);
  open_parts_ = open != nullptr ? open->parts.size() : 0;
  edge_us_ = timeline_.edge_us();
  hint_ = timeline_.next();
  ended_ = timeline_.ended();
}

void PlaylistWriter::look_at(Position as_of) {
  const Segment* segment = timeline_.find(as_of.msn);
  CHECK(segment != nullptr);
  const auto index = static_cast<size_t>(as_of.msn - at(0).msn);
  const auto parts = static_cast<int64_t>(segment->parts.size());
  const bool last_part = as_of.part >= parts - 1 && !segment->closed_late;
  if (segment->complete && (segment->gap || as_of.part == kWholeSegment || last_part)) {
    whole_ = index + 1;
    edge_us_ = segment->end_us();
    hint_ = {as_of.msn + 1, 0};
    return;
  }
  whole_ = index;
  open_parts_ = static_cast<size_t>(std::min(as_of.part + 1, parts));
  edge_us_ = segment->start_us;
  for (size_t i = 0; i < open_parts_; ++i) edge_us_ += segment->parts[i].duration_us;
  hint_ = {as_of.msn, static_cast<int64_t>(open_parts_)};
}

void PlaylistWriter::choose_first() {
  if ((ended_ && form_.keep_all) || whole_ == 0) return;
  const int64_t from_us = at(whole_ - 1).end_us() - std::max(form_.window_us, 3 * target_us_);
  const auto& segments = timeline_.segments();
  const auto found = std::partition_point(segments.begin(), segments.begin() + static_cast<ptrdiff_t>(whole_),
                                          [&](const Segment& s) { return s.end_us() <= from_us; });
  first_ = static_cast<size_t>(found - segments.begin());
}

bool PlaylistWriter::padded() const {
  constexpr size_t kLeast = 3;  // segments
  return !ended_ && whole_ < kLeast && at(0).msn == timeline_.first_msn();
}

size_t PlaylistWriter::skipped() const {
  const int64_t boundary_us = edge_us_ - kSkipTargetDurations * target_us_;
  size_t count = 0;
  while (first_ + count < whole_ && at(first_ + count).end_us() <= boundary_us) ++count;
  return count;
}

void PlaylistWriter::write_duration(int64_t us) { append_seconds(out_, us); }

void PlaylistWriter::write_uri(int64_t msn, int64_t part) {
  if (part < 0)
    put("{}{}.m4s", form_.folder, msn);
  else
    put("{}{}.{}.m4s", form_.folder, msn, part);
  if (form_.with_token) out_ += "?token={$token}";
}

void PlaylistWriter::write_date(int64_t date_us) {
  put("#EXT-X-PROGRAM-DATE-TIME:{}\n", to_rfc3339(WallTime::micros(date_us)));
}

void PlaylistWriter::write_map(int64_t init) {
  put("#EXT-X-MAP:URI=\"{}init-{}.mp4{}\"\n", form_.folder, init, form_.with_token ? "?token={$token}" : "");
}

void PlaylistWriter::write_head() {
  const TimingRecord& timing = timeline_.timing();
  // 9 for delta updates, 11 for variables from the query (rfc8216bis §8).
  put("#EXTM3U\n#EXT-X-VERSION:{}\n", form_.with_token ? 11 : 9);
  if (form_.with_token) out_ += "#EXT-X-DEFINE:QUERYPARAM=\"token\"\n";
  put("#EXT-X-TARGETDURATION:{}\n", target_us_ / kSecond);
  if (!ended_) {
    out_ += "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=";
    write_duration(kSkipTargetDurations * target_us_);
    out_ += ",HOLD-BACK=";
    write_duration(3 * target_us_);
    out_ += ",PART-HOLD-BACK=";
    write_duration(3 * timing.part_us);
    out_ += "\n#EXT-X-PART-INF:PART-TARGET=";
    write_duration(timing.part_us);
    out_ += '\n';
  } else if (form_.keep_all) {
    out_ += "#EXT-X-PLAYLIST-TYPE:VOD\n";
  }
  const Segment& first = at(first_);
  put("#EXT-X-MEDIA-SEQUENCE:{}\n", padded() ? first.msn - Timeline::kPads : first.msn);
  put("#EXT-X-DISCONTINUITY-SEQUENCE:{}\n", first.discontinuities - (first.discontinuity ? 1 : 0));
  out_ += "#EXT-X-INDEPENDENT-SEGMENTS\n";
}

// hls.js 1.7.4 loads parts only when some are listed of a segment before the open one: without these it waits for the
// whole first segment.
void PlaylistWriter::write_pad_parts(int64_t msn) {
  const TimingRecord& timing = timeline_.timing();
  for (int64_t i = 0; i < timing.segment_parts; ++i) {
    out_ += "#EXT-X-PART:DURATION=";
    write_duration((i + 1) * timing.segment_us / timing.segment_parts - i * timing.segment_us / timing.segment_parts);
    out_ += ",URI=\"";
    write_uri(msn, i);
    out_ += "\",GAP=YES\n";
  }
}

// GAP segments before the first one of all.
void PlaylistWriter::write_pads() {
  const Segment& first = at(0);
  const int64_t pad_us = timeline_.timing().segment_us;
  write_map(first.init);
  for (int64_t i = Timeline::kPads; i > 0; --i) {
    write_date(first.date_us - i * pad_us);
    if (i == 1) write_pad_parts(first.msn - 1);
    out_ += "#EXT-X-GAP\n#EXTINF:";
    write_duration(pad_us);
    out_ += ",\n";
    write_uri(first.msn - i, -1);
    out_ += '\n';
  }
}

// `init_before`: what a MAP above already says; negative for none.
void PlaylistWriter::write_segment_head(const Segment& segment, int64_t init_before) {
  if (segment.discontinuity) out_ += "#EXT-X-DISCONTINUITY\n";
  if (segment.init != init_before) write_map(segment.init);
  write_date(segment.date_us);
}

void PlaylistWriter::write_parts(const Segment& segment, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const Part& part = segment.parts[i];
    out_ += "#EXT-X-PART:DURATION=";
    write_duration(part.duration_us);
    out_ += ",URI=\"";
    write_uri(segment.msn, static_cast<int64_t>(i));
    out_ += '"';
    if (part.independent) out_ += ",INDEPENDENT=YES";
    if (part.gap) out_ += ",GAP=YES";
    out_ += '\n';
  }
}

void PlaylistWriter::write_segment(const Segment& segment, int64_t init_before) {
  write_segment_head(segment, init_before);
  const bool near = segment.start_us >= edge_us_ - kPartTargetDurations * target_us_;
  if (!ended_ && near) write_parts(segment, segment.parts.size());
  if (segment.gap) out_ += "#EXT-X-GAP\n";
  out_ += "#EXTINF:";
  write_duration(segment.duration_us);
  out_ += ",\n";
  write_uri(segment.msn, -1);
  out_ += '\n';
}

std::string PlaylistWriter::write(bool skip) {
  constexpr size_t kBytesASegment = 160;
  choose_first();
  out_.reserve((whole_ - first_) * kBytesASegment + 4096);
  write_head();
  size_t begin = first_;
  int64_t init = -1;
  if (const size_t count = skip && !ended_ ? skipped() : 0; count > 0) {
    put("#EXT-X-SKIP:SKIPPED-SEGMENTS={}\n", count);
    begin += count;
    init = at(begin - 1).init;  // the player has that MAP
  } else if (padded()) {
    write_pads();
    init = at(0).init;
  }
  for (size_t i = begin; i < whole_; ++i) {
    write_segment(at(i), init);
    init = at(i).init;
  }
  if (ended_) {
    out_ += "#EXT-X-ENDLIST\n";
    return std::move(out_);
  }
  if (open_parts_ > 0) {
    write_segment_head(at(whole_), init);
    write_parts(at(whole_), open_parts_);
  }
  out_ += "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"";
  write_uri(hint_.msn, hint_.part);
  out_ += "\"\n";
  return std::move(out_);
}

}  // namespace

void append_seconds(std::string& out, int64_t us) {
  fmt::format_to(std::back_inserter(out), "{}.{:06}", us / kSecond, us % kSecond);
  size_t zeros = 0;
  while (zeros < 5 && out[out.size() - 1 - zeros] == '0') ++zeros;
  out.resize(out.size() - zeros);
}

std::string build_media_playlist(const Timeline& timeline, const PlaylistForm& form, std::optional<Position> as_of,
                                 bool skip) {
  CHECK(timeline.has_media());
  PlaylistWriter writer(timeline, form);
  if (as_of && !timeline.ended())
    writer.look_at(*as_of);
  else
    writer.look_at_newest();
  return writer.write(skip);
}

}  // namespace footlight::hls
