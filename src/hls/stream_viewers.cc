#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "hls/answers.h"
#include "hls/multivariant.h"
#include "hls/reload.h"
#include "hls/stream.h"

namespace footlight::hls {
namespace {

constexpr Duration kStatusHold = Duration::seconds(25);    // CONTRACT §4
constexpr Duration kFirstPartHold = Duration::seconds(3);  // a bare playlist at the start
// Players begin PART-HOLD-BACK, three parts, before the edge. With one part more they begin in media; with fewer they
// begin in the gaps before it, where hls.js 1.7.4 waits for a whole segment to follow.
constexpr int64_t kFirstParts = 4;
constexpr Duration kCodecsHold = Duration::seconds(1);  // the multivariant playlist at the start (CONTRACT §3)
constexpr int64_t kHoldTargetDurations = 3;             // rfc8216bis §6.2.5.2
constexpr int64_t kDirectiveTargetDurations = 6;        // Reload's steady span
constexpr int64_t kStatusSeconds = 1;
constexpr size_t kCachedPlaylists = 24;

// What stands at the URI of a GAP: a lone segment type box, so that a player that knows no GAP goes on.
constexpr std::string_view kEmptySegment(
    "\0\0\0\x14styp"
    "iso6"
    "\0\0\0\0"
    "iso6",
    20);

struct FileName {
  enum class Kind { kInit, kSegment, kPart };
  Kind kind = Kind::kSegment;
  Position at;
  int64_t init = 0;
};

// "init-0.mp4", "12.m4s", "12.3.m4s".
std::optional<FileName> parse_file_name(std::string_view name) {
  constexpr std::string_view kInitHead = "init-", kInitTail = ".mp4", kMediaTail = ".m4s";
  if (name.starts_with(kInitHead) && name.ends_with(kInitTail)) {
    name = name.substr(kInitHead.size(), name.size() - kInitHead.size() - kInitTail.size());
    const auto number = parse_plain_number(name);
    if (!number) return std::nullopt;
    return FileName{FileName::Kind::kInit, {}, *number};
  }
  if (!name.ends_with(kMediaTail)) return std::nullopt;
  name.remove_suffix(kMediaTail.size());
  const size_t dot = name.find('.');
  const auto msn = parse_plain_number(name.substr(0, dot));
  if (!msn) return std::nullopt;
  if (dot == std::string_view::npos) return FileName{FileName::Kind::kSegment, {*msn, 0}, 0};
  const auto part = parse_plain_number(name.substr(dot + 1));
  if (!part) return std::nullopt;
  return FileName{FileName::Kind::kPart, {*msn, *part}, 0};
}

// How much has been announced since the playlist was as of `at`: RFC 9111 §5.1 calls that its Age, and from it a player
// that fell behind knows how far ahead to ask (rfc8216bis appendix C, tune-in). Without it, each answer leads to the
// next part alone, and a player on a busy machine never catches up.
int64_t age_s(const Timeline& timeline, Position at) {
  const Segment* segment = timeline.find(at.msn);
  if (segment == nullptr) return 0;
  int64_t end_us = segment->end_us();
  for (size_t i = segment->parts.size(); i > 0 && static_cast<int64_t>(i) - 1 > at.part; --i)
    end_us -= segment->parts[i - 1].duration_us;
  return (timeline.edge_us() - end_us) / 1'000'000;
}

http::Response not_here() { return refuse(404, "There is no such file."); }

}  // namespace

void Stream::answer_status(const http::ExchangePtr& exchange, bool changed) {
  const state::StreamStatus& status = desired_.status;
  const nlohmann::ordered_json body = {{"version", status.version},
                                       {"state", status.state},
                                       {"session_type", status.session_type},
                                       {"relay_epoch", status.relay_epoch}};
  ++context_.metrics.statuses_served;
  // What says "nothing new" must not answer the next question too.
  exchange->respond(
      text_answer(std::make_shared<const std::string>(body.dump()), kJsonType, changed ? kStatusSeconds : 0, false));
}

void Stream::status(const http::Request& request, const http::ExchangePtr& exchange) {
  const auto text = request.query_value("_v");
  const auto version = text ? parse_plain_number(*text) : std::nullopt;
  if (text && !version) return exchange->respond(refuse(400, "_v must be the version of the last answer."));
  if (!version || *version != desired_.status.version) return answer_status(exchange, true);
  hold(exchange, status_holds_, kStatusHold, [this, exchange, seen = *version](bool late) {
    const bool changed = desired_.status.version != seen;
    if (!changed && !late) return false;
    answer_status(exchange, changed);
    return true;
  });
}

http::Response Stream::multivariant_answer() const {
  constexpr int64_t kMeasuredEnoughUs = 10'000'000;
  VariantForm form;
  const RateForecast forecast = forecast_rates(desired_.rendition);
  form.uri = desired_.rendition.name + "/index.m3u8";
  form.codecs = expected_codecs(desired_.canvas);
  form.peak_bps = forecast.peak_bps;
  form.average_bps = forecast.average_bps;
  form.width = desired_.rendition.width;
  form.height = desired_.rendition.height;
  form.fps = desired_.canvas.fps;
  form.with_token = desired_.token_required;
  if (log_) {
    if (log_->init_info()) form.codecs = fmp4::codecs(*log_->init_info());
    form.peak_bps = std::max(form.peak_bps, timeline().peak_bps());
    const int64_t total_us = timeline().total_us();
    if (total_us >= kMeasuredEnoughUs)
      form.average_bps =
          static_cast<int64_t>(static_cast<double>(timeline().total_bytes()) * 8e6 / static_cast<double>(total_us));
    form.average_bps = std::min(form.average_bps, form.peak_bps);
  }
  return text_answer(std::make_shared<const std::string>(build_multivariant_playlist(form)), kPlaylistType,
                     kStatusSeconds, false);
}

void Stream::multivariant(const http::ExchangePtr& exchange, const std::string& cookie) {
  if (!playable()) return exchange->respond(refuse(404, "There is nothing to watch here yet."));
  auto answer = [this, exchange, cookie](bool late) {
    if (!late && !(log_ && log_->init_info())) return false;
    http::Response response = multivariant_answer();
    if (!cookie.empty()) response.headers.set("Set-Cookie", cookie);
    ++context_.metrics.playlists_served;
    exchange->respond(std::move(response));
    return true;
  };
  if (!answer(false)) hold(exchange, media_holds_, kCodecsHold, answer);
}

Bytes Stream::playlist_text(const PlaylistKey& key) {
  const auto found = std::ranges::find(playlists_, key, &CachedPlaylist::key);
  if (found != playlists_.end()) return found->text;
  Bytes text;
  if (key.gzip) {
    text = std::make_shared<const std::string>(gzip(*playlist_text({key.as_of, key.skip, false})));
  } else {
    text = std::make_shared<const std::string>(build_media_playlist(timeline(), form_, key.as_of, key.skip));
    ++context_.metrics.playlists_built;
  }
  if (playlists_.size() >= kCachedPlaylists) playlists_.erase(playlists_.begin());
  playlists_.push_back({key, text});
  return text;
}

void Stream::answer_playlist(const http::Request& request, const http::ExchangePtr& exchange,
                             std::optional<Position> as_of, bool with_directives, bool skip,
                             const std::string& cookie) {
  const bool gzipped = accepts_gzip(request);
  const int64_t target_s = target_duration_s(timeline().timing());
  const bool steady = as_of && with_directives && !timeline().ended();
  const int64_t max_age_s = steady ? kDirectiveTargetDurations * target_s : std::max<int64_t>(1, target_s / 2);
  http::Response response = text_answer(playlist_text({as_of, skip, gzipped}), kPlaylistType, max_age_s, gzipped);
  if (const int64_t age = steady ? age_s(timeline(), *as_of) : 0; age > 0)
    response.headers.set("Age", fmt::format("{}", age));
  if (!cookie.empty()) response.headers.set("Set-Cookie", cookie);
  ++context_.metrics.playlists_served;
  exchange->respond(std::move(response));
}

// Too little was announced for a player to begin in. A part may be a microsecond short of PART-TARGET.
bool Stream::is_beginning() const {
  return playable() && !timeline().ended() && timeline().has_media() &&
         timeline().segments().front().msn == timeline().first_msn() &&
         timeline().edge_us() < kFirstParts * timeline().timing().part_us - kFirstParts;
}

void Stream::playlist(const http::Request& request, const http::ExchangePtr& exchange, const std::string& cookie) {
  if (!playable()) return exchange->respond(refuse(404, "There is nothing to watch here yet."));
  if (!log_) return exchange->respond(refuse(503, "The spool cannot be read; the operator has to look."));
  const auto directives = parse_directives(request.query());
  if (!directives) return exchange->respond(refuse(400, fmt::format("{}.", sentence(directives.error()))));
  const bool bare = !directives->msn;
  auto answer = [this, request, exchange, cookie, bare, directives = *directives](bool late) {
    if (bare && !late && is_beginning()) return false;
    const Reload now = playable() ? resolve_reload(timeline(), directives) : Reload{Reload::Kind::kWait, {}};
    if (now.kind == Reload::Kind::kServe) {
      answer_playlist(request, exchange, now.as_of, !bare, directives.skip, bare ? cookie : std::string());
      return true;
    }
    if (playable() && !late) return false;
    exchange->respond(playable() ? refuse(503, "The part did not come in time; try again.")
                                 : refuse(404, "The event ended before anything was shown."));
    return true;
  };
  if (resolve_reload(timeline(), *directives).kind == Reload::Kind::kTooFar)
    return exchange->respond(refuse(400, "That part lies too far ahead."));
  const Duration limit =
      bare ? kFirstPartHold : Duration::seconds(kHoldTargetDurations * target_duration_s(timeline().timing()));
  if (!answer(false)) hold(exchange, media_holds_, limit, answer);
}

void Stream::send_media(const http::Request& request, const http::ExchangePtr& exchange, const Bytes& bytes,
                        std::string_view etag) {
  ++context_.metrics.media_served;
  exchange->respond(media_answer(request, bytes, etag));
}

void Stream::send_file(http::Request request, const http::ExchangePtr& exchange, const Segment& segment,
                       uint64_t offset, uint64_t size, std::string etag) {
  context_.cache.get(log_->segment_path(segment.msn), offset, size,
                     [&metrics = context_.metrics, request = std::move(request), exchange,
                      etag = std::move(etag)](const Bytes& bytes) {
                       if (!bytes) return exchange->respond(refuse(503, "The file cannot be read now; try again."));
                       ++metrics.media_served;
                       exchange->respond(media_answer(request, bytes, etag));
                     });
}

void Stream::media(http::Request request, const http::ExchangePtr& exchange, std::string_view file) {
  const auto name = parse_file_name(file);
  if (!name || !desired_.started || !log_) return exchange->respond(not_here());
  if (name->kind == FileName::Kind::kPart) return part_file(std::move(request), exchange, name->at);
  if (name->kind == FileName::Kind::kSegment) return segment_file(std::move(request), exchange, name->at.msn);
  const Bytes init = log_->init_bytes(name->init);
  if (!init) return exchange->respond(not_here());
  send_media(request, exchange, init, fmt::format("\"init-{}\"", name->init));
}

void Stream::segment_file(http::Request request, const http::ExchangePtr& exchange, int64_t msn) {
  static const Bytes empty = std::make_shared<const std::string>(kEmptySegment);
  const Segment* segment = timeline().find(msn);
  const bool pad =
      timeline().has_media() && msn < timeline().first_msn() && msn >= timeline().first_msn() - Timeline::kPads;
  if (pad || (segment != nullptr && segment->gap)) return send_media(request, exchange, empty, "\"gap\"");
  if (segment == nullptr || !segment->complete) return exchange->respond(not_here());
  std::string etag = fmt::format("\"{}\"", msn);
  if (Bytes bytes = log_->segment_bytes(msn)) return send_media(request, exchange, bytes, etag);
  send_file(std::move(request), exchange, *segment, 0, segment->size, std::move(etag));
}

// True when the request is answered: the part is there, or can never be.
bool Stream::answer_part(const http::Request& request, const http::ExchangePtr& exchange, Position at) {
  if (!timeline().ended() && at == timeline().next()) return false;
  const Segment* segment = timeline().find(at.msn);
  const bool there = segment != nullptr && !segment->gap && static_cast<size_t>(at.part) < segment->parts.size() &&
                     !segment->parts[static_cast<size_t>(at.part)].gap;
  if (!there) {
    exchange->respond(not_here());
    return true;
  }
  const Part& part = segment->parts[static_cast<size_t>(at.part)];
  std::string etag = fmt::format("\"{}.{}\"", at.msn, at.part);
  if (const Bytes bytes = log_->part_bytes(at))
    send_media(request, exchange, bytes, etag);
  else
    send_file(request, exchange, *segment, part.offset, part.size, std::move(etag));
  return true;
}

void Stream::part_file(http::Request request, const http::ExchangePtr& exchange, Position at) {
  if (answer_part(request, exchange, at)) return;
  // The hinted part: held, then sent whole as soon as it is there (rfc8216bis §6.2.6).
  const Duration limit = Duration::seconds(kHoldTargetDurations * target_duration_s(timeline().timing()));
  hold(exchange, media_holds_, limit, [this, request = std::move(request), exchange, at](bool late) {
    if (answer_part(request, exchange, at)) return true;
    if (late) exchange->respond(refuse(503, "The part did not come in time; try again."));
    return late;
  });
}

}  // namespace footlight::hls
