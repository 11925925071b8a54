#include "control/observer.h"

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "control/desired_documents.h"
#include "control/desired_server.h"
#include "control/lifecycle.h"
#include "control/rtmp_publishers.h"
#include "control/sessions.h"

namespace footlight::control {
namespace {

constexpr Logger kLog("control");

// Roles report at least once a second (state/observed.h); five silent ones mean that it is away.
constexpr Duration kPresence = Duration::seconds(5);
// A session that was just made may be missing in a document written before it.
constexpr Duration kNewSession = Duration::seconds(5);

EndReason reason_of(const std::string& relay_word) {
  if (relay_word == "taken_over") return EndReason::kTakenOver;
  if (relay_word == "closed_by_peer") return EndReason::kLeft;
  return EndReason::kLost;
}

}  // namespace

Observer::Observer(Parts& parts, const DesiredServer& desired)
    : parts_(parts), desired_(desired), started_(parts.clock.now()) {}

void Observer::note(const std::string& role, std::string metrics) {
  present_[role] = {parts_.clock.now(), std::move(metrics)};
}

void Observer::settle_publisher(const Session& session, const state::SessionObserved& observed) {
  auto source = find_source(parts_.repository, session.event, session.source);
  if (!source) return;
  if (source->session.empty()) {  // the session that had taken over is gone, and this one lives
    source->session = session.id;
    parts_.repository.update_source(*source);
  }
  if (source->session != session.id) return;
  if (observed.state == "connected" && source->state != SourceState::kConnected)
    on_source_connected(parts_, *source, observed.transport);
  else if (observed.state == "stalled" && source->state == SourceState::kConnected)
    on_source_silent(parts_, *source, EndReason::kLost);
}

void Observer::settle_sessions(const state::RelayObserved& o, const ObservedSessions& observed) {
  const auto now = parts_.clock.wall_now();
  std::set<std::string> known;
  for (const Session& session : parts_.repository.all_sessions()) {
    known.insert(session.id);
    const auto it = observed.find(session.id);
    if (it == observed.end()) {
      if (now - session.created_at > kNewSession) forget_session(parts_, session, EndReason::kLost);
    } else if (it->second->state == "ended") {
      forget_session(parts_, session, reason_of(it->second->end_reason));
    } else if (session.publish) {
      settle_publisher(session, *it->second);
    }
  }
  // A session that nobody here knows was made for a control that died before it could write it down.
  for (const auto& [id, session] : observed)
    if (session->state != "ended" && !known.contains(id) && !calls_.contains(id) && !is_rtmp(*session))
      parts_.repository.insert_ending(id, o.incarnation);
}

void Observer::settle_endings(const state::RelayObserved& o, const ObservedSessions& observed) {
  for (const auto& ending : parts_.repository.endings()) {
    const auto it = observed.find(ending.session);
    const bool over = it == observed.end() || it->second->state == "ended";
    // Before it has applied the document that ends it, the relay may not even have listed it.
    if (over && o.applied_generation == desired_.generation("relay/local"))
      parts_.repository.delete_ending(ending.session);
  }
}

void Observer::learn_relay(const std::string& epoch) {
  if (!parts_.repository.knows_incarnation("relay/local", epoch)) adopt_relay_epoch(parts_, epoch);
}

Result<void, Error> Observer::on_relay(const state::RelayObserved& o) {
  auto& repository = parts_.repository;
  const auto newest = repository.newest_incarnation("relay/local");
  const bool current = newest && newest->id == o.incarnation;
  if (!current && repository.knows_incarnation("relay/local", o.incarnation)) return {};  // a relay of the past
  note("relay/local", o.metrics);
  ObservedSessions observed;
  for (const auto& session : o.sessions) observed.emplace(session.id, &session);
  return parts_.changes.run(Durability::kProcess, [&] {
    if (!current) adopt_relay_epoch(parts_, o.incarnation);
    if (!o.pipe_address.empty() && repository.setting(kPipeAddressSetting) != o.pipe_address)
      repository.set_setting(kPipeAddressSetting, o.pipe_address);
    settle_endings(o, observed);
    adopt_rtmp_publishers(parts_, o);
    settle_sessions(o, observed);
    return true;
  });
}

void Observer::archive_ended(const std::function<bool(const Event&)>& complete) {
  std::vector<Event> done;
  for (Event& event : parts_.repository.all_events())
    if (event.state == EventState::kEnded && complete(event)) done.push_back(std::move(event));
  if (done.empty()) return;
  const auto stored = parts_.changes.run(Durability::kPower, [&] {
    for (Event& event : done) move_event(parts_, event, EventState::kArchived);
    return true;
  });
  if (!stored) kLog.error("an ended event could not be archived yet", {{"reason", stored.error().message}});
}

Result<void, Error> Observer::on_origin(const state::OriginObserved& o) {
  note("origin/local", o.metrics);
  // Only a document about the present desired state says that *this* end is complete, not an earlier one.
  if (o.applied_generation != desired_.generation("origin/local")) return {};
  archive_ended([&](const Event& event) {
    return std::any_of(o.streams.begin(), o.streams.end(),
                       [&](const auto& s) { return s.id == event.id && s.complete; });
  });
  return {};
}

void Observer::on_other(const std::string& role, state::Observed o) { note(role, std::move(o.metrics)); }

bool Observer::is_present(const std::string& role) const {
  const auto it = present_.find(role);
  return it != present_.end() && parts_.clock.now() - it->second.seen < kPresence;
}

void Observer::tick() {
  const auto now = parts_.clock.now();
  std::erase_if(present_, [&](const auto& entry) {
    const auto silence = now - entry.second.seen;
    if (silence > kPresence) parts_.last_documents.forget(entry.first);
    return silence > kPresence * 2;
  });
  archive_ended([](const Event& event) { return !event.started_at; });  // never live: there is nothing to complete
  if (is_present("relay/local") || now - started_ < kPresence) return;
  // Without a relay nobody is on air, whatever the last document said.
  std::vector<Source> silent;
  for (const Event& event : parts_.repository.all_events())
    for (Source& source : parts_.repository.sources_of(event.id))
      if (source.state == SourceState::kConnected && source.kind != SourceKind::kTest)
        silent.push_back(std::move(source));
  if (silent.empty()) return;
  const auto stored = parts_.changes.run(Durability::kProcess, [&] {
    for (Source& source : silent) on_source_silent(parts_, source, EndReason::kRelayLost);
    return true;
  });
  if (!stored) kLog.error("sources could not be marked as lost", {{"reason", stored.error().message}});
}

std::vector<std::pair<std::string, std::string>> Observer::metrics() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [role, present] : present_) out.emplace_back(role, present.metrics);
  return out;
}

}  // namespace footlight::control
