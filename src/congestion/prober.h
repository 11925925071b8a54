#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/units.h"

namespace footlight::congestion {

// Finds capacity that the media itself does not put to the test: short clusters of packets at a higher rate, filled up
// with padding or retransmissions, whose arrival shows what gets through. At first at three and six times the start;
// later at twice the estimate while more is wanted than that, also when nothing flows (mediasoup #316), less often each
// time that nothing was found. Owned by a send controller. In: what is wanted, sent and acknowledged; out: bytes due.
class Prober {
 public:
  struct Situation {
    DataRate estimate;
    bool calm = false;  // no queue, no overuse, no heavy loss: a probe may add to it
    std::optional<Timestamp> last_decrease;
    DataRate before_decrease;
  };

  void set_wanted(DataRate rate);
  void on_tick(const Situation& situation, Timestamp now);
  [[nodiscard]] Timestamp next_tick() const;

  // The cluster that packets sent now belong to; 0: none.
  [[nodiscard]] uint8_t cluster() const { return sending_ ? sending_->id : uint8_t{0}; }
  [[nodiscard]] std::optional<DataRate> rate() const;
  [[nodiscard]] size_t bytes_due(Timestamp now) const;
  void on_sent(size_t bytes, Timestamp now);
  void on_received(uint8_t cluster, Timestamp sent, Duration arrival, size_t bytes);
  // What the probes have shown since the last call.
  [[nodiscard]] std::optional<DataRate> take_result(const Situation& situation, Timestamp now);

  [[nodiscard]] uint64_t probes() const { return probes_; }

 private:
  struct Cluster {
    uint8_t id = 0;
    DataRate rate;
    bool initial = false;
    Timestamp started{};
    Timestamp last_sent{};
    int64_t bytes = 0;       // sent
    int64_t last_bytes = 0;  // of these, in the last turn
    int packets = 0;
    bool complete = false;
    // Acknowledged.
    Timestamp first_acked{};
    Timestamp last_acked{};
    Duration first_arrival;
    Duration last_arrival;
    int64_t acked_bytes = 0;
    int64_t first_bytes = 0;  // of these, the first to arrive
    int64_t final_bytes = 0;  // of these, sent in the last turn
    int acked = 0;
  };

  void begin(DataRate rate, bool initial, Timestamp now);
  [[nodiscard]] DataRate ceiling() const;
  [[nodiscard]] static std::optional<DataRate> measure(const Cluster& cluster);
  void on_result(const Cluster& cluster, DataRate measured, const Situation& situation, Timestamp now);

  DataRate wanted_;
  bool began_ = false;
  int initial_left_ = 0;  // exponential probes still to send
  Duration interval_;
  Timestamp next_{};
  uint8_t next_id_ = 1;
  std::optional<Cluster> sending_;
  std::optional<Cluster> awaited_;  // sent, and not judged yet
  uint64_t probes_ = 0;
};

}  // namespace footlight::congestion
