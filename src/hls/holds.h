#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "base/units.h"
#include "http/server.h"

namespace footlight::hls {

// How many requests may wait, over all streams.
struct HoldBudget {
  size_t limit = 0;
  size_t held = 0;
  uint64_t expired = 0;
  uint64_t refused = 0;
};

// Requests that wait for something of one stream to change: a part, a playlist, a status. Owned by the stream; loop
// thread. Each has a deadline, and leaves without an answer when its peer goes away.
class Holds {
 public:
  // Answers and returns true, or returns false: not yet. `late`: the deadline has passed, it must answer.
  using TryAnswer = std::function<bool(bool late)>;

  explicit Holds(HoldBudget& budget) : budget_(budget) {}
  ~Holds() { clear(); }
  Holds(const Holds&) = delete;
  Holds& operator=(const Holds&) = delete;

  // False when too many wait already; then nothing was kept.
  [[nodiscard]] bool hold(const http::ExchangePtr& exchange, Timestamp deadline, TryAnswer try_answer);
  // Something changed.
  void wake();
  // Everyone whose deadline is not after `now` is answered. Timestamp::max(): everyone.
  void expire(Timestamp now);
  [[nodiscard]] std::optional<Timestamp> next_deadline() const;
  [[nodiscard]] size_t size() const { return entries_->size(); }

 private:
  using Key = std::pair<Timestamp, uint64_t>;
  using Entries = std::map<Key, TryAnswer>;
  void clear();
  HoldBudget& budget_;
  uint64_t next_id_ = 0;
  // Shared with the exchanges' on_closed, which may outlive this.
  std::shared_ptr<Entries> entries_ = std::make_shared<Entries>();
};

}  // namespace footlight::hls
