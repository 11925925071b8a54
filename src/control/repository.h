#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/model.h"

namespace footlight::control {

// How much a commit survives: kProcess a killed process, kPower a power cut too (an fsync).
enum class Durability { kProcess, kPower };

// Everything that control remembers, behind one interface, so that PostgreSQL can come later. Owned by Control, used on
// its loop. Failures stick: after one, operations do nothing and return nothing until commit() says what it was;
// a reader outside a transaction asks take_error().
class Repository {
 public:
  virtual ~Repository() = default;

  virtual void begin(Durability durability) = 0;
  [[nodiscard]] virtual Result<void, Error> commit() = 0;
  virtual void rollback() = 0;
  [[nodiscard]] virtual std::optional<Error> take_error() = 0;

  // Single values: keys, the relay's address, the node's incarnation.
  [[nodiscard]] virtual std::string setting(std::string_view key) = 0;
  virtual void set_setting(std::string_view key, std::string_view value) = 0;

  virtual void insert_event(const Event& event) = 0;
  virtual void update_event(const Event& event) = 0;
  virtual void delete_event(const std::string& id) = 0;  // with all that hangs on it; its counters stay
  [[nodiscard]] virtual std::optional<Event> find_event(const std::string& id) = 0;
  [[nodiscard]] virtual std::optional<Event> find_event_of_key(const std::string& key_hash) = 0;
  [[nodiscard]] virtual std::vector<Event> all_events() = 0;  // oldest first
  // Newest first; from behind `after` (created_at, id) when given.
  struct Cursor {
    int64_t created_us = 0;
    std::string id;
  };
  [[nodiscard]] virtual std::vector<Event> list_events(const std::optional<Cursor>& after, int limit) = 0;
  [[nodiscard]] virtual Counters counters_of_deleted(const std::string& id) = 0;

  virtual void insert_invitation(const Invitation& invitation) = 0;
  virtual void update_invitation(const Invitation& invitation) = 0;
  [[nodiscard]] virtual std::optional<Invitation> find_invitation(const std::string& id) = 0;
  [[nodiscard]] virtual std::vector<std::string> revoked_ids(
      WallTime now) = 0;  // not yet expired, of events that exist

  virtual void insert_source(const Source& source) = 0;
  virtual void update_source(const Source& source) = 0;
  virtual void delete_source(const std::string& id) = 0;
  [[nodiscard]] virtual std::vector<Source> sources_of(const std::string& event) = 0;  // in order of appearance

  virtual void insert_session(const Session& session) = 0;
  virtual void update_session(const Session& session) = 0;
  virtual void delete_session(const std::string& id) = 0;
  [[nodiscard]] virtual std::optional<Session> find_session(const std::string& id) = 0;
  [[nodiscard]] virtual std::vector<Session> all_sessions() = 0;
  [[nodiscard]] virtual std::vector<Session> sessions_of(const std::string& event) = 0;

  // Sessions that the relay shall end and has not yet been seen to have ended.
  virtual void insert_ending(const std::string& session, const std::string& relay_epoch) = 0;
  virtual void delete_ending(const std::string& session) = 0;
  struct Ending {
    std::string session, relay_epoch;
  };
  [[nodiscard]] virtual std::vector<Ending> endings() = 0;

  // The newest kStreamEventsKept of an event are kept.
  virtual int64_t append_stream_event(const std::string& event, const StreamEvent& entry) = 0;  // its sequence
  [[nodiscard]] virtual std::vector<StreamEvent> stream_events(const std::string& event) = 0;   // oldest first
  [[nodiscard]] virtual int64_t last_stream_sequence() = 0;

  // Incarnations that were ever seen, newest last: a process of the past never counts as new again.
  virtual void remember_incarnation(const std::string& role, const std::string& incarnation, uint64_t epoch) = 0;
  struct Incarnation {
    std::string id;
    uint64_t epoch = 0;
  };
  [[nodiscard]] virtual std::optional<Incarnation> newest_incarnation(const std::string& role) = 0;
  [[nodiscard]] virtual bool knows_incarnation(const std::string& role, const std::string& incarnation) = 0;
};

inline constexpr int kStreamEventsKept = 256;
inline constexpr int kIncarnationsKept = 16;

}  // namespace footlight::control
