#include "control/sessions.h"

#include <nlohmann/json.hpp>

#include "control/event_json.h"
#include "control/stage.h"

namespace footlight::control {
namespace {

void detach_publisher(Parts& parts, const Session& session, EndReason reason) {
  auto source = find_source(parts.repository, session.event, session.source);
  if (!source || source->session != session.id) return;  // another session carries it already
  source->session.clear();
  on_source_silent(parts, *source, reason);
}

}  // namespace

std::string_view name_of(EndReason r) {
  switch (r) {
    case EndReason::kLeft:
      return "left";
    case EndReason::kTakenOver:
      return "taken_over";
    case EndReason::kLost:
      return "lost";
    case EndReason::kRelayLost:
      return "relay_lost";
    case EndReason::kRevoked:
      return "revoked";
    case EndReason::kRemoved:
      return "removed";
    case EndReason::kOver:
      return "over";
  }
  return "";
}

std::optional<Source> find_source(Repository& repository, const std::string& event, const std::string& id) {
  for (Source& source : repository.sources_of(event))
    if (source.id == id) return std::move(source);
  return std::nullopt;
}

void store_source(Parts& parts, const Source& source, const std::string& type) {
  parts.repository.update_source(source);
  auto data = source_json(source);
  data["source"] = source.id;
  data["session"] = source.session;
  parts.stream.emit(source.event, type, data);
}

void forget_session(Parts& parts, const Session& session, EndReason reason) {
  parts.repository.delete_session(session.id);
  if (session.publish) detach_publisher(parts, session, reason);
}

void end_session(Parts& parts, const Session& session, EndReason reason) {
  parts.repository.insert_ending(session.id, session.relay_epoch);
  forget_session(parts, session, reason);
}

void end_sessions_of_token(Parts& parts, const std::string& event, const std::string& token_id) {
  for (const Session& session : parts.repository.sessions_of(event))
    if (session.token_id == token_id) end_session(parts, session, EndReason::kRevoked);
}

void attach_publisher(Parts& parts, const Event& event, Source source, const Session& session) {
  auto& repository = parts.repository;
  repository.insert_session(session);
  const auto known = find_source(repository, event.id, source.id);
  if (!known) {
    source.session = session.id;
    repository.insert_source(source);
    return;
  }
  source = *known;
  const auto before = repository.find_session(source.session);
  source.session = session.id;
  repository.update_source(source);
  if (!before) return;
  // The relay has ended the old session by itself when it took the new one; saying it again does no harm.
  end_session(parts, *before, EndReason::kTakenOver);
  parts.stream.emit(event.id, "source.taken_over", {{"source", source.id}, {"session", before->id}}, source.subject);
}

void on_source_connected(Parts& parts, Source& source, const std::string& transport) {
  source.state = SourceState::kConnected;
  source.transport = transport;
  auto event = parts.repository.find_event(source.event);
  if (!event) return;
  auto sources = parts.repository.sources_of(source.event);
  for (Source& s : sources)
    if (s.id == source.id) s = source;
  const auto changed = stage_on_connect(*event, sources, source.id);
  parts.repository.update_event(*event);
  for (const Source& s : changed) {
    if (s.id == source.id)
      source = s;
    else
      store_source(parts, s, "source.updated");
  }
  store_source(parts, source, "source.connected");
}

void on_source_silent(Parts& parts, Source& source, EndReason reason) {
  const bool was_connected = source.state == SourceState::kConnected;
  source.state = reason == EndReason::kLeft || reason == EndReason::kOver ? SourceState::kIdle : SourceState::kLost;
  source.transport.clear();
  parts.repository.update_source(source);
  if (!was_connected) return;
  parts.stream.emit(source.event, "source.lost",
                    {{"source", source.id}, {"name", source.name}, {"reason", name_of(reason)}});
}

}  // namespace footlight::control
