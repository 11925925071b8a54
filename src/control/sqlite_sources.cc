#include "control/sqlite_repository.h"
#include "state/session_call.h"

namespace footlight::control {
namespace {

constexpr std::string_view kSelectSource =
    "SELECT id, event, subject, label, name, kind, state, transport, on_stage, on_stage_order, muted, gain_db, session "
    "FROM sources WHERE event=? ORDER BY n";
constexpr std::string_view kSelectSession =
    "SELECT id, event, publish, stream, source, token_id, subject, relay_epoch, ice_tag, created_at, tracks FROM "
    "sessions ";

Source read_source(const db::Rows& rows) {
  Source s;
  s.id = rows.text(0);
  s.event = rows.text(1);
  s.subject = rows.text(2);
  s.label = rows.text(3);
  s.name = rows.text(4);
  s.kind = source_kind_named(rows.text(5)).value_or(SourceKind::kCamera);
  s.state = source_state_named(rows.text(6)).value_or(SourceState::kIdle);
  s.transport = rows.text(7);
  s.on_stage = rows.integer(8) != 0;
  s.on_stage_order = rows.integer(9);
  s.muted = rows.integer(10) != 0;
  s.gain_db = rows.real(11);
  s.session = rows.text(12);
  return s;
}

// Tracks are kept in the form in which the relay reported them.
std::string text_of(const std::vector<state::PipeTrack>& tracks) {
  return state::to_json(state::SessionReply{.tracks = tracks});
}

Session read_session(const db::Rows& rows) {
  Session s;
  s.id = rows.text(0);
  s.event = rows.text(1);
  s.publish = rows.integer(2) != 0;
  s.stream = rows.text(3);
  s.source = rows.text(4);
  s.token_id = rows.text(5);
  s.subject = rows.text(6);
  s.relay_epoch = rows.text(7);
  s.ice_tag = rows.text(8);
  s.created_at = WallTime::micros(rows.integer(9));
  if (auto reply = state::parse_session_reply(rows.text(10))) s.tracks = std::move(reply->tracks);
  return s;
}

std::vector<Session> read_sessions(db::Rows rows) {
  std::vector<Session> out;
  while (rows.next()) out.push_back(read_session(rows));
  return out;
}

int64_t number(bool b) { return b ? 1 : 0; }

}  // namespace

void SqliteRepository::insert_source(const Source& s) {
  db_.run(
      "INSERT INTO sources(id, event, subject, label, name, kind, state, transport, on_stage, on_stage_order, muted, "
      "gain_db, session) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
      {s.id, s.event, s.subject, s.label, s.name, name_of(s.kind), name_of(s.state), s.transport, number(s.on_stage),
       s.on_stage_order, number(s.muted), s.gain_db, s.session});
}

void SqliteRepository::update_source(const Source& s) {
  db_.run(
      "UPDATE sources SET name=?, state=?, transport=?, on_stage=?, on_stage_order=?, muted=?, gain_db=?, session=? "
      "WHERE id=?",
      {s.name, name_of(s.state), s.transport, number(s.on_stage), s.on_stage_order, number(s.muted), s.gain_db,
       s.session, s.id});
}

void SqliteRepository::delete_source(const std::string& id) { db_.run("DELETE FROM sources WHERE id=?", {id}); }

std::vector<Source> SqliteRepository::sources_of(const std::string& event) {
  std::vector<Source> out;
  auto rows = db_.query(kSelectSource, {event});
  while (rows.next()) out.push_back(read_source(rows));
  return out;
}

void SqliteRepository::insert_session(const Session& s) {
  db_.run("INSERT INTO sessions VALUES(?,?,?,?,?,?,?,?,?,?,?)",
          {s.id, s.event, number(s.publish), s.stream, s.source, s.token_id, s.subject, s.relay_epoch, s.ice_tag,
           s.created_at.us(), text_of(s.tracks)});
}

void SqliteRepository::update_session(const Session& s) {
  db_.run("UPDATE sessions SET ice_tag=?, tracks=? WHERE id=?", {s.ice_tag, text_of(s.tracks), s.id});
}

void SqliteRepository::delete_session(const std::string& id) { db_.run("DELETE FROM sessions WHERE id=?", {id}); }

std::optional<Session> SqliteRepository::find_session(const std::string& id) {
  static const std::string kSql = std::string(kSelectSession) + "WHERE id=?";
  auto rows = db_.query(kSql, {id});
  if (!rows.next()) return std::nullopt;
  return read_session(rows);
}

std::vector<Session> SqliteRepository::all_sessions() { return read_sessions(db_.query(kSelectSession)); }

std::vector<Session> SqliteRepository::sessions_of(const std::string& event) {
  static const std::string kSql = std::string(kSelectSession) + "WHERE event=?";
  return read_sessions(db_.query(kSql, {event}));
}

void SqliteRepository::insert_ending(const std::string& session, const std::string& relay_epoch) {
  db_.run("INSERT OR REPLACE INTO endings VALUES(?,?)", {session, relay_epoch});
}

void SqliteRepository::delete_ending(const std::string& session) {
  db_.run("DELETE FROM endings WHERE session=?", {session});
}

std::vector<Repository::Ending> SqliteRepository::endings() {
  std::vector<Ending> out;
  auto rows = db_.query("SELECT session, relay_epoch FROM endings ORDER BY session");
  while (rows.next()) out.push_back({rows.text(0), rows.text(1)});
  return out;
}

}  // namespace footlight::control
