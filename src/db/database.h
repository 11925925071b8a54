#pragma once
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

struct sqlite3_stmt;

namespace footlight::db {

// What binds to a `?`: nothing, a number or text. Text must outlive the call only.
using Value = std::variant<std::nullptr_t, int64_t, double, std::string_view>;

// How much a commit survives: a killed process always; a power cut only with kPower (an fsync each).
enum class Durability { kProcess, kPower };

class Database;

// The rows of one SELECT, in order. Lives shorter than its Database; at most one of the same SQL text at a time.
class Rows {
 public:
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows();
  [[nodiscard]] bool next();  // false at the end, and on a failure (which the transaction remembers)
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  friend class Database;
  Rows(Database& database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}
  Database& database_;
  sqlite3_stmt* statement_;  // null when preparing failed
};

// One SQLite connection: WAL, foreign keys, bounded wait for locks. Owned by control's repository, used on its thread.
// In: SQL with `?`; out: rows. Fails as the file system does; a failure is kept until commit() or take_error().
class Database {
 public:
  // Creates the file (0600) or opens it, and applies the migrations that it lacks: migration i leads from version i to
  // i + 1, each in one transaction. A file that is no database, is damaged, or was written by a newer Footlight is
  // refused with one sentence.
  [[nodiscard]] static Result<Database, Error> open(const std::filesystem::path& file,
                                                    std::span<const std::string_view> migrations);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  void begin(Durability durability);
  [[nodiscard]] Result<void, Error> commit();  // an error means that nothing of the transaction happened
  void rollback();
  [[nodiscard]] std::optional<Error> take_error();  // for reads outside a transaction

  // Rows changed; 0 on a failure.
  int64_t run(std::string_view sql, std::initializer_list<Value> values = {});
  [[nodiscard]] Rows query(std::string_view sql, std::initializer_list<Value> values = {});
  [[nodiscard]] int64_t last_insert_id() const;

 private:
  friend class Rows;
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace footlight::db
