#include "control/sqlite_repository.h"

// Settings, invitations, the events' streams and the incarnations that were seen.
namespace footlight::control {

std::string SqliteRepository::setting(std::string_view key) {
  auto rows = db_.query("SELECT value FROM settings WHERE key=?", {key});
  return rows.next() ? rows.text(0) : std::string();
}

void SqliteRepository::set_setting(std::string_view key, std::string_view value) {
  db_.run("INSERT OR REPLACE INTO settings VALUES(?,?)", {key, value});
}

void SqliteRepository::insert_invitation(const Invitation& i) {
  db_.run("INSERT INTO invitations VALUES(?,?,?,?,?,?)",
          {i.id, i.event, token::name_of(i.role), i.name, i.expires_at.us(), static_cast<int64_t>(i.revoked)});
}

void SqliteRepository::update_invitation(const Invitation& i) {
  db_.run("UPDATE invitations SET revoked=? WHERE id=?", {static_cast<int64_t>(i.revoked), i.id});
}

std::optional<Invitation> SqliteRepository::find_invitation(const std::string& id) {
  auto rows = db_.query("SELECT id, event, role, name, expires_at, revoked FROM invitations WHERE id=?", {id});
  if (!rows.next()) return std::nullopt;
  return Invitation{.id = rows.text(0),
                    .event = rows.text(1),
                    .role = token::role_named(rows.text(2)).value_or(token::Role::kViewer),
                    .name = rows.text(3),
                    .expires_at = WallTime::micros(rows.integer(4)),
                    .revoked = rows.integer(5) != 0};
}

std::vector<std::string> SqliteRepository::revoked_ids(WallTime now) {
  std::vector<std::string> out;
  auto rows = db_.query(
      "SELECT id FROM invitations WHERE revoked=1 AND expires_at > ? AND event IN (SELECT id FROM events) ORDER BY id",
      {now.us()});
  while (rows.next()) out.push_back(rows.text(0));
  return out;
}

int64_t SqliteRepository::append_stream_event(const std::string& event, const StreamEvent& entry) {
  db_.run("INSERT INTO stream_events(event, type, subject, data) VALUES(?,?,?,?)",
          {event, entry.type, entry.subject, entry.data});
  const int64_t sequence = db_.last_insert_id();
  db_.run(
      "DELETE FROM stream_events WHERE event=? AND sequence <= (SELECT sequence FROM stream_events WHERE event=? ORDER "
      "BY sequence DESC LIMIT 1 OFFSET ?)",
      {event, event, static_cast<int64_t>(kStreamEventsKept)});
  return sequence;
}

std::vector<StreamEvent> SqliteRepository::stream_events(const std::string& event) {
  std::vector<StreamEvent> out;
  auto rows =
      db_.query("SELECT sequence, type, subject, data FROM stream_events WHERE event=? ORDER BY sequence", {event});
  while (rows.next()) out.push_back({rows.integer(0), rows.text(1), rows.text(2), rows.text(3)});
  return out;
}

int64_t SqliteRepository::last_stream_sequence() {
  auto rows = db_.query("SELECT seq FROM sqlite_sequence WHERE name='stream_events'");
  return rows.next() ? rows.integer(0) : 0;
}

void SqliteRepository::remember_incarnation(const std::string& role, const std::string& incarnation, uint64_t epoch) {
  db_.run("INSERT INTO incarnations(role, id, epoch) VALUES(?,?,?)", {role, incarnation, static_cast<int64_t>(epoch)});
  db_.run(
      "DELETE FROM incarnations WHERE role=? AND n <= (SELECT n FROM incarnations WHERE role=? ORDER BY n DESC LIMIT 1 "
      "OFFSET ?)",
      {role, role, static_cast<int64_t>(kIncarnationsKept)});
}

std::optional<Repository::Incarnation> SqliteRepository::newest_incarnation(const std::string& role) {
  auto rows = db_.query("SELECT id, epoch FROM incarnations WHERE role=? ORDER BY n DESC LIMIT 1", {role});
  if (!rows.next()) return std::nullopt;
  return Incarnation{rows.text(0), static_cast<uint64_t>(rows.integer(1))};
}

bool SqliteRepository::knows_incarnation(const std::string& role, const std::string& incarnation) {
  return db_.query("SELECT 1 FROM incarnations WHERE role=? AND id=?", {role, incarnation}).next();
}

}  // namespace footlight::control
