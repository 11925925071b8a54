#include "control/migrations.h"

namespace footlight::control {
namespace {

// Times are microseconds since 1970 (UTC). Enumerations are the words of the API.
constexpr std::string_view kMigrations[] = {
    R"(
CREATE TABLE settings(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE events(
  id TEXT PRIMARY KEY, title TEXT NOT NULL, state TEXT NOT NULL,
  interactive INTEGER NOT NULL, token_audience INTEGER NOT NULL,
  width INTEGER NOT NULL, height INTEGER NOT NULL, fps INTEGER NOT NULL,
  rung_name TEXT NOT NULL, rung_width INTEGER NOT NULL, rung_height INTEGER NOT NULL,
  video_kbps INTEGER NOT NULL, max_kbps INTEGER NOT NULL, buffer_kbit INTEGER NOT NULL,
  record INTEGER NOT NULL, auto_stage INTEGER NOT NULL,
  starts_at INTEGER, created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER,
  key_hash TEXT NOT NULL, nonce TEXT NOT NULL, revision INTEGER NOT NULL, stage_order INTEGER NOT NULL,
  status_version INTEGER NOT NULL, programme_epoch INTEGER NOT NULL, timeline_start_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX events_by_age ON events(created_at, id);
CREATE UNIQUE INDEX events_by_key ON events(key_hash);

CREATE TABLE deleted_events(
  id TEXT PRIMARY KEY,
  status_version INTEGER NOT NULL, programme_epoch INTEGER NOT NULL, timeline_start_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- No foreign key to events: tokens of a deleted event stay refused where the origin checks them.
CREATE TABLE invitations(
  id TEXT PRIMARY KEY, event TEXT NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL,
  expires_at INTEGER NOT NULL, revoked INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX invitations_by_event ON invitations(event);

CREATE TABLE sources(
  n INTEGER PRIMARY KEY, id TEXT NOT NULL, event TEXT NOT NULL REFERENCES events(id) ON DELETE CASCADE,
  subject TEXT NOT NULL, label TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
  transport TEXT NOT NULL, on_stage INTEGER NOT NULL, on_stage_order INTEGER NOT NULL,
  muted INTEGER NOT NULL, gain_db REAL NOT NULL, session TEXT NOT NULL,
  UNIQUE(id), UNIQUE(event, subject, label)
);

CREATE TABLE sessions(
  id TEXT PRIMARY KEY, event TEXT NOT NULL REFERENCES events(id) ON DELETE CASCADE,
  publish INTEGER NOT NULL, stream TEXT NOT NULL, source TEXT NOT NULL, token_id TEXT NOT NULL,
  subject TEXT NOT NULL, relay_epoch TEXT NOT NULL, ice_tag TEXT NOT NULL,
  created_at INTEGER NOT NULL, tracks TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_event ON sessions(event);

CREATE TABLE endings(session TEXT PRIMARY KEY, relay_epoch TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE stream_events(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL REFERENCES events(id) ON DELETE CASCADE,
  type TEXT NOT NULL, subject TEXT NOT NULL, data TEXT NOT NULL
);
CREATE INDEX stream_events_by_event ON stream_events(event, sequence);

CREATE TABLE incarnations(
  n INTEGER PRIMARY KEY AUTOINCREMENT, role TEXT NOT NULL, id TEXT NOT NULL, epoch INTEGER NOT NULL, UNIQUE(role, id)
);
)",
};

}  // namespace

std::span<const std::string_view> migrations() { return kMigrations; }

}  // namespace footlight::control
