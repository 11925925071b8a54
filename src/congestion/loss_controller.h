#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/units.h"

namespace footlight::congestion {

// The rate that the loss allows. Takes the place of gcc-02 §6, which reads every loss as congestion and collapses on a
// bad radio link: here loss has two causes, an inherent share that strikes at any rate and what exceeds a capacity, and
// the capacity is the one under which the losses seen at the rates sent are the likeliest (the idea of libwebrtc's
// second loss-based estimator). Owned by a send controller. In: packets' fates; out: a limit, or none. 1 KiB.
class LossController {
 public:
  // Fates of packets, told once each; one that was thought lost and came after all is told by on_found().
  void on_packet(Timestamp sent, size_t bytes, bool received);
  void on_found();
  // Packets of a receiver report: counts only, at the rate at which we sent.
  void on_report(int64_t sent, int64_t lost, DataRate rate);

  // Judges anew when enough was seen. `unlimited`: what all else allows; `acknowledged`: what arrived.
  void update(DataRate unlimited, std::optional<DataRate> acknowledged, Timestamp now);
  // The path has changed: what was seen before says nothing of it.
  void forget() { count_ = judged_ = 0; }

  [[nodiscard]] std::optional<DataRate> limit() const { return limit_; }
  [[nodiscard]] double loss_ratio() const { return loss_ratio_; }  // 0 to 1, weighted to the newest

 private:
  static constexpr size_t kWindow = 16;
  struct Observation {
    double packets = 0;
    double lost = 0;
    double bps = 0;  // the rate of sending
  };

  void close(const Observation& observation);
  [[nodiscard]] double mean_loss() const;
  [[nodiscard]] double objective(double capacity) const;
  void choose(double unlimited, std::optional<DataRate> acknowledged, double seconds);

  // Being gathered.
  int64_t packets_ = 0;
  int64_t lost_ = 0;
  int64_t bytes_ = 0;
  std::optional<Timestamp> first_sent_;

  std::array<Observation, kWindow> window_{};
  size_t count_ = 0;  // closed ever; the newest is window_[(count_ - 1) % kWindow]
  size_t judged_ = 0;
  std::optional<Timestamp> judged_at_;
  std::optional<DataRate> limit_;
  double loss_ratio_ = 0;
};

}  // namespace footlight::congestion
