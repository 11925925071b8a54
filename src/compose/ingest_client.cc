#include "compose/ingest_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "compose/date_time.h"

namespace footlight::compose {
namespace {

const Logger kLog("compose");

constexpr Duration kRequestTimeout = Duration::seconds(3);
constexpr Duration kFirstRetry = Duration::millis(20);
constexpr Duration kLastRetry = Duration::millis(500);  // an origin that is back gets the next part within it

}  // namespace

void IngestClient::set_target(IngestTarget target) {
  if (target_ == target) return;
  target_ = std::move(target);
  known_ = false;
  busy_ = false;
  ++round_;
  figures_.fenced = false;
  pump();
}

void IngestClient::add_init(int init, std::string body) {
  if (figures_.fenced) return;
  Item item{Item::Kind::kInit, init, {}};
  item.part.body = std::move(body);
  queue_.push_back(std::move(item));
  pump();
}

void IngestClient::add_part(Part part) {
  if (figures_.fenced) return;
  queue_.push_back({Item::Kind::kPart, 0, std::move(part)});
  drop_excess();
  pump();
}

void IngestClient::add_end() {
  if (figures_.fenced) return;
  queue_.push_back({Item::Kind::kEnd, 0, {}});
  pump();
}

void IngestClient::pump() {
  figures_.queued = static_cast<int64_t>(queue_.size());
  if (busy_ || queue_.empty() || !target_ || figures_.fenced) return;
  busy_ = true;
  if (known_)
    send_front();
  else
    ask_position();
}

std::string IngestClient::base_path() const { return "/ingest/" + http::percent_encode(target_->stream); }

void IngestClient::ask_position() {
  http::Request request;
  request.target = base_path();
  transport_.send(std::move(request), kRequestTimeout, [this, round = round_](auto answer) {
    if (round != round_) return;
    if (!answer || answer->status != 200) return retry();
    const auto position = parse(answer->body);
    if (!position) return retry();
    if (position->epoch > target_->epoch) return fence();
    take_position(*position);
    busy_ = false;
    back_off_ = {};
    pump();
  });
}

std::optional<IngestClient::Position> IngestClient::parse(const std::string& body) const {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  Position p;
  const auto number = [](const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_number_integer() ? found->get<int64_t>() : int64_t{0};
  };
  p.epoch = static_cast<uint64_t>(number(json, "epoch"));
  const auto renditions = json.find("renditions");
  if (renditions == json.end() || !renditions->is_object()) return p;
  const auto ours = renditions->find(target_->rendition);
  if (ours == renditions->end() || !ours->is_object()) return p;
  p.msn = number(*ours, "next_msn");
  p.part = number(*ours, "next_part");
  p.init = number(*ours, "next_init");
  return p;
}

// Numbers what is queued so that it follows what the origin has. A segment that an earlier epoch left open is closed by
// our first part, which therefore opens the next one.
void IngestClient::take_position(const Position& p) {
  const bool ours_is_open = p.part > 0 && p.epoch == target_->epoch;
  for (const Item& item : queue_) {
    if (item.kind != Item::Kind::kInit) continue;
    init_base_ = p.init - item.init;
    break;
  }
  int64_t segment = 0;
  int64_t part = 0;
  if (const auto first = std::ranges::find(queue_, Item::Kind::kPart, &Item::kind); first != queue_.end()) {
    segment = first->part.segment;
    part = first->part.part;
  }
  // Going on inside a segment that we opened ourselves, or beginning a new one.
  const bool continues = ours_is_open && part == p.part;
  msn_base_ = (continues || p.part == 0 ? p.msn : p.msn + 1) - segment;
  known_ = true;
}

http::Request IngestClient::request_for(const Item& item) const {
  http::Request r;
  r.method = "PUT";
  const std::string epoch = fmt::format("{}/{}", base_path(), target_->epoch);
  const std::string rendition = epoch + "/" + http::percent_encode(target_->rendition);
  const int64_t msn = msn_base_ + item.part.segment;
  switch (item.kind) {
    case Item::Kind::kInit:
      r.target = fmt::format("{}/init/{}", rendition, init_base_ + item.init);
      r.body = item.part.body;
      break;
    case Item::Kind::kPart:
      r.target = fmt::format("{}/{}/{}", rendition, msn, item.part.part);
      r.headers.set("Footlight-Duration", fmt::format("{}", item.part.duration.us()));
      r.headers.set("Footlight-Independent", item.part.independent ? "1" : "0");
      r.headers.set("Footlight-Date-Time", to_rfc3339_micros(item.part.date_time));
      r.headers.set("Footlight-Init", fmt::format("{}", init_base_ + item.part.init));
      if (item.part.last) r.headers.set("Footlight-Last", "1");
      r.body = item.part.body;
      break;
    case Item::Kind::kGap:
      r.target = fmt::format("{}/{}/gap", rendition, msn);
      r.headers.set("Footlight-Duration", fmt::format("{}", item.part.duration.us()));
      break;
    case Item::Kind::kEnd:
      r.target = epoch + "/end";
      break;
  }
  return r;
}

void IngestClient::send_front() {
  transport_.send(request_for(queue_.front()), kRequestTimeout, [this, round = round_](auto answer) {
    if (round != round_) return;
    if (!answer) return retry();
    on_answer(answer->status, answer->body);
  });
}

void IngestClient::on_answer(int status, const std::string& body) {
  if (status == 204 || status == 200) return acknowledged();
  if (status == 409) return on_conflict(body);
  if (status == 412) return fence();
  // 404 until the origin hears of the stream, 5xx and 507 until it is well again. A 400 is ours: log, then drop it.
  if (status == 400 || status == 413 || status == 422) {
    kLog.error("the origin refused what it was sent", {{"status", status}, {"answer", body.substr(0, 200)}});
    if (queue_.front().kind == Item::Kind::kPart) {
      drop_segment(queue_.front().part.segment);
    } else {
      queue_.pop_front();
    }
    busy_ = false;
    return pump();
  }
  retry();
}

void IngestClient::acknowledged() {
  const Item& item = queue_.front();
  if (item.kind == Item::Kind::kPart) {
    if (acked_segment_ != item.part.segment) acked_duration_ = {};
    acked_segment_ = item.part.segment;
    acked_duration_ += item.part.duration;
    ++figures_.parts;
  }
  queue_.pop_front();
  busy_ = false;
  back_off_ = {};
  pump();
}

// The origin expects something else: it lost or gained what we do not know of. Its word counts.
void IngestClient::on_conflict(const std::string& body) {
  ++figures_.conflicts;
  const auto p = parse(body);
  if (!p) return retry();
  if (p->epoch > target_->epoch) return fence();
  const Item& front = queue_.front();
  if (front.kind == Item::Kind::kInit) {
    init_base_ = p->init - front.init;
    return retry();
  }
  if (p->part > 0 && p->epoch == target_->epoch) {
    // Our own open segment, whose next part we have not got any more: close it as a gap.
    const int64_t segment = p->msn - msn_base_;
    Item gap{Item::Kind::kGap, 0, {}};
    gap.part.segment = segment;
    gap.part.duration = target_->segment;
    if (front.kind == Item::Kind::kPart && front.part.segment == segment) skip_to_segment_start();
    if (front.kind != Item::Kind::kGap) queue_.push_front(std::move(gap));
    return retry();
  }
  skip_to_segment_start();
  if (!queue_.empty()) msn_base_ = p->msn - queue_.front().part.segment;
  retry();
}

// What is left of a segment whose beginning the origin will never have is worth nothing.
void IngestClient::skip_to_segment_start() {
  while (!queue_.empty() && queue_.front().kind == Item::Kind::kPart && queue_.front().part.part > 0)
    queue_.pop_front();
}

void IngestClient::retry() {
  ++figures_.retries;
  back_off_ = back_off_ == Duration() ? kFirstRetry : std::min(back_off_ * 2, kLastRetry);
  transport_.after(back_off_, [this, round = round_] {
    if (round != round_) return;
    busy_ = false;
    drop_excess();
    pump();
  });
}

void IngestClient::fence() {
  kLog.error("another compose has taken over this programme: nothing more is published from here",
             {{"stream", target_->stream}, {"epoch", target_->epoch}});
  figures_.fenced = true;
  queue_.clear();
  busy_ = false;
}

void IngestClient::drop_excess() {
  Duration waiting;
  for (const Item& item : queue_)
    if (item.kind == Item::Kind::kPart) waiting += item.part.duration;
  while (waiting > kMaxWaiting) {
    // The oldest segment that is whole in the queue and has no request under way.
    const auto last = std::ranges::find_if(queue_, [&](const Item& item) {
      const bool under_way = busy_ && item.part.segment == queue_.front().part.segment;
      return item.kind == Item::Kind::kPart && item.part.last && !under_way;
    });
    if (last == queue_.end()) return;
    const int64_t segment = last->part.segment;
    for (const Item& item : queue_)
      if (item.kind == Item::Kind::kPart && item.part.segment == segment) waiting -= item.part.duration;
    drop_segment(segment);
  }
}

// Replaces what is queued of a segment by one gap of the whole segment's length.
void IngestClient::drop_segment(int64_t segment) {
  Item gap{Item::Kind::kGap, 0, {}};
  gap.part.segment = segment;
  if (acked_segment_ == segment) gap.part.duration = acked_duration_;
  const auto of_segment = [&](const Item& item) {
    return item.kind == Item::Kind::kPart && item.part.segment == segment;
  };
  const auto first = std::ranges::find_if(queue_, of_segment);
  const auto at = first - queue_.begin();
  for (const Item& item : queue_)
    if (of_segment(item)) gap.part.duration += item.part.duration;
  std::erase_if(queue_, of_segment);
  queue_.insert(queue_.begin() + at, std::move(gap));
  ++figures_.dropped_segments;
  kLog.warn("a segment was dropped: the origin takes nothing", {{"segment", segment}});
}

}  // namespace footlight::compose
