#pragma once
#include <filesystem>
#include <memory>

#include "control/repository.h"
#include "db/database.h"

namespace footlight::control {

// The repository in one SQLite file. Owned by Control; one thread.
class SqliteRepository final : public Repository {
 public:
  [[nodiscard]] static Result<std::unique_ptr<SqliteRepository>, Error> open(const std::filesystem::path& file);

  void begin(Durability durability) override;
  Result<void, Error> commit() override { return db_.commit(); }
  void rollback() override { db_.rollback(); }
  std::optional<Error> take_error() override { return db_.take_error(); }

  std::string setting(std::string_view key) override;
  void set_setting(std::string_view key, std::string_view value) override;

  void insert_event(const Event& event) override;
  void update_event(const Event& event) override;
  void delete_event(const std::string& id) override;
  std::optional<Event> find_event(const std::string& id) override;
  std::optional<Event> find_event_of_key(const std::string& key_hash) override;
  std::vector<Event> all_events() override;
  std::vector<Event> list_events(const std::optional<Cursor>& after, int limit) override;
  Counters counters_of_deleted(const std::string& id) override;

  void insert_invitation(const Invitation& invitation) override;
  void update_invitation(const Invitation& invitation) override;
  std::optional<Invitation> find_invitation(const std::string& id) override;
  std::vector<std::string> revoked_ids(WallTime now) override;

  void insert_source(const Source& source) override;
  void update_source(const Source& source) override;
  void delete_source(const std::string& id) override;
  std::vector<Source> sources_of(const std::string& event) override;

  void insert_session(const Session& session) override;
  void update_session(const Session& session) override;
  void delete_session(const std::string& id) override;
  std::optional<Session> find_session(const std::string& id) override;
  std::vector<Session> all_sessions() override;
  std::vector<Session> sessions_of(const std::string& event) override;

  void insert_ending(const std::string& session, const std::string& relay_epoch) override;
  void delete_ending(const std::string& session) override;
  std::vector<Ending> endings() override;

  int64_t append_stream_event(const std::string& event, const StreamEvent& entry) override;
  std::vector<StreamEvent> stream_events(const std::string& event) override;
  int64_t last_stream_sequence() override;

  void remember_incarnation(const std::string& role, const std::string& incarnation, uint64_t epoch) override;
  std::optional<Incarnation> newest_incarnation(const std::string& role) override;
  bool knows_incarnation(const std::string& role, const std::string& incarnation) override;

 private:
  explicit SqliteRepository(db::Database database) : db_(std::move(database)) {}
  db::Database db_;
};

}  // namespace footlight::control
