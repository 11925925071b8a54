#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "congestion/arrival_recorder.h"
#include "congestion/send_budget.h"
#include "congestion/send_controller.h"

namespace footlight::congestion::test {

// What lies between a relay and its viewers.
struct Path {
  struct Step {
    Duration at;
    DataRate rate;
  };
  std::vector<Step> capacity;              // from 0 on
  Duration delay = Duration::millis(25);   // each way
  Duration queue = Duration::millis(300);  // of drop-tail buffer at the capacity of each moment
  size_t least_queue = size_t{15} * 1200;  // bytes
  size_t bucket = 0;                       // bytes that pass at once after a pause, as through a token bucket
  double loss = 0;                         // of packets towards the viewer, at random
  double burst = 1;                        // packets lost in a row, on average
  double feedback_loss = 0;                // of datagrams back
  Duration jitter = Duration::zero();      // uniform, order kept
  Duration cut_from = Duration::max();     // nothing gets through, both ways
  Duration cut_until = Duration::max();
};

// A queue in front of a line of changing speed. In: packets; out: arrivals, in order.
class Bottleneck {
 public:
  struct Arrival {
    size_t flow;
    uint64_t packet;
    Timestamp at;
  };
  Bottleneck(Path path, uint32_t seed) : path_(std::move(path)), random_(seed) {}

  void send(size_t flow, uint64_t packet, size_t bytes, Timestamp now);
  [[nodiscard]] std::vector<Arrival> take_arrivals(Timestamp now);
  [[nodiscard]] DataRate capacity(Timestamp at) const;
  [[nodiscard]] Duration queue_delay(Timestamp now) const;
  [[nodiscard]] bool cut(Timestamp at) const;
  [[nodiscard]] uint64_t dropped() const { return dropped_; }
  [[nodiscard]] bool lose(double probability) { return std::uniform_real_distribution<>(0, 1)(random_) < probability; }
  // A packet towards the viewer: two states, as in Gilbert's model.
  [[nodiscard]] bool lose_next();
  [[nodiscard]] const Path& path() const { return path_; }

 private:
  struct Queued {
    size_t flow;
    uint64_t packet;
    size_t bytes;
    Timestamp in;
  };
  void serve(Timestamp now);

  Path path_;
  std::mt19937 random_;
  std::deque<Queued> queue_;
  size_t backlog_ = 0;
  Timestamp line_free_{};
  Timestamp last_arrival_{};
  std::deque<Arrival> arrivals_;
  uint64_t dropped_ = 0;
  bool losing_ = false;
};

// Who shares a bottleneck. One step a millisecond.
class Flow {
 public:
  virtual ~Flow() = default;
  virtual void step(Bottleneck& line, size_t self, Timestamp now) = 0;
  virtual void on_arrival(uint64_t packet, Timestamp at) = 0;
};

// What the media of a viewer is.
struct Media {
  std::vector<DataRate> layers;            // the highest that fits the target is sent; empty: follow
  DataRate most = DataRate::kbps(5000);    // follow: as much as the target, up to here
  Duration silent_from = Duration::max();  // video stops
  Duration silent_until = Duration::max();
  int key_every = 300;  // frames
  double key_size = 5;  // times an ordinary frame
  bool may_probe = true;
  bool feedback = true;  // transport-wide; else receiver reports each second
  bool mute_feedback = false;
};

// A viewer's path as the relay runs it: frames, pacing, probes; and the viewer's feedback, through the wire format.
class ViewerFlow final : public Flow {
 public:
  explicit ViewerFlow(Media media, SendLimits limits = {});

  void step(Bottleneck& line, size_t self, Timestamp now) override;
  void on_arrival(uint64_t packet, Timestamp at) override;

  [[nodiscard]] SendController& controller() { return controller_; }
  [[nodiscard]] int64_t received_bytes() const { return received_bytes_; }
  [[nodiscard]] int64_t padding_bytes() const { return padding_bytes_; }
  [[nodiscard]] DataRate media_rate() const { return media_rate_; }
  // How long packets of sound were on their way since the last call: the longest of all but the slowest hundredth.
  [[nodiscard]] Duration take_voice_delay();
  bool mute_feedback = false;

