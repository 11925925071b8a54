#include "compose/loss_tracker.h"

#include <array>

namespace footlight::compose {
namespace {

// First after what reordering on loopback could explain, then as long as a publisher's repair through the relay takes.
constexpr std::array kAskAfter = {Duration::millis(5), Duration::millis(30), Duration::millis(80)};

}  // namespace

bool LossTracker::on_packet(rtp::UnwrappedSeq seq, Timestamp now) {
  if (!highest_) {
    highest_ = seq;
    ++received_;
    return true;
  }
  if (seq <= *highest_) {
    const bool was_missing = missing_.erase(seq.value()) > 0;
    received_ += was_missing ? 1 : 0;
    return was_missing;
  }
  const int64_t gap = seq - *highest_ - 1;
  if (gap > kMaxMissing) {
    // The sender jumped, or was away for long: repairing that is the key frame's affair.
    lost_ += missing_.size() + static_cast<uint64_t>(gap);
    missing_.clear();
  } else {
    for (int64_t s = highest_->value() + 1; s < seq.value(); ++s) missing_.emplace(s, Missing{now + kAskAfter[0]});
    while (missing_.size() > static_cast<size_t>(kMaxMissing)) {
      missing_.erase(missing_.begin());
      ++lost_;
    }
  }
  highest_ = seq;
  ++received_;
  return true;
}

void LossTracker::take_due(Timestamp now, std::vector<rtp::SeqNum>& out) {
  for (auto& [seq, m] : missing_) {
    if (now < m.next_ask || m.asked >= static_cast<int>(kAskAfter.size())) continue;
    out.push_back(rtp::UnwrappedSeq(seq).wrapped());
    ++m.asked;
    if (m.asked < static_cast<int>(kAskAfter.size())) m.next_ask = now + kAskAfter[static_cast<size_t>(m.asked)];
  }
}

void LossTracker::forget_before(rtp::UnwrappedSeq seq) {
  const auto end = missing_.lower_bound(seq.value());
  lost_ += static_cast<uint64_t>(std::distance(missing_.begin(), end));
  missing_.erase(missing_.begin(), end);
}

}  // namespace footlight::compose
