#include <fmt/format.h>

#include "base/log.h"
#include "fmp4/fragment_reader.h"
#include "hls/reload.h"
#include "hls/stream.h"
#include "http/router.h"

namespace footlight::hls {
namespace {

const Logger kLog("hls");

http::Response no_content() {
  http::Response response;
  response.status = 204;
  return response;
}

}  // namespace

http::Response Stream::invalid(int status, std::string_view detail) const {
  ++context_.metrics.ingest_invalid;
  return http::problem(status, detail);
}

http::Response Stream::disk_answer(DiskError error) const {
  if (error == DiskError::kFull) {
    ++context_.metrics.disk_full;
    return http::problem(507, "The spool's disk is full; the part was not announced.");
  }
  ++context_.metrics.disk_failed;
  return http::problem(500, "The spool cannot be written; the part was not announced.");
}

// Where to go on, as JSON; names are safe (is_safe_name), so nothing needs escaping.
http::Response Stream::position_answer(int status) const {
  if (status == 409) ++context_.metrics.ingest_conflicts;
  const Position next = timeline().next();
  http::Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/json");
  response.body = fmt::format(R"({{"epoch":{},"renditions":{{"{}":{{"next_msn":{},"next_part":{},"next_init":{}}}}}}})",
                              timeline().epoch(), desired_.rendition.name, next.msn, next.part, timeline().next_init());
  return response;
}

http::Response Stream::ingest(const IngestTarget& target, http::Request request) {
  using Kind = IngestTarget::Kind;
  if (!desired_.started) return http::problem(404, "The stream is not started.");
  if (!log_) settle();
  if (!log_) return disk_answer(DiskError::kFailed);
  if (timeline().ended()) return http::problem(404, "The stream has ended.");
  if (target.kind == Kind::kState) return position_answer(200);
  if (target.kind != Kind::kEnd && target.rendition != desired_.rendition.name)
    return http::problem(404, "The stream has no rendition of this name.");
  if (target.epoch < timeline().epoch() || target.epoch < desired_.min_epoch) {
    ++context_.metrics.ingest_fenced;
    return http::problem(412, "A newer encoder has taken this stream over.");
  }
  if (target.kind == Kind::kEnd) return ingest_end(target.epoch);
  if (request.body_too_large) return invalid(413, "A part has at most 16 MiB.");
  if (target.epoch > timeline().epoch()) {
    kLog.info("a new encoder took a stream over", {{"stream", id_}, {"epoch", target.epoch}});
    if (auto ok = log_->put(EpochRecord{target.epoch}); !ok) return disk_answer(ok.error());
    next_video_time_ = 0;
    announce();
  }
  switch (target.kind) {
    case Kind::kInit:
      return ingest_init(target, std::move(request));
    case Kind::kPart:
      return ingest_part(target, std::move(request));
    default:
      return ingest_gap(target, request);
  }
}

http::Response Stream::ingest_init(const IngestTarget& target, http::Request request) {
  if (target.init < timeline().next_init()) {
    const Bytes known = log_->init_bytes(target.init);
    return known && *known == request.body ? no_content() : position_answer(409);
  }
  if (target.init != timeline().next_init()) return position_answer(409);
  if (auto info = fmp4::read_init_segment(as_bytes(request.body)); !info)
    return invalid(422, fmt::format("The init segment cannot be read: {}.", sentence(info.error())));
  if (auto ok = log_->put_init(target.init, std::move(request.body)); !ok) return disk_answer(ok.error());
  next_video_time_ = 0;
  media_holds_.wake();  // the multivariant playlist waits for the codecs
  return no_content();
}

// A part or gap of this epoch that is there already.
bool Stream::is_repeat(const IngestTarget& target) const {
  const Segment* segment = timeline().find(target.at.msn);
  if (segment == nullptr || segment->epoch != target.epoch || !(target.at < timeline().next())) return false;
  if (target.kind == IngestTarget::Kind::kGap) return segment->complete;
  return !segment->gap && (segment->parts.empty() || static_cast<size_t>(target.at.part) < segment->parts.size());
}

// Empty when the part may be announced, else the sentence of a 422. `video_end`: where its video ends.
std::string Stream::check_part(const PartFields& fields, Position at, ByteView body, uint64_t& video_end) const {
  constexpr int64_t kRoundingUs = 1;
  constexpr int64_t kTimingSlackUs = 2000;
  const TimingRecord& timing = timeline().timing();
  const auto fragment = fmp4::read_fragment(body);
  if (!fragment) return fmt::format("The part is not one moof and mdat: {}.", sentence(fragment.error()));
  if (fields.duration_us > timing.part_us + kRoundingUs)
    return fmt::format("A part of {} us is longer than PART-TARGET, {} us.", fields.duration_us, timing.part_us);
  const Segment* open = timeline().open_segment();
  const int64_t before_us = at.part > 0 && open != nullptr ? open->duration_us : 0;
  if ((before_us + fields.duration_us + 500'000) / 1'000'000 > target_duration_s(timing))
    return "The segment would be longer than TARGETDURATION.";
  const auto& info = log_->init_info();
  if (!info || !info->video) return {};
  for (const fmp4::RunInfo& run : fragment->tracks()) {
    if (run.track_id != info->video->track_id) continue;
    if (fields.independent && !run.starts_with_sync) return "Footlight-Independent is 1 but no IDR comes first.";
    if (run.decode_time < next_video_time_) return "The part's video goes back in time.";
    const auto video_us = static_cast<int64_t>(run.duration * 1'000'000 / info->video->timescale);
    if (std::abs(video_us - fields.duration_us) > kTimingSlackUs)
      return fmt::format("Footlight-Duration is {} us but the part's video lasts {} us.", fields.duration_us, video_us);
    video_end = run.decode_time + run.duration;
  }
  if (at.part == 0 && !fields.independent) return "A segment must start with an independent part.";
  return {};
}

http::Response Stream::ingest_part(const IngestTarget& target, http::Request request) {
  if (is_repeat(target)) return no_content();
  if (target.at != timeline().next()) return position_answer(409);
  const auto fields = parse_part_fields(request.headers);
  if (!fields) return invalid(400, fields.error());
  const Segment* open = timeline().open_segment();
  if (fields->init >= timeline().next_init() || (open != nullptr && open->init != fields->init))
    return position_answer(409);
  uint64_t video_end = next_video_time_;
  if (auto fault = check_part(*fields, target.at, as_bytes(request.body), video_end); !fault.empty())
    return invalid(422, fault);
  const PartRecord record{.msn = target.at.msn,
                          .part = target.at.part,
                          .size = request.body.size(),
                          .duration_us = fields->duration_us,
                          .date_us = fields->date_us,
                          .init = fields->init,
                          .independent = fields->independent,
                          .last = fields->last};
  const bool first = !timeline().has_media();
  if (auto ok = log_->put_part(record, std::move(request.body)); !ok) return disk_answer(ok.error());
  next_video_time_ = video_end;
  ++context_.metrics.parts;
  context_.metrics.ingest_bytes += record.size;
  if (first) {
    kLog.info("first part announced", {{"stream", id_}, {"msn", record.msn}});
    ++context_.edges;
  }
  announce();
  return no_content();
}

http::Response Stream::ingest_gap(const IngestTarget& target, const http::Request& request) {
  if (is_repeat(target)) return no_content();
  if (target.at.msn != timeline().next().msn || timeline().next_init() == 0) return position_answer(409);
  const auto duration = parse_duration_field(request.headers);
  if (!duration) return invalid(400, "Footlight-Duration must be a number of microseconds, at most one minute.");
  const TimingRecord& timing = timeline().timing();
  if ((*duration + 500'000) / 1'000'000 > target_duration_s(timing))
    return invalid(422, "A gap may not be longer than TARGETDURATION.");
  if (auto ok = log_->put(GapRecord{target.at.msn, *duration}); !ok) return disk_answer(ok.error());
  ++context_.metrics.gaps;
  announce();
  return no_content();
}

http::Response Stream::ingest_end(uint64_t epoch) {
  end_epoch_ = epoch;
  finish_if_due(context_.clock.now());
  return no_content();
}

}  // namespace footlight::hls
