#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "state/programme.h"
#include "token/jwt.h"

// What control keeps: plain rows, as the repository stores them.
namespace footlight::control {

enum class EventState { kDraft, kRehearsal, kLive, kEnded, kArchived };
[[nodiscard]] std::string_view name_of(EventState s);
[[nodiscard]] std::optional<EventState> event_state_named(std::string_view name);
// The programme runs: compose has a process for it.
[[nodiscard]] constexpr bool is_running(EventState s) { return s == EventState::kRehearsal || s == EventState::kLive; }
// WHIP and RTMP are accepted (CONTRACT §3, States).
[[nodiscard]] constexpr bool accepts_publishers(EventState s) { return s == EventState::kDraft || is_running(s); }

// Numbers that never go back for an event id, even when the id is deleted and made again (the demo).
struct Counters {
  int64_t status_version = 0;     // of status.json
  uint64_t programme_epoch = 0;   // of compose incarnations
  int64_t timeline_start_ms = 0;  // wall time of tick 0; 0: the programme never ran
};

struct Event {
  std::string id;
  std::string title;
  EventState state = EventState::kDraft;
  bool interactive = false;     // session_type
  bool token_audience = false;  // audience
  state::Canvas canvas;
  state::Rendition rung;
  bool record = true;
  bool auto_stage = false;
  std::optional<WallTime> starts_at;
  WallTime created_at;
  std::optional<WallTime> started_at, ended_at;
  std::string key_hash;     // of the stream key: lower-case hex SHA-256; the key itself is shown once and not kept
  std::string nonce;        // random at creation: link tokens are derived from it
  int64_t revision = 1;     // of its representation: the ETag
  int64_t stage_order = 0;  // last order given to a source that came on stage
  Counters counters;
};

struct Invitation {
  std::string id;  // jti and subject
  std::string event;
  token::Role role = token::Role::kViewer;
  std::string name;
  WallTime expires_at;
  bool revoked = false;
};

enum class SourceKind { kCamera, kScreen, kRtmp, kTest };
enum class SourceState { kIdle, kConnected, kLost };
[[nodiscard]] std::string_view name_of(SourceKind k);
[[nodiscard]] std::optional<SourceKind> source_kind_named(std::string_view name);
[[nodiscard]] std::string_view name_of(SourceState s);
[[nodiscard]] std::optional<SourceState> source_state_named(std::string_view name);

// Who publishes it and under which name is its identity; its id, which is also its stream on the relay, outlives
// reconnects.
struct Source {
  std::string id;
  std::string event;
  std::string subject;  // of the token, or the stream key's
  std::string label;    // ?source=…
  std::string name;     // for display; the label until a producer changes it
  SourceKind kind = SourceKind::kCamera;
  SourceState state = SourceState::kIdle;
  std::string transport;  // "udp" | "tcp" | "rtmp" | ""
  bool on_stage = false;
  int64_t on_stage_order = 0;
  bool muted = false;
  double gain_db = 0;
  std::string session;  // the publish session that carries it; empty: none
};

// A WHIP or WHEP resource, or an RTMP publisher. Lives as long as the relay's session of the same id.
struct Session {
  std::string id;
  std::string event;
  bool publish = false;
  std::string stream;    // on the relay
  std::string source;    // publish only
  std::string token_id;  // jti, "key:…" or ""; revoking it ends the session
  std::string subject;   // who may PATCH and DELETE; empty: whoever knows the URL (public events)
  std::string relay_epoch;
  std::string ice_tag;
  WallTime created_at;
  std::vector<state::PipeTrack> tracks;  // publish only: as the pipe carries them
};

// One entry of an event's server-sent stream.
struct StreamEvent {
  int64_t sequence = 0;
  std::string type;
  std::string subject;  // only this subject's pages and producers hear it; empty: everyone on the stream
  std::string data;     // JSON, one line
};

}  // namespace footlight::control
