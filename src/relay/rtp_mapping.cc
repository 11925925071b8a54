#include "relay/rtp_mapping.h"

#include <algorithm>

namespace footlight::relay {
namespace {
// A line that is this far off is another clock's: a source whose reports cannot be believed (mediasoup #1459).
constexpr Duration kMaxLineError = Duration::seconds(1);
// Half a timestamp's cycle (6.6 h of 90 kHz) would be a step back at the receiver's.
constexpr Duration kMaxPause = Duration::seconds(3600);
}  // namespace

RtpMapping::RtpMapping(int clock_rate, uint16_t first_seq, uint32_t first_time)
    : clock_rate_(clock_rate), next_seq_(first_seq), newest_time_(first_time) {}

void RtpMapping::push(const Segment& segment) {
  segments_[next_++ % kSegments] = segment;
  count_ = std::min<uint32_t>(count_ + 1, kSegments);
}

void RtpMapping::begin(const Beginning& b, Timestamp now) {
  if (count_ > 0) segments_[(next_ - 1) % kSegments].count = std::max<int64_t>(0, next_seq_ - newest().out);
  const int64_t squeezed = std::max<int64_t>(0, b.live_time.value() - b.first_time.value()) / b.squeeze;
  const Duration pause = newest_sent_at_ ? std::min(now - *newest_sent_at_, kMaxPause) : Duration::zero();
  const int64_t elapsed = newest_sent_at_ ? pause.us() * clock_rate_ / 1'000'000 + b.lead : 0;
  // The live edge stands where it would without a change; its squeezed past must still lie behind what was sent.
  int64_t live = newest_time_ + std::max(elapsed, squeezed + 1);
  const int64_t max_error = kMaxLineError.us() * clock_rate_ / 1'000'000;
  if (b.line && newest_sent_at_ && std::abs(*b.line - newest_time_ - elapsed) < max_error) live = *b.line;
  Part& part = parts_[parts_begun_++ % kParts];
  part = {b.layer, b.first_time, b.live_time, live - b.live_time.value(), newest_time_ + 1, b.squeeze};
  if (!newest_sent_at_) part.floor = live - squeezed;
  push({b.first, next_seq_, 0, parts_begun_ - 1, b.pictures});
}

void RtpMapping::leave_out(rtp::UnwrappedSeq from, rtp::UnwrappedSeq to, uint16_t pictures) {
  Segment& open = segments_[(next_ - 1) % kSegments];
  const auto offset = static_cast<uint16_t>(open.pictures.picture - pictures);
  if (open.first == from) {  // nothing of it was sent
    open.first = to;
    open.pictures.picture = offset;
    return;
  }
  open.count = from - open.first;
  Segment next = open;
  next.first = to;
  next.out = open.out + open.count;
  next.pictures.picture = offset;
  push(next);
}

std::optional<RtpMapping::Place> RtpMapping::place_of(rtp::UnwrappedSeq in) const {
  for (uint32_t i = 1; i <= count_; ++i) {
    const Segment& s = segments_[(next_ - i) % kSegments];
    if (s.part != parts_begun_ - 1) break;
    if (in < s.first) continue;
    if (i > 1 && in - s.first >= s.count) break;
    return Place{s.out + (in - s.first), s.part, s.pictures};
  }
  return std::nullopt;
}

std::optional<RtpMapping::Source> RtpMapping::source_of(rtp::SeqNum out) const {
  const auto behind = static_cast<uint16_t>(static_cast<uint16_t>(next_seq_ - 1) - out.value());
  const int64_t seq = next_seq_ - 1 - behind;
  for (uint32_t i = 1; i <= count_; ++i) {
    const Segment& s = segments_[(next_ - i) % kSegments];
    if (parts_begun_ - s.part > kParts) break;  // its line is forgotten
    if (seq < s.out) continue;
    if (i > 1 && seq - s.out >= s.count) break;
    return Source{part(s.part).layer, s.first.plus(seq - s.out), {seq, s.part, s.pictures}};
  }
  return std::nullopt;
}

int64_t RtpMapping::map_time(const Part& part, rtp::UnwrappedTime in) {
  const int64_t behind = part.live_time.value() - in.value();
  const int64_t line =
      behind > 0 ? part.live_time.value() + part.offset - behind / part.squeeze : in.value() + part.offset;
  // An encoding that lags behind the one before it keeps its order until it has caught up.
  return std::max(line, part.floor + (in.value() - part.first_time.value()) / kReplaySqueeze);
}

void RtpMapping::on_sent(const Place& place, rtp::UnwrappedTime time, Timestamp now) {
  next_seq_ = std::max(next_seq_, place.seq + 1);
  const int64_t out = map_time(part(place.part), time);
  if (out >= newest_time_ || !newest_sent_at_) {
    newest_time_ = out;
    newest_sent_at_ = now;
  }
}

}  // namespace footlight::relay
