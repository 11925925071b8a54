#include "control/rtmp_publishers.h"

#include <algorithm>

#include "control/sessions.h"

namespace footlight::control {
namespace {

// As with WHIP: a source is the stream key's and a name (CONTRACT §3, Stage). RTMP gives no name, so there is one.
constexpr std::string_view kSubject = "stream-key";
constexpr std::string_view kLabel = "rtmp";

std::optional<Event> event_of_stream(Parts& parts, const std::string& stream) {
  for (Event& event : parts.repository.all_events())
    if (accepts_publishers(event.state) && rtmp_source(parts.keyring, event).id == stream) return std::move(event);
  return std::nullopt;
}

void adopt(Parts& parts, const state::SessionObserved& observed, const std::string& relay_epoch) {
  const auto event = event_of_stream(parts, observed.stream);
  if (!event) return;
  Source source = rtmp_source(parts.keyring, *event);
  const Session session{.id = observed.id,
                        .event = event->id,
                        .publish = true,
                        .stream = source.id,
                        .source = source.id,
                        .token_id = "key:" + event->key_hash,
                        .subject = source.subject,
                        .relay_epoch = relay_epoch,
                        .created_at = parts.clock.wall_now(),
                        .tracks = observed.tracks};
  attach_publisher(parts, *event, std::move(source), session);
}

}  // namespace

bool is_rtmp(const state::SessionObserved& session) { return session.transport == "rtmp"; }

Source rtmp_source(const Keyring& keyring, const Event& event) {
  return {.id = keyring.source_id(event, kSubject, kLabel),
          .event = event.id,
          .subject = std::string(kSubject),
          .label = std::string(kLabel),
          .name = std::string(kLabel),
          .kind = SourceKind::kRtmp};
}

std::vector<state::RelayRtmpKey> rtmp_keys(Repository& repository, const Keyring& keyring) {
  std::vector<state::RelayRtmpKey> keys;
  for (const Event& event : repository.all_events())
    if (accepts_publishers(event.state)) keys.push_back({event.key_hash, rtmp_source(keyring, event).id});
  return keys;
}

void adopt_rtmp_publishers(Parts& parts, const state::RelayObserved& observed) {
  const auto endings = parts.repository.endings();
  for (const state::SessionObserved& session : observed.sessions) {
    if (!is_rtmp(session) || session.state == "ended" || session.tracks.empty()) continue;
    const bool ending =
        std::any_of(endings.begin(), endings.end(), [&](const auto& e) { return e.session == session.id; });
    auto known = parts.repository.find_session(session.id);
    if (!known && !ending) {
      adopt(parts, session, observed.incarnation);
    } else if (known && known->tracks != session.tracks) {  // another sample rate, or a track that came late
      known->tracks = session.tracks;
      parts.repository.update_session(*known);
    }
  }
}

}  // namespace footlight::control
