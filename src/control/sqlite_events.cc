#include "control/migrations.h"
#include "control/sqlite_repository.h"

namespace footlight::control {
namespace {

constexpr std::string_view kSelect =
    "SELECT id, title, state, interactive, token_audience, width, height, fps, rung_name, rung_width, rung_height, "
    "video_kbps, max_kbps, buffer_kbit, record, auto_stage, starts_at, created_at, started_at, ended_at, key_hash, "
    "nonce, revision, stage_order, status_version, programme_epoch, timeline_start_ms FROM events ";

std::optional<WallTime> time_at(const db::Rows& rows, int column) {
  if (rows.is_null(column)) return std::nullopt;
  return WallTime::micros(rows.integer(column));
}

db::Value value_of(const std::optional<WallTime>& t) { return t ? db::Value(t->us()) : db::Value(nullptr); }
db::Value value_of(bool b) { return static_cast<int64_t>(b); }
db::Value value_of(int n) { return static_cast<int64_t>(n); }

int small(const db::Rows& rows, int column) { return static_cast<int>(rows.integer(column)); }

// Columns in the order of kSelect.
Event read_event(const db::Rows& rows) {
  Event e;
  e.id = rows.text(0);
  e.title = rows.text(1);
  e.state = event_state_named(rows.text(2)).value_or(EventState::kDraft);
  e.interactive = rows.integer(3) != 0;
  e.token_audience = rows.integer(4) != 0;
  e.canvas = {small(rows, 5), small(rows, 6), small(rows, 7)};
  e.rung = {rows.text(8), small(rows, 9), small(rows, 10), small(rows, 11), small(rows, 12), small(rows, 13)};
  e.record = rows.integer(14) != 0;
  e.auto_stage = rows.integer(15) != 0;
  e.starts_at = time_at(rows, 16);
  e.created_at = WallTime::micros(rows.integer(17));
  e.started_at = time_at(rows, 18);
  e.ended_at = time_at(rows, 19);
  e.key_hash = rows.text(20);
  e.nonce = rows.text(21);
  e.revision = rows.integer(22);
  e.stage_order = rows.integer(23);
  e.counters = {rows.integer(24), static_cast<uint64_t>(rows.integer(25)), rows.integer(26)};
  return e;
}

std::vector<Event> read_all(db::Rows rows) {
  std::vector<Event> out;
  while (rows.next()) out.push_back(read_event(rows));
  return out;
}

std::optional<Event> read_one(db::Rows rows) {
  if (!rows.next()) return std::nullopt;
  return read_event(rows);
}

}  // namespace

Result<std::unique_ptr<SqliteRepository>, Error> SqliteRepository::open(const std::filesystem::path& file) {
  auto database = db::Database::open(file, migrations());
  if (!database) return unexpected(database.error());
  return std::unique_ptr<SqliteRepository>(new SqliteRepository(std::move(*database)));
}

void SqliteRepository::begin(Durability durability) {
  db_.begin(durability == Durability::kPower ? db::Durability::kPower : db::Durability::kProcess);
}

void SqliteRepository::insert_event(const Event& e) {
  db_.run("INSERT INTO events VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
          {e.id,
           e.title,
           name_of(e.state),
           value_of(e.interactive),
           value_of(e.token_audience),
           value_of(e.canvas.width),
           value_of(e.canvas.height),
           value_of(e.canvas.fps),
           e.rung.name,
           value_of(e.rung.width),
           value_of(e.rung.height),
           value_of(e.rung.video_kbps),
           value_of(e.rung.max_kbps),
           value_of(e.rung.buffer_kbit),
           value_of(e.record),
           value_of(e.auto_stage),
           value_of(e.starts_at),
           e.created_at.us(),
           value_of(e.started_at),
           value_of(e.ended_at),
           e.key_hash,
           e.nonce,
           e.revision,
           e.stage_order,
           e.counters.status_version,
           static_cast<int64_t>(e.counters.programme_epoch),
           e.counters.timeline_start_ms});
}

void SqliteRepository::update_event(const Event& e) {
  db_.run(
      "UPDATE events SET title=?, state=?, interactive=?, token_audience=?, width=?, height=?, fps=?, rung_name=?, "
      "rung_width=?, rung_height=?, video_kbps=?, max_kbps=?, buffer_kbit=?, record=?, auto_stage=?, starts_at=?, "
      "started_at=?, ended_at=?, key_hash=?, revision=?, stage_order=?, status_version=?, programme_epoch=?, "
      "timeline_start_ms=? WHERE id=?",
      {e.title,
       name_of(e.state),
       value_of(e.interactive),
       value_of(e.token_audience),
       value_of(e.canvas.width),
       value_of(e.canvas.height),
       value_of(e.canvas.fps),
       e.rung.name,
       value_of(e.rung.width),
       value_of(e.rung.height),
       value_of(e.rung.video_kbps),
       value_of(e.rung.max_kbps),
       value_of(e.rung.buffer_kbit),
       value_of(e.record),
       value_of(e.auto_stage),
       value_of(e.starts_at),
       value_of(e.started_at),
       value_of(e.ended_at),
       e.key_hash,
       e.revision,
       e.stage_order,
       e.counters.status_version,
       static_cast<int64_t>(e.counters.programme_epoch),
       e.counters.timeline_start_ms,
       e.id});
}

void SqliteRepository::delete_event(const std::string& id) {
  db_.run(
      "INSERT OR REPLACE INTO deleted_events SELECT id, status_version, programme_epoch, timeline_start_ms FROM events "
      "WHERE id=?",
      {id});
  db_.run("UPDATE invitations SET revoked=1 WHERE event=?", {id});
  db_.run("DELETE FROM incarnations WHERE role=?", {"compose/" + id});
  db_.run("DELETE FROM events WHERE id=?", {id});
}

std::optional<Event> SqliteRepository::find_event(const std::string& id) {
  static const std::string kSql = std::string(kSelect) + "WHERE id=?";
  return read_one(db_.query(kSql, {id}));
}

std::optional<Event> SqliteRepository::find_event_of_key(const std::string& key_hash) {
  static const std::string kSql = std::string(kSelect) + "WHERE key_hash=?";
  return read_one(db_.query(kSql, {key_hash}));
}

std::vector<Event> SqliteRepository::all_events() {
  static const std::string kSql = std::string(kSelect) + "ORDER BY created_at, id";
  return read_all(db_.query(kSql));
}

std::vector<Event> SqliteRepository::list_events(const std::optional<Cursor>& after, int limit) {
  static const std::string kFirst = std::string(kSelect) + "ORDER BY created_at DESC, id DESC LIMIT ?";
  static const std::string kNext =
      std::string(kSelect) + "WHERE (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?";
  if (!after) return read_all(db_.query(kFirst, {value_of(limit)}));
  return read_all(db_.query(kNext, {after->created_us, after->id, value_of(limit)}));
}

Counters SqliteRepository::counters_of_deleted(const std::string& id) {
  auto rows =
      db_.query("SELECT status_version, programme_epoch, timeline_start_ms FROM deleted_events WHERE id=?", {id});
  if (!rows.next()) return {};
  return {rows.integer(0), static_cast<uint64_t>(rows.integer(1)), rows.integer(2)};
}

}  // namespace footlight::control
