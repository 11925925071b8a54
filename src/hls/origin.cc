#include "hls/origin.h"

#include <fmt/format.h>

#include <array>
#include <deque>
#include <map>
#include <set>

#include "base/log.h"
#include "base/random.h"
#include "hls/answers.h"
#include "hls/metrics_text.h"
#include "hls/stream.h"
#include "hls/viewer_access.h"
#include "http/router.h"

namespace footlight::hls {
namespace {

const Logger kLog("hls");

// Before the first desired state; control answers it in milliseconds.
constexpr Duration kStartHold = Duration::seconds(5);
// A stream that is no longer desired loses its media after this: longer than any hiccup of a restarting control.
constexpr Duration kBuryAfter = Duration::seconds(30);

// The pieces of a path under /live/, percent-decoded; empty when it is none of ours.
std::vector<std::string> live_pieces(std::string_view path) {
  constexpr std::string_view kRoot = "/live/";
  constexpr size_t kMostPieces = 4;
  if (!path.starts_with(kRoot)) return {};
  path.remove_prefix(kRoot.size());
  std::vector<std::string> out;
  while (true) {
    const size_t slash = path.find('/');
    auto piece = http::percent_decode(path.substr(0, slash));
    if (!piece || out.size() == kMostPieces) return {};
    out.push_back(std::move(*piece));
    if (slash == std::string_view::npos) return out;
    path.remove_prefix(slash + 1);
  }
}

// What a public path names.
struct LiveTarget {
  enum class Kind { kNone, kMultivariant, kStatus, kPlaylist, kMedia };
  Kind kind = Kind::kNone;
  std::string event, rendition, file;
};

LiveTarget parse_live_target(std::string_view path) {
  using Kind = LiveTarget::Kind;
  std::vector<std::string> pieces = live_pieces(path);
  if (pieces.size() == 2 && pieces[1] == "index.m3u8") return {Kind::kMultivariant, pieces[0], {}, {}};
  if (pieces.size() == 2 && pieces[1] == "status.json") return {Kind::kStatus, pieces[0], {}, {}};
  if (pieces.size() == 3 && pieces[2] == "index.m3u8") return {Kind::kPlaylist, pieces[0], pieces[1], {}};
  if (pieces.size() != 4 || !is_safe_name(pieces[1])) return {};
  if (stream_folder(pieces[1]) != pieces[0] + "/" + pieces[1]) return {};
  return {Kind::kMedia, pieces[1], pieces[2], pieces[3]};
}

}  // namespace

struct Origin::Impl {
  Impl(http::Loop& l, OriginOptions o)
      : loop(l),
        options(std::move(o)),
        clock(options.clock != nullptr ? *options.clock : SystemClock::get()),
        own_files(options.files != nullptr ? nullptr : std::make_unique<ThreadFileReader>(loop)),
        files(options.files != nullptr ? *options.files : *own_files),
        cache(files, options.file_cache_bytes) {
    budget.limit = options.max_held;
    if (options.incarnation.empty()) options.incarnation = random_id();
  }

  // A request that came before the first desired state.
  struct Early {
    bool ingest = false;
    Timestamp deadline;
    http::Request request;
    http::ExchangePtr exchange;
  };

  StreamContext context() { return {clock, options.spool, files, cache, budget, metrics, edges}; }
  Result<void, Error> open();
  void apply(const state::OriginDesired& desired);
  void handle(http::Request request, http::ExchangePtr exchange, bool ingest);
  void serve_public(http::Request request, const http::ExchangePtr& exchange);
  void serve_ingest(http::Request request, const http::ExchangePtr& exchange);
  void tick();
  void arm();
  void drain();
  Stream* find(std::string_view id);

