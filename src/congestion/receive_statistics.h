#pragma once
#include <cstdint>
#include <optional>

#include "base/units.h"
#include "rtp/ntp.h"
#include "rtp/rtcp/report_block.h"
#include "rtp/types.h"

namespace footlight::congestion {

// What a receiver knows of one incoming SSRC (RFC 3550 §6.4.1, A.3, A.8): the source of its report blocks and of the
// loss and jitter that people see. Owned by a producer, on its shard thread. In: each packet's numbers with arrival
// time, and sender reports; out: report blocks. Retransmissions under their own SSRC (RTX) are not fed in.
class ReceiveStatistics {
 public:
  ReceiveStatistics(rtp::Ssrc ssrc, int clock_rate);  // Hz

  void on_packet(rtp::SeqNum seq, rtp::RtpTime time, Timestamp arrival, size_t bytes);
  void on_sender_report(rtp::NtpTime ntp, Timestamp arrival);

  // The block for the next report; begins a new interval. nullopt before the first packet.
  [[nodiscard]] std::optional<rtp::rtcp::ReportBlock> take_report(Timestamp now);

  [[nodiscard]] double loss_ratio() const { return loss_ratio_; }  // 0 to 1, over the last report's interval
  [[nodiscard]] Duration jitter() const;
  [[nodiscard]] uint64_t packets() const { return received_; }
  [[nodiscard]] uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::optional<Timestamp> last_arrival() const { return last_arrival_; }

 private:
  void update_jitter(rtp::RtpTime time, Timestamp arrival);
  [[nodiscard]] int64_t expected() const { return newest_ - base_ + 1; }

  rtp::Ssrc ssrc_;
  int clock_rate_;
  rtp::SeqUnwrapper unwrapper_;
  int64_t base_ = 0;
  int64_t newest_ = 0;
  uint64_t received_ = 0;
  uint64_t bytes_ = 0;
  int64_t expected_prior_ = 0;
  int64_t received_prior_ = 0;
  double loss_ratio_ = 0;
  int64_t jitter_q4_ = 0;  // in 1/16 ticks, as RFC 3550 A.8 keeps it
  std::optional<rtp::RtpTime> jitter_time_;
  Timestamp jitter_arrival_;
  std::optional<Timestamp> last_arrival_;
  std::optional<rtp::CompactNtp> last_sr_;
  Timestamp last_sr_arrival_;
};

}  // namespace footlight::congestion
