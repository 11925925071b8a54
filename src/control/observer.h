#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>

#include "control/parts.h"
#include "state/observed.h"

namespace footlight::control {

class DesiredServer;

// What the roles say of themselves, and what follows from it: sources connect and vanish, sessions end, ended events
// are archived. Owned by Control; its loop's thread. Keeps the last document of each instance; out: changes.
class Observer {
 public:
  Observer(Parts& parts, const DesiredServer& desired);

  // Documents of a role; the error is the database's.
  [[nodiscard]] Result<void, Error> on_relay(const state::RelayObserved& o);
  [[nodiscard]] Result<void, Error> on_origin(const state::OriginObserved& o);
  void on_other(const std::string& role, state::Observed o);  // compose/…, node/local

  // Within a change: the relay that just answered may be one that was not heard of yet.
  void learn_relay(const std::string& epoch);

  // Control's own calls to the relay that have no answer yet: such a session is not a stranger.
  void call_began(const std::string& session) { calls_.insert(session); }
  void call_ended(const std::string& session) { calls_.erase(session); }

  // Once a second: what did not happen counts too.
  void tick();
  [[nodiscard]] bool is_present(const std::string& role) const;
  // Role and metrics text of every instance that is present.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> metrics() const;

 private:
  using ObservedSessions = std::map<std::string, const state::SessionObserved*>;
  void note(const std::string& role, std::string metrics);
  void settle_sessions(const state::RelayObserved& o, const ObservedSessions& observed);
  void settle_publisher(const Session& session, const state::SessionObserved& observed);
  void settle_endings(const state::RelayObserved& o, const ObservedSessions& observed);
  void archive_ended(const std::function<bool(const Event&)>& complete);

  struct Present {
    Timestamp seen;
    std::string metrics;
  };
  Parts& parts_;
  const DesiredServer& desired_;
  std::map<std::string, Present> present_;
  std::set<std::string> calls_;
  Timestamp started_;
};

}  // namespace footlight::control
