#include "db/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <functional>
#include <map>

#include "base/unique_fd.h"

namespace footlight::db {
namespace {

// "FLGT": says whose file it is, so that another program's database is not migrated (sqlite3 application_id).
constexpr int64_t kApplicationId = 0x464C4754;
// How long a statement may wait for another process's lock; the control loop stands still meanwhile.
constexpr int kBusyTimeoutMs = 1000;

struct CloseConnection {
  void operator()(sqlite3* c) const { sqlite3_close_v2(c); }
};
struct CloseStatement {
  void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;
using Prepared = std::unique_ptr<sqlite3_stmt, CloseStatement>;

struct Binder {
  sqlite3_stmt* statement;
  int index;
  int operator()(std::nullptr_t) const { return sqlite3_bind_null(statement, index); }
  int operator()(int64_t v) const { return sqlite3_bind_int64(statement, index, v); }
  int operator()(double v) const { return sqlite3_bind_double(statement, index, v); }
  int operator()(std::string_view v) const {
    return sqlite3_bind_text(statement, index, v.data(), static_cast<int>(v.size()), SQLITE_TRANSIENT);
  }
};

}  // namespace

struct Database::Impl {
  Connection connection;
  std::map<std::string, Prepared, std::less<>> prepared;  // statements are few and fixed: SQL texts of the repository
  std::optional<Error> error;
  std::optional<Durability> durability;

  void remember_failure() {
    if (!error) error = Error{fmt::format("the database failed: {}", sqlite3_errmsg(connection.get()))};
  }

