#pragma once
#include <functional>
#include <list>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/clock.h"
#include "control/authorizer.h"
#include "control/repository.h"
#include "http/server.h"

namespace footlight::control {

// The last entry of a stream: the event is gone.
inline constexpr std::string_view kDeletedEvent = "event.deleted";

// Each event's server-sent stream. Entries are kept in the repository, so a page that comes back with Last-Event-ID
// misses nothing, a restart of control included. Owned by Control; its loop's thread. In: emit() within a transaction,
// then flush() or discard(); out: text to every listener. A page too slow for the server's bound is closed by it.
class EventStream {
 public:
  EventStream(Repository& repository, Authorizer& authorizer, const Clock& clock);

  // `subject`: only this subject's pages and producers hear it; empty: everyone on the stream.
  void emit(const std::string& event, std::string type, const nlohmann::ordered_json& data, std::string subject = "");
  void flush();    // after the commit
  void discard();  // after a rollback

  void open(const http::Request& request, const std::string& event, Principal principal, http::ExchangePtr exchange);
  void tick();                           // heartbeats; ends streams whose token is no longer valid
  void close(const std::string& event);  // the event is gone
  void close_all();
  [[nodiscard]] size_t listeners() const;

 private:
  struct Listener {
    http::ExchangePtr exchange;
    Principal principal;
  };
  using Listeners = std::list<Listener>;
  void listen(const std::string& event, Listener listener);
  [[nodiscard]] std::string backlog(const http::Request& request, const std::string& event, const Principal& principal);

  Repository& repository_;
  Authorizer& authorizer_;
  const Clock& clock_;
  std::map<std::string, Listeners> listeners_;  // by event
  std::vector<std::pair<std::string, StreamEvent>> pending_;
  Timestamp next_heartbeat_;
};

}  // namespace footlight::control
