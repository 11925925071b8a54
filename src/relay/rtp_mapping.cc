#include "relay/rtp_mapping.h"

#include <algorithm>

namespace footlight::relay {

RtpMapping::RtpMapping(int clock_rate, uint16_t first_seq, uint32_t first_time)
    : clock_rate_(clock_rate), next_seq_(first_seq), newest_time_(first_time) {}

void RtpMapping::begin(rtp::UnwrappedSeq first, rtp::UnwrappedTime first_time, rtp::UnwrappedTime live_time,
                       Timestamp now) {
  active_ = true;
  first_ = first;
  seq_offset_ = next_seq_ - first.value();
  live_time_ = live_time;
  int64_t squeezed = std::max<int64_t>(0, live_time.value() - first_time.value()) / kReplaySqueeze;
  int64_t elapsed = newest_sent_at_ ? (now - *newest_sent_at_).us() * clock_rate_ / 1'000'000 : 0;
  // The live edge stands where it would without a switch; its squeezed past must still lie behind what was sent.
  int64_t live_out = newest_time_ + std::max(elapsed, squeezed + 1);
  time_offset_ = live_out - live_time.value();
}

int64_t RtpMapping::map_time(rtp::UnwrappedTime in) const {
  int64_t behind = live_time_.value() - in.value();
  if (behind > 0) return live_time_.value() + time_offset_ - behind / kReplaySqueeze;
  return in.value() + time_offset_;
}

rtp::RtpTime RtpMapping::time(rtp::UnwrappedTime in) const { return rtp::RtpTime(static_cast<uint32_t>(map_time(in))); }

std::optional<rtp::UnwrappedSeq> RtpMapping::source_seq(rtp::SeqNum out) const {
  if (!active_) return std::nullopt;
  auto behind = static_cast<uint16_t>(static_cast<uint16_t>(next_seq_ - 1) - out.value());
  rtp::UnwrappedSeq in(next_seq_ - 1 - behind - seq_offset_);
  if (in < first_) return std::nullopt;
  return in;
}

void RtpMapping::on_sent(rtp::UnwrappedSeq in, rtp::UnwrappedTime time, Timestamp now) {
  next_seq_ = std::max(next_seq_, in.value() + seq_offset_ + 1);
  int64_t out = map_time(time);
  if (out >= newest_time_ || !newest_sent_at_) {
    newest_time_ = out;
    newest_sent_at_ = now;
  }
}

}  // namespace footlight::relay
