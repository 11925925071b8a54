#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "control/desired_documents.h"
#include "http/server.h"

namespace footlight::control {

// The long poll of desired state: a document has a generation, which changes exactly when its content does. Owned by
// Control; its loop's thread. In: requests, refresh() after each change; out: documents. A role may ask as often as it
// likes and hears of each change within the turn that made it.
class DesiredServer {
 public:
  DesiredServer(DesiredDocuments& documents, Repository& repository, const Clock& clock);

  // `role` is "node/local", "relay/local", "origin/local" or "compose/<event>"; `after` the generation that the role
  // has, 0 for none.
  void get(const std::string& role, int64_t after, http::ExchangePtr exchange);
  void refresh();    // looks at everything anew and answers whom it concerns
  void tick();       // ends polls that were held long enough
  void close_all();  // answers everyone now
  [[nodiscard]] int64_t generation(const std::string& role) const;  // 0 when nobody asked yet

 private:
  struct Waiter {
    http::ExchangePtr exchange;
    Timestamp until;
  };
  struct Slot {
    int64_t generation = 0;
    std::string content;  // with generation 0, for comparison
    std::string text;     // as sent
    std::vector<Waiter> waiters;
  };
  // The document's JSON with this generation; nullopt when there is no such document.
  [[nodiscard]] std::optional<std::string> build(const std::string& role, int64_t generation);
  bool update(const std::string& role, Slot& slot);  // false: no such document
  static void answer(const Slot& slot, const http::ExchangePtr& exchange);

  DesiredDocuments& documents_;
  Repository& repository_;
  const Clock& clock_;
  std::map<std::string, Slot> slots_;
  int64_t last_generation_;
};

}  // namespace footlight::control