 private:
  void make_frame(Timestamp now);
  void choose_rate(Timestamp now);
  void send(Bottleneck& line, size_t self, size_t bytes, Timestamp now, bool voice = false);
  void report(Bottleneck& line, Timestamp now);

  Media media_;
  SendController controller_;
  SendBudget budget_;
  ArrivalRecorder recorder_;
  std::deque<size_t> pending_;  // packets of frames that wait for the budget
  uint16_t seq_ = 0xff00;       // wraps early
  int frame_ = 0;
  Timestamp next_frame_{};
  Timestamp next_audio_{};
  Timestamp next_turn_{};
  Timestamp next_report_{};
  Timestamp switched_{};
  Timestamp fitted_{};  // when the layer last fitted the target
  DataRate media_rate_;
  struct Message {
    Timestamp at;
    std::vector<uint8_t> bytes;
  };
  std::deque<Message> feedback_;
  std::vector<Duration> voice_delays_;
  int64_t padding_bytes_ = 0;
  int64_t received_bytes_ = 0;
  int64_t packets_sent_ = 0;
  int64_t packets_received_ = 0;
  int64_t reported_sent_ = 0;
  int64_t reported_received_ = 0;
  Duration path_delay_;
};

// A bulk transfer: one loss halves its window, a round trip without adds a packet (RFC 5681, in outline).
class RenoFlow final : public Flow {
 public:
  void step(Bottleneck& line, size_t self, Timestamp now) override;
  void on_arrival(uint64_t packet, Timestamp at) override;
  [[nodiscard]] int64_t received_bytes() const { return received_bytes_; }

 private:
  struct Acked {
    Timestamp at;
    uint64_t packet;
  };
  double window_ = 10;
  double threshold_ = 1e9;
  uint64_t next_ = 0;
  uint64_t acked_ = 0;    // all below are settled
  uint64_t recover_ = 0;  // losses below belong to one event
  std::deque<Acked> acks_;
  Timestamp last_ack_{};
  int64_t received_bytes_ = 0;
  Duration delay_;
};

// So much a second, whatever happens.
class ConstantFlow final : public Flow {
 public:
  ConstantFlow(DataRate rate, Duration from, Duration until) : rate_(rate), from_(from), until_(until) {}
  void step(Bottleneck& line, size_t self, Timestamp now) override;
  void on_arrival(uint64_t, Timestamp) override {}

 private:
  DataRate rate_;
  Duration from_;
  Duration until_;
  int64_t credit_ = 0;
};

// One moment of a run, for assertions and plots.
struct Sample {
  Duration at;
  DataRate capacity;
  DataRate target;
  DataRate media;
  DataRate received;  // over the last half second
  DataRate acknowledged;
  Duration queue_delay;
  double loss_ratio = 0;
};

// The clock is turned by hand, a millisecond at a time; the same seed gives the same run.
class Simulation {
 public:
  Simulation(Path path, uint32_t seed) : line_(std::move(path), seed) {}
  ViewerFlow& add_viewer(Media media, SendLimits limits = {});
  RenoFlow& add_reno();
  void add_constant(DataRate rate, Duration from, Duration until);
  void run_until(Duration end);

  [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }  // of the first viewer, each 50 ms
  [[nodiscard]] Bottleneck& line() { return line_; }
  // Means between two moments.
  [[nodiscard]] double mean_target_kbps(Duration from, Duration until) const;
  [[nodiscard]] double mean_received_kbps(Duration from, Duration until) const;
  [[nodiscard]] Duration mean_queue(Duration from, Duration until) const;
  // First moment from `from` on when the target is at least / at most `rate`; nullopt: never.
  [[nodiscard]] std::optional<Duration> first_at_least(DataRate rate, Duration from) const;
  [[nodiscard]] std::optional<Duration> first_at_most(DataRate rate, Duration from) const;

 private:
  void sample();

  Bottleneck line_;
  std::vector<std::unique_ptr<Flow>> flows_;
  ViewerFlow* first_ = nullptr;
  Duration clock_;
  std::deque<int64_t> received_;
  std::vector<Sample> samples_;
};

inline constexpr Timestamp kStart = Timestamp::millis(1'000'000);

}  // namespace footlight::congestion::test
