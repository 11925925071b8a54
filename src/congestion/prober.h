#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/units.h"

namespace footlight::congestion {

// Finds capacity that the media itself does not put to the test: short clusters of packets at a higher rate, filled up
// with padding or retransmissions, whose arrival shows what gets through. At first at three times the start, then at
// twice what was found while more is wanted than that, also when nothing flows (mediasoup #316); less often each time
// that nothing was found. What a short cluster found is believed after a longer one: the first bytes after a pause pass
// a token bucket at any speed. Owned by a send controller. In: what is wanted, sent and received; out: bytes due,
// results.
class Prober {
 public:
  struct Result {
    DataRate rate;
    bool first = false;  // of the path: it corrects a guess, downwards too
  };

  // What the viewer's best would take; zero: nothing is wanted.
  void set_wanted(DataRate rate);
  // More than this much capacity is of no use.
  [[nodiscard]] DataRate ceiling() const { return std::max(DataRate::bps(wanted_.bps() * 3 / 2), lost_); }

  // `calm`: no queue and no overuse, so that a probe may add to what flows. `patience`: feedback on a cluster comes
  // within that or not at all.
  void on_tick(DataRate estimate, bool calm, Duration patience, Timestamp now);
  // The estimate fell: look for its return soon, and not in the queue that made it fall.
  void on_decrease(Timestamp now);
  // It fell from `before` for something else than its own packets: that is looked for, for a while, whatever is wanted.
  void seek(DataRate before, Timestamp now);
  // Another path: nothing is known of it, and its first cluster leaves at once.
  void on_new_path(Timestamp now);

  // The cluster that packets sent now belong to; 0: none.
  [[nodiscard]] uint8_t cluster() const { return phase_ == Phase::kSending ? cluster_.id : uint8_t{0}; }
  [[nodiscard]] std::optional<DataRate> rate() const;
  // Bytes that are due now to keep up the cluster's rate.
  [[nodiscard]] size_t bytes_due(Timestamp now) const;
  void on_sent(size_t bytes, Timestamp now);
  void on_received(uint8_t cluster, Timestamp sent, Duration arrival, size_t bytes);
  // What the cluster under way has shown, once.
  [[nodiscard]] std::optional<Result> take_result(DataRate estimate, Timestamp now);

  [[nodiscard]] bool at_rest() const { return phase_ == Phase::kIdle && (satisfied_ || wanted_ == DataRate{}); }
  // A queue seen now may be the last cluster's own.
  [[nodiscard]] bool recent(Timestamp now) const;
  [[nodiscard]] uint64_t probes() const { return probes_before_ + probes_; }

 private:
  enum class Phase : uint8_t { kIdle, kSending, kAwaited };
  struct Cluster {
    uint8_t id = 0;
    bool confirms = false;
    DataRate rate;
    Duration span;
    Timestamp started{};
    Timestamp last_sent{};
    int64_t bytes = 0;
    int64_t first_turn_bytes = 0;  // of these, at the start
    int packets = 0;
    // Received of these.
    Timestamp first_sent_at{};
    Timestamp last_sent_at{};
    Duration first_arrival;
    Duration last_arrival;
    int64_t received_bytes = 0;
    int64_t first_bytes = 0;  // the first to arrive
    int64_t first_turn_received = 0;
    int received = 0;
    // Of the second half.
    Duration late_arrival;   // the first
    int64_t late_bytes = 0;  // all but that one
    int late = 0;
  };

  void begin(DataRate rate, bool confirms, Timestamp now);
  void settle(Timestamp now);
  void fail(Timestamp now);
  void note_late(Timestamp sent, Duration arrival, int64_t size);
  [[nodiscard]] std::optional<DataRate> measure() const;

  DataRate wanted_;
  DataRate lost_;  // what is sought
  Timestamp sought_until_{};
  Phase phase_ = Phase::kIdle;
  Cluster cluster_;
  std::optional<DataRate> unconfirmed_;
  bool satisfied_ = false;  // the estimate has room for what is wanted
  Duration interval_;
  Timestamp next_{};
  uint64_t probes_ = 0;         // of this path
  uint64_t probes_before_ = 0;  // of paths before it
};

}  // namespace footlight::congestion