  http::Loop& loop;
  OriginOptions options;
  Clock& clock;
  std::unique_ptr<ThreadFileReader> own_files;
  FileReader& files;
  FileCache cache;
  HoldBudget budget;
  Metrics metrics;
  ViewerAccess access;
  uint64_t edges = 0;
  int64_t generation = 0;
  bool applied = false;
  bool draining = false;
  std::map<std::string, std::unique_ptr<Stream>, std::less<>> streams;
  std::set<std::string, std::less<>> on_disk;               // streams that have a folder in the spool
  std::map<std::string, Timestamp, std::less<>> buried_at;  // no longer desired: when their media go
  std::deque<Early> early;
  http::Loop::Timer timer;
  std::optional<Timestamp> timer_at;
};

Result<void, Error> Origin::Impl::open() {
  std::error_code error;
  std::filesystem::create_directories(options.spool, error);
  if (error)
    return fail(fmt::format("The spool folder {} cannot be made: {}.", options.spool.native(), error.message()));
  for (const auto& shelf : std::filesystem::directory_iterator(options.spool, error)) {
    if (!shelf.is_directory()) continue;
    for (const auto& entry : std::filesystem::directory_iterator(shelf.path(), error))
      if (entry.is_directory() && is_safe_name(entry.path().filename().native()))
        on_disk.insert(entry.path().filename().native());
  }
  if (error)
    return fail(fmt::format("The spool folder {} cannot be read: {}.", options.spool.native(), error.message()));
  return {};
}

Stream* Origin::Impl::find(std::string_view id) {
  auto found = streams.find(id);
  return found == streams.end() ? nullptr : found->second.get();
}

void Origin::Impl::apply(const state::OriginDesired& desired) {
  const Timestamp now = clock.now();
  std::set<std::string, std::less<>> wanted;
  access.apply(desired.token_key, desired.revoked_tokens);
  for (const state::OriginStream& stream : desired.streams) {
    if (!is_safe_name(stream.id) || !is_safe_name(stream.rendition.name)) {
      kLog.error("a stream's id or rendition cannot be a folder name; it is not served", {{"stream", stream.id}});
      continue;
    }
    wanted.insert(stream.id);
    buried_at.erase(stream.id);
    auto& slot = streams[stream.id];
    if (!slot) slot = std::make_unique<Stream>(stream.id, context());
    slot->apply(stream);
    if (stream.started) on_disk.insert(stream.id);
  }
  for (auto it = streams.begin(); it != streams.end();) {
    if (wanted.contains(it->first)) {
      ++it;
      continue;
    }
    it->second->release();
    it = streams.erase(it);
  }
  for (const std::string& id : on_disk)
    if (!wanted.contains(id)) buried_at.try_emplace(id, now + kBuryAfter);
  generation = desired.generation;
  applied = true;
  for (auto waiting = std::exchange(early, {}); Early & e : waiting)
    handle(std::move(e.request), std::move(e.exchange), e.ingest);
}

void Origin::Impl::handle(http::Request request, http::ExchangePtr exchange, bool ingest) {
  if (draining) return exchange->respond(refuse(503, "The server is stopping."));
  if (!applied) {
    if (early.size() >= options.max_held) return exchange->respond(refuse(503, "The server is starting."));
    early.push_back({ingest, clock.now() + kStartHold, std::move(request), std::move(exchange)});
  } else if (ingest) {
    serve_ingest(std::move(request), exchange);
  } else {
    serve_public(std::move(request), exchange);
  }
}

void Origin::Impl::serve_public(http::Request request, const http::ExchangePtr& exchange) {
  using Kind = LiveTarget::Kind;
  const LiveTarget target = parse_live_target(request.path());
  if (request.method == "OPTIONS") return exchange->respond(preflight());
  Stream* stream = target.kind == Kind::kNone ? nullptr : find(target.event);
  if (stream == nullptr) return exchange->respond(refuse(404, "There is no such event here."));
  if (request.method != "GET" && request.method != "HEAD") {
    http::Response response = refuse(405, "Only GET, HEAD and OPTIONS are answered here.");
    response.headers.set("Allow", "GET, HEAD, OPTIONS");
    return exchange->respond(std::move(response));
  }
  if (target.kind == Kind::kStatus) return stream->status(request, exchange);
  std::string cookie;
  if (stream->desired().token_required) {
    auto verdict = access.check(request, target.event, clock.wall_now());
    if (verdict.status != 200) {
      ++metrics.refused_viewers;
      return exchange->respond(refuse(verdict.status, verdict.detail));
    }
    cookie = std::move(verdict.set_cookie);
  }
  if (target.kind == Kind::kMultivariant) return stream->multivariant(exchange, cookie);
  if (target.rendition != stream->desired().rendition.name)
    return exchange->respond(refuse(404, "The event has no rendition of this name."));
  if (target.kind == Kind::kPlaylist) return stream->playlist(request, exchange, cookie);
  stream->media(std::move(request), exchange, target.file);
}

void Origin::Impl::serve_ingest(http::Request request, const http::ExchangePtr& exchange) {
  const auto target = parse_ingest_target(request.method, request.path());
  if (!target) {
    const bool method = target.error() == IngestFault::kMethod;
    return exchange->respond(
        http::problem(method ? 405 : 404, method ? "GET reads where to go on; PUT puts." : "That is no ingest path."));
  }
  Stream* stream = find(target->stream);
  if (stream == nullptr) return exchange->respond(http::problem(404, "There is no such stream here."));
  exchange->respond(stream->ingest(*target, std::move(request)));
}

void Origin::Impl::tick() {
  const Timestamp now = clock.now();
  for (auto& [unused, stream] : streams) stream->tick(now);
  while (!early.empty() && early.front().deadline <= now) {
    early.front().exchange->respond(refuse(503, "The server is starting."));
    early.pop_front();
  }
  for (auto it = buried_at.begin(); it != buried_at.end();) {
    if (it->second > now) {
      ++it;
      continue;
    }
    kLog.info("removing the media of a stream that is gone", {{"stream", it->first}});
    Stream::bury(it->first, context());
    on_disk.erase(it->first);
    it = buried_at.erase(it);
  }
}

// One timer for everything that waits.
void Origin::Impl::arm() {
  std::optional<Timestamp> next;
  const auto consider = [&next](std::optional<Timestamp> t) {
    if (t && (!next || *t < *next)) next = t;
  };
  for (auto& [unused, stream] : streams) consider(stream->next_deadline());
  for (auto& [unused, at] : buried_at) consider(at);
  if (!early.empty()) consider(early.front().deadline);
  if (next == timer_at) return;
  timer_at = next;
  timer.cancel();
  if (!next) return;
  const Duration delay = std::max(*next - clock.now(), Duration::zero());
  timer = loop.after(delay, [this] {
    timer_at.reset();
    tick();
    arm();
  });
}

void Origin::Impl::drain() {
  draining = true;
  for (auto& [unused, stream] : streams) stream->release();
  for (Early& e : std::exchange(early, {})) e.exchange->respond(refuse(503, "The server is stopping."));
}

Origin::Origin(http::Loop& loop, OriginOptions options) : impl_(std::make_unique<Impl>(loop, std::move(options))) {}
Origin::~Origin() = default;

Result<void, Error> Origin::open() { return impl_->open(); }

void Origin::apply(const state::OriginDesired& desired) {
  impl_->apply(desired);
  impl_->arm();
}

void Origin::handle_public(http::Request request, http::ExchangePtr exchange) {
  impl_->handle(std::move(request), std::move(exchange), false);
  impl_->arm();
}

void Origin::handle_ingest(http::Request request, http::ExchangePtr exchange) {
  impl_->handle(std::move(request), std::move(exchange), true);
  impl_->arm();
}

state::OriginObserved Origin::observed() const {
  state::OriginObserved out;
  out.incarnation = impl_->options.incarnation;
  out.applied_generation = impl_->generation;
  for (const auto& [unused, stream] : impl_->streams) out.streams.push_back(stream->observed());
  out.metrics = metrics_text(impl_->metrics, impl_->budget, impl_->streams.size(), impl_->cache.reads());
  return out;
}

uint64_t Origin::edges() const { return impl_->edges; }

void Origin::drain() {
  impl_->drain();
  impl_->arm();
}

void Origin::tick() {
  impl_->tick();
  impl_->arm();
}

}  // namespace footlight::hls
