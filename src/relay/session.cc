#include "relay/session.h"

#include "base/log.h"

namespace footlight::relay {
namespace {

const Logger kLog("relay");

// A browser that has its answer connects within a second or two; ICE with trickle and TURN may take ten.
constexpr Duration kConnectTimeout = Duration::seconds(15);

std::string_view name_of(Session::Life life) {
  switch (life) {
    case Session::Life::kNew:
      return "new";
    case Session::Life::kConnected:
      return "connected";
    case Session::Life::kStalled:
      return "stalled";
    case Session::Life::kEnded:
      return "ended";
  }
  return "";
}

}  // namespace

Session::Session(std::string id, std::string stream, Counters& counters, Timestamp now)
    : counters_(counters), id_(std::move(id)), stream_(std::move(stream)), created_at_(now) {}

void Session::set_life(Life life) {
  if (life_ == life) return;
  life_ = life;
  changed_ = true;
  kLog.info("session state",
            {{"session", id_}, {"stream", stream_}, {"state", name_of(life)}, {"reason", end_reason_}});
}

void Session::tick_life(Timestamp now) {
  if (ended()) return;
  tick_transport(now);
  if (ended()) return;
  if (life_ == Life::kNew) {
    if (now - created_at_ >= kConnectTimeout) end("connect_timeout", now);
    return;
  }
  set_life(silent(now) ? Life::kStalled : Life::kConnected);
}

void Session::end(std::string reason, Timestamp now) {
  if (ended()) return;
  on_end(now);
  close_transport();
  end_reason_ = std::move(reason);
  counters_.session_ends.count(end_reason_);
  ended_at_ = now;
  set_life(Life::kEnded);
}

state::SessionObserved Session::observe(Timestamp now) {
  state::SessionObserved observed;
  observed.id = id_;
  observed.kind = publishes_ ? "publish" : "subscribe";
  observed.stream = stream_;
  observed.state = name_of(life_);
  observed.end_reason = end_reason_;
  observed.transport = life_ == Life::kNew ? "" : transport_name();
  if (!ended()) fill(observed, now);
  return observed;
}

}  // namespace footlight::relay
