#include "load/gap_tracker.h"

#include <algorithm>

namespace footlight::load {

GapTracker::Seen GapTracker::on_packet(rtp::SeqNum wrapped, Timestamp now) {
  int64_t seq = unwrapper_.unwrap(wrapped).value();
  if (!started_) {
    started_ = true;
    first_ = newest_ = seq;
    seen_.set(slot(seq));
    received_ = 1;
    return Seen::kNew;
  }
  if (seq > newest_) {
    advance_to(seq, now);
    seen_.set(slot(seq));
    ++received_;
    return Seen::kNew;
  }
  if (seq <= newest_ - kWindow || seq < first_) return Seen::kTooOld;
  if (seen_.test(slot(seq))) return Seen::kDuplicate;
  seen_.set(slot(seq));
  ++received_;
  auto it = std::ranges::find(missing_, seq, &Missing::seq);
  bool asked = it != missing_.end() && it->asks > 0;
  if (it != missing_.end()) missing_.erase(it);
  return asked ? Seen::kRepaired : Seen::kNew;
}

void GapTracker::advance_to(int64_t seq, Timestamp now) {
  int64_t from = std::max(newest_ + 1, seq - kWindow + 1);
  for (int64_t lost = from; lost < seq; ++lost) {
    seen_.reset(slot(lost));
    if (missing_.size() == kMaxMissing) missing_.erase(missing_.begin());
    missing_.push_back({.seq = lost, .due = now});
  }
  newest_ = seq;
}

size_t GapTracker::take_due(Timestamp now, std::span<rtp::SeqNum> out) {
  std::erase_if(missing_, [now](const Missing& m) { return m.asks == kMaxAsks && m.due <= now; });
  size_t count = 0;
  for (Missing& m : missing_) {
    if (count == out.size()) break;
    if (m.due > now) continue;
    out[count++] = rtp::UnwrappedSeq(m.seq).wrapped();
    ++m.asks;
    m.due = now + kAskInterval;
  }
  return count;
}

bool GapTracker::whole(rtp::UnwrappedSeq from, rtp::UnwrappedSeq to) const {
  if (!started_ || from.value() < first_ || to.value() > newest_ || from.value() <= newest_ - kWindow) return false;
  for (int64_t seq = from.value(); seq <= to.value(); ++seq)
    if (!seen_.test(slot(seq))) return false;
  return true;
}

}  // namespace footlight::load
