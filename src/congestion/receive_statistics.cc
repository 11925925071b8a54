#include "congestion/receive_statistics.h"

#include <algorithm>
#include <cstdlib>

namespace footlight::congestion {
namespace {

// The unwrapper starts one cycle up; RFC 3550's extended number counts cycles from 0.
constexpr int64_t kFirstCycle = int64_t{1} << 16;
// A timestamp that moves away from the arrivals by more was reset by its source: that is no jitter.
constexpr Duration kTimestampReset = Duration::seconds(5);

}  // namespace

ReceiveStatistics::ReceiveStatistics(rtp::Ssrc ssrc, int clock_rate) : ssrc_(ssrc), clock_rate_(clock_rate) {}

void ReceiveStatistics::on_packet(rtp::SeqNum wrapped, rtp::RtpTime time, Timestamp arrival, size_t bytes) {
  int64_t seq = unwrapper_.unwrap(wrapped).value();
  if (received_ == 0) {
    base_ = newest_ = seq;
    update_jitter(time, arrival);
  } else if (seq > newest_) {
    newest_ = seq;
    update_jitter(time, arrival);
  } else {
    base_ = std::min(base_, seq);
  }
  ++received_;
  bytes_ += bytes;
  last_arrival_ = arrival;
}

// RFC 3550 A.8. Packets of one picture share a timestamp though the sender spaces them out, and late ones are repair's
// affair: only the first packet of a newer picture counts.
void ReceiveStatistics::update_jitter(rtp::RtpTime time, Timestamp arrival) {
  if (jitter_time_ && *jitter_time_ == time) return;
  if (jitter_time_) {
    int64_t sent = static_cast<int32_t>(time.value() - jitter_time_->value());
    int64_t came = (arrival - jitter_arrival_).us() * clock_rate_ / 1'000'000;
    int64_t moved = std::abs(came - sent);
    if (moved <= clock_rate_ * kTimestampReset.us() / 1'000'000) jitter_q4_ += moved - ((jitter_q4_ + 8) >> 4);
  }
  jitter_time_ = time;
  jitter_arrival_ = arrival;
}

void ReceiveStatistics::on_sender_report(rtp::NtpTime ntp, Timestamp arrival) {
  last_sr_ = rtp::compact_from_ntp(ntp);
  last_sr_arrival_ = arrival;
}

// RFC 3550 A.3.
std::optional<rtp::rtcp::ReportBlock> ReceiveStatistics::take_report(Timestamp now) {
  if (received_ == 0) return std::nullopt;
  auto received = static_cast<int64_t>(received_);
  int64_t expected_now = expected() - expected_prior_;
  int64_t lost_now = expected_now - (received - received_prior_);
  expected_prior_ = expected();
  received_prior_ = received;

  rtp::rtcp::ReportBlock block{.source = ssrc_};
  loss_ratio_ = 0;
  if (expected_now > 0 && lost_now > 0) {
    block.fraction_lost = static_cast<uint8_t>(std::min<int64_t>(lost_now * 256 / expected_now, 255));
    loss_ratio_ = static_cast<double>(lost_now) / static_cast<double>(expected_now);
  }
  block.cumulative_lost = static_cast<int32_t>(std::clamp<int64_t>(expected() - received, INT32_MIN, INT32_MAX));
  block.highest_seq = static_cast<uint32_t>(newest_ - kFirstCycle);
  block.jitter = static_cast<uint32_t>(jitter_q4_ >> 4);
  if (last_sr_) {
    block.last_sr = *last_sr_;
    block.delay_since_last_sr = rtp::compact_from_duration(now - last_sr_arrival_);
  }
  return block;
}

Duration ReceiveStatistics::jitter() const { return Duration::micros((jitter_q4_ >> 4) * 1'000'000 / clock_rate_); }

}  // namespace footlight::congestion
