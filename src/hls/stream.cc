#include "hls/stream.h"

#include <fmt/format.h>

#include "base/log.h"
#include "hls/answers.h"
#include "hls/reload.h"

namespace footlight::hls {
namespace {

const Logger kLog("hls");

// After the end was desired, for compose to put its last parts (ARCHITECTURE.md, Ingest).
constexpr Duration kLastPartsGrace = Duration::seconds(3);

}  // namespace

std::string stream_folder(std::string_view id) {
  uint32_t hash = 2166136261;  // FNV-1a, 32 bits
  for (char c : id) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619;
  return fmt::format("{:02x}/{}", (hash ^ hash >> 16 ^ hash >> 8) & 0xff, id);
}

Stream::Stream(std::string id, StreamContext context)
    : id_(std::move(id)), context_(context), status_holds_(context.budget), media_holds_(context.budget) {}

void Stream::apply(const state::OriginStream& desired) {
  const bool status_changed = !applied_ || desired_.status != desired.status;
  const bool ended_now = desired.ended && (!applied_ || !desired_.ended);
  const bool reopened = applied_ && desired_.ended && !desired.ended;
  const bool form_changed = desired_.keep != desired.keep || desired_.window_s != desired.window_s ||
                            desired_.token_required != desired.token_required;
  desired_ = desired;
  applied_ = true;
  if (status_changed) status_holds_.wake();
  if (!desired.started) return;
  grid_ = state::hls_grid(desired.canvas, desired.timing);
  if (form_changed) playlists_.clear();
  form_.folder = fmt::format("../../{}/{}/", stream_folder(id_), desired.rendition.name);
  form_.window_us = desired.window_s * 1'000'000;
  form_.keep_all = desired.keep;
  form_.with_token = desired.token_required;
  if (ended_now) finish_at_ = context_.clock.now() + kLastPartsGrace;
  if (!desired.ended) finish_at_.reset();
  if (reopened) end_epoch_.reset();
  settle();
}

// Brings the log to what is desired; again at the next ingest when the disk was not there.
void Stream::settle() {
  if (!log_) open_log();
  if (!log_) return;
  // A fenced encoder puts nothing more: what it left open is complete.
  if (desired_.min_epoch > timeline().epoch() && !timeline().ended()) {
    if (log_->put(EpochRecord{desired_.min_epoch})) announce();
  }
  if (!desired_.ended && timeline().ended() && log_->put(ReopenRecord{})) announce();
  align_timing();
  finish_if_due(context_.clock.now());
}

// The grid that compose cuts by is the one that playlists promise.
void Stream::align_timing() {
  const TimingRecord& now = timeline().timing();
  const TimingRecord wanted{grid_.part_us(), grid_.segment_us(), grid_.segment_parts};
  if (timeline().ended() || (now.part_us == wanted.part_us && now.segment_parts == wanted.segment_parts)) return;
  if (now.part_us != 0) kLog.warn("parts and segments have another length from here on", {{"stream", id_}});
  if (log_->put(wanted)) announce();
}

void Stream::open_log() {
  auto log =
      std::make_unique<RenditionLog>(context_.spool / stream_folder(id_) / desired_.rendition.name, context_.files);
  if (auto ok = log->open(); !ok) {
    ++context_.metrics.disk_failed;
    kLog.error("the spool of a stream cannot be opened", {{"stream", id_}});
    return;
  }
  log_ = std::move(log);
  if (log_->timeline().has_media()) ++context_.edges;
}

void Stream::finish_if_due(Timestamp now) {
  if (log_ && timeline().ended()) finish_at_.reset();
  if (!finish_at_ || !log_) return;
  const bool said = end_epoch_ && *end_epoch_ >= timeline().epoch();
  if (!said && now < *finish_at_) return;
  if (!log_->put(EndRecord{})) {
    ++context_.metrics.disk_failed;
    finish_at_ = now + kLastPartsGrace;  // the disk may have room by then
    return;
  }
  finish_at_.reset();
  kLog.info("stream ended", {{"stream", id_}, {"segments", timeline().segments().size()}});
  ++context_.edges;
  announce();
}

// The timeline changed: whoever waits for that is answered, and what nobody may see any more goes.
void Stream::announce() {
  std::erase_if(playlists_, [](const CachedPlaylist& p) { return !p.key.as_of; });
  media_holds_.wake();
  if (desired_.keep) return;
  // A removed segment stays for its duration and that of the longest playlist that listed it (rfc8216bis §6.2.2).
  const int64_t reach_us = 2 * form_.window_us + 2 * timeline().timing().segment_us;
  log_->trim(timeline().edge_us() - reach_us);
}

bool Stream::playable() const { return desired_.started && !(log_ && timeline().ended() && !timeline().has_media()); }

state::OriginStreamObserved Stream::observed() const {
  state::OriginStreamObserved out;
  out.id = id_;
  if (!log_) return out;
  out.has_media = timeline().has_media();
  out.complete = timeline().ended();
  out.next_msn = timeline().next().msn;
  out.peak_bps = timeline().peak_bps();
  return out;
}

void Stream::tick(Timestamp now) {
  finish_if_due(now);
  status_holds_.expire(now);
  media_holds_.expire(now);
}

std::optional<Timestamp> Stream::next_deadline() const {
  std::optional<Timestamp> next;
  if (log_) next = finish_at_;
  for (const auto& other : {status_holds_.next_deadline(), media_holds_.next_deadline()})
    if (other && (!next || *other < *next)) next = other;
  return next;
}

void Stream::release() {
  status_holds_.expire(Timestamp::max());
  media_holds_.expire(Timestamp::max());
}

void Stream::bury(const std::string& id, const StreamContext& context) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(context.spool / stream_folder(id), ignored)) {
    RenditionLog log(entry.path(), context.files);
    if (!entry.is_directory() || !log.open() || !log.bury())
      kLog.warn("the media of a removed stream could not be removed", {{"stream", id}});
  }
}

void Stream::hold(const http::ExchangePtr& exchange, Holds& holds, Duration limit, Holds::TryAnswer try_answer) {
  if (!holds.hold(exchange, context_.clock.now() + limit, std::move(try_answer)))
    exchange->respond(refuse(503, "Too many requests are waiting here; try again in a second."));
}

}  // namespace footlight::hls