  void execute(const std::string& sql) {
    if (sqlite3_exec(connection.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) remember_failure();
  }

  // Null after a failure, this one or an earlier one.
  sqlite3_stmt* bound(std::string_view sql, std::initializer_list<Value> values) {
    if (error) return nullptr;
    auto it = prepared.find(sql);
    if (it == prepared.end()) {
      sqlite3_stmt* statement = nullptr;
      if (sqlite3_prepare_v3(connection.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                             &statement, nullptr) != SQLITE_OK) {
        remember_failure();
        return nullptr;
      }
      it = prepared.emplace(sql, Prepared(statement)).first;
    }
    int index = 0;
    for (const Value& value : values) {
      if (std::visit(Binder{it->second.get(), ++index}, value) == SQLITE_OK) continue;
      remember_failure();
      return nullptr;
    }
    return it->second.get();
  }
};

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Rows::~Rows() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
}
bool Rows::next() {
  if (statement_ == nullptr) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_.impl_->remember_failure();
  sqlite3_reset(statement_);
  statement_ = nullptr;  // stepping again would start over
  return false;
}
std::string Rows::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return bytes == nullptr ? std::string()
                          : std::string(bytes, static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
}
int64_t Rows::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Rows::real(int column) const { return sqlite3_column_double(statement_, column); }
bool Rows::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

void Database::begin(Durability durability) {
  impl_->error.reset();
  if (impl_->durability != durability) {
    // In WAL mode NORMAL leaves out the fsync of a commit and nothing else (sqlite.org/pragma.html#pragma_synchronous).
    impl_->execute(durability == Durability::kPower ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    impl_->durability = durability;
  }
  impl_->execute("BEGIN IMMEDIATE");
}

Result<void, Error> Database::commit() {
  if (!impl_->error) impl_->execute("COMMIT");
  if (!impl_->error) return {};
  auto error = std::move(*impl_->error);
  rollback();
  return unexpected(std::move(error));
}

void Database::rollback() {
  // Fails harmlessly when SQLite has rolled back by itself.
  if (sqlite3_get_autocommit(impl_->connection.get()) == 0) impl_->execute("ROLLBACK");
  impl_->error.reset();
}

std::optional<Error> Database::take_error() { return std::exchange(impl_->error, std::nullopt); }

int64_t Database::run(std::string_view sql, std::initializer_list<Value> values) {
  auto* statement = impl_->bound(sql, values);
  if (statement == nullptr) return 0;
  const int code = sqlite3_step(statement);
  if (code != SQLITE_DONE && code != SQLITE_ROW) impl_->remember_failure();
  sqlite3_reset(statement);
  return impl_->error ? 0 : sqlite3_changes64(impl_->connection.get());
}

Rows Database::query(std::string_view sql, std::initializer_list<Value> values) {
  return Rows(*this, impl_->bound(sql, values));
}

int64_t Database::last_insert_id() const { return sqlite3_last_insert_rowid(impl_->connection.get()); }

namespace {

Result<void, Error> apply_migrations(Database& database, std::span<const std::string_view> migrations,
                                     const std::function<void(const std::string&)>& execute, int64_t version) {
  for (auto i = static_cast<size_t>(version); i < migrations.size(); ++i) {
    database.begin(Durability::kPower);
    execute(std::string(migrations[i]));
    execute(fmt::format("PRAGMA user_version={}", i + 1));
    execute(fmt::format("PRAGMA application_id={}", kApplicationId));
    if (auto done = database.commit(); !done)
      return fail(fmt::format("migration {} of the database failed: {}", i + 1, done.error().message));
  }
  return {};
}

int64_t pragma(Database& database, std::string_view sql) {
  auto rows = database.query(sql);
  return rows.next() ? rows.integer(0) : 0;
}

// Whether the file is ours, sound, and not from the future. The version it has.
Result<int64_t, Error> inspect(Database& database, const std::string& name, size_t known_versions) {
  std::string verdict;
  {
    auto rows = database.query("PRAGMA quick_check(1)");
    while (rows.next()) verdict = rows.text(0);
  }
  const int64_t version = pragma(database, "PRAGMA user_version");
  const int64_t application = pragma(database, "PRAGMA application_id");
  const int64_t tables = pragma(database, "SELECT count(*) FROM sqlite_schema");
  if (auto error = database.take_error())
    return fail(fmt::format("{} cannot be used as the database ({}); restore it from a backup or move it away", name,
                            error->message));
  if (verdict != "ok")
    return fail(
        fmt::format("the database {} is damaged ({}); restore it from a backup or move it away", name, verdict));
  if (application != kApplicationId && (application != 0 || tables != 0))
    return fail(fmt::format("{} is a database of another program; name another file with database.url", name));
  if (version < 0 || static_cast<size_t>(version) > known_versions)
    return fail(
        fmt::format("the database {} has version {} and this Footlight knows {}; start the newer Footlight that "
                    "wrote it, or restore an older backup",
                    name, version, known_versions));
  return version;
}

}  // namespace

Result<Database, Error> Database::open(const std::filesystem::path& file,
                                       std::span<const std::string_view> migrations) {
  const std::string name = file.string();
  // Made here, so that keys in it are never readable by others, not even for a moment; SQLite's side files follow it.
  if (UniqueFd fd(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)); !fd.valid())
    return fail(fmt::format("the database {} cannot be opened: {}; check database.url, the folder and its permissions",
                            name, std::generic_category().message(errno)));
  auto impl = std::make_unique<Impl>();
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  impl->connection.reset(raw);
  if (code != SQLITE_OK) return fail(fmt::format("the database {} cannot be opened: {}", name, sqlite3_errstr(code)));
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  Database database(std::move(impl));
  auto version = inspect(database, name, migrations.size());
  if (!version) return unexpected(version.error());
  database.impl_->execute("PRAGMA journal_mode=WAL");
  database.impl_->execute("PRAGMA foreign_keys=ON");
  if (auto error = database.take_error()) return fail(fmt::format("{}: {}", name, error->message));
  auto execute = [&](const std::string& sql) { database.impl_->execute(sql); };
  if (auto done = apply_migrations(database, migrations, execute, *version); !done) return unexpected(done.error());
  return database;
}

}  // namespace footlight::db
