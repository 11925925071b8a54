#include "control/lifecycle.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "control/programme_tracks.h"
#include "control/sessions.h"

namespace footlight::control {
namespace {

struct Move {
  EventState from, to;
  const char* call;
};
constexpr Move kMoves[] = {
    {EventState::kDraft, EventState::kRehearsal, "rehearse"}, {EventState::kDraft, EventState::kLive, "go-live"},
    {EventState::kRehearsal, EventState::kDraft, "draft"},    {EventState::kRehearsal, EventState::kLive, "go-live"},
    {EventState::kRehearsal, EventState::kEnded, "end"},      {EventState::kLive, EventState::kEnded, "end"},
};

void end_programme_viewers(Parts& parts, const Event& event) {
  for (const Session& session : parts.repository.sessions_of(event.id))
    if (session.stream == programme_stream(event.id)) end_session(parts, session, EndReason::kOver);
}

}  // namespace

std::vector<std::string> legal_calls(EventState from) {
  std::vector<std::string> out;
  for (const Move& move : kMoves)
    if (move.from == from) out.emplace_back(move.call);
  return out;
}

bool is_legal(EventState from, EventState to) {
  if (from == to || (from == EventState::kArchived && to == EventState::kEnded)) return true;
  return std::any_of(std::begin(kMoves), std::end(kMoves),
                     [&](const Move& move) { return move.from == from && move.to == to; });
}

void bump_status(Event& event) { ++event.counters.status_version; }

void store_event(Parts& parts, Event& event, const std::string& type) {
  ++event.revision;
  parts.repository.update_event(event);
  parts.stream.emit(event.id, type,
                    {{"id", event.id},
                     {"title", event.title},
                     {"state", name_of(event.state)},
                     {"session_type", event.interactive ? "interactive" : "broadcast"}});
}

void move_event(Parts& parts, Event& event, EventState to) {
  const auto now = parts.clock.wall_now();
  const bool was_running = is_running(event.state);
  event.state = to;
  if (is_running(to) && event.counters.timeline_start_ms == 0) event.counters.timeline_start_ms = now.ms();
  if (to == EventState::kLive) {
    event.started_at = now;
    event.ended_at.reset();
  }
  if (to == EventState::kEnded) {
    event.ended_at = now;
    for (const Session& session : parts.repository.sessions_of(event.id)) end_session(parts, session, EndReason::kOver);
  } else if (was_running && !is_running(to)) {
    end_programme_viewers(parts, event);
  }
  bump_status(event);
  store_event(parts, event, "event." + std::string(name_of(to)));
}

void adopt_relay_epoch(Parts& parts, const std::string& epoch) {
  auto& repository = parts.repository;
  const bool first = !repository.newest_incarnation("relay/local");
  repository.remember_incarnation("relay/local", epoch, 0);
  for (const auto& ending : repository.endings()) repository.delete_ending(ending.session);
  for (const Session& session : repository.all_sessions())
    if (session.relay_epoch != epoch) forget_session(parts, session, EndReason::kRelayLost);
  for (Event& event : repository.all_events()) {
    bump_status(event);
    repository.update_event(event);
    if (!first && accepts_publishers(event.state)) parts.stream.emit(event.id, "relay.lost", {{"relay_epoch", epoch}});
  }
}

}  // namespace footlight::control
