#include "relay/nack_generator.h"

#include <algorithm>
#include <utility>

namespace footlight::relay {

bool NackGenerator::on_packet(rtp::UnwrappedSeq seq, Timestamp now, Timestamp* asked_at) {
  if (!started_) {
    started_ = true;
    newest_ = seq;
    return false;
  }
  if (seq > newest_) {
    add_gap(newest_.plus(1), seq, now);
    newest_ = seq;
    return false;
  }
  auto end = missing_.begin() + static_cast<ptrdiff_t>(count_);
  auto it =
      std::lower_bound(missing_.begin(), end, seq, [](const Missing& m, rtp::UnwrappedSeq s) { return m.seq < s; });
  if (it == end || it->seq != seq) return false;
  bool sample = it->retries > 0;
  if (sample) {
    ++repaired_;
    *asked_at = it->first_asked;
  }
  erase(static_cast<size_t>(it - missing_.begin()));
  return sample;
}

void NackGenerator::add_gap(rtp::UnwrappedSeq from, rtp::UnwrappedSeq to, Timestamp now) {
  // A jump wider than the list cannot be repaired packet by packet.
  if (to - from > static_cast<int64_t>(kMaxMissing)) {
    for (size_t i = 0; i < count_; ++i) give_up(missing_[i]);
    count_ = 0;
    ++given_up_count_;
    given_up_ = true;
    return;
  }
  auto wanted = static_cast<size_t>(to - from);
  while (count_ + wanted > kMaxMissing) {
    give_up(missing_[0]);
    erase(0);
  }
  for (rtp::UnwrappedSeq s = from; s < to; s = s.plus(1)) missing_[count_++] = {s, now, {}, {}, 0};
}

size_t NackGenerator::take_due(Timestamp now, Duration rtt, std::span<rtp::SeqNum> out) {
  Duration deadline = std::clamp(rtt * 3, kMinDeadline, kMaxDeadline);
  Duration retry = std::max(kMinRetry, rtt + rtt / 4);
  size_t kept = 0;
  size_t due = 0;
  for (size_t i = 0; i < count_; ++i) {
    Missing& m = missing_[i];
    if (now - m.since >= deadline || (m.retries >= kMaxRetries && now - m.asked >= retry)) {
      give_up(m);
      continue;
    }
    if (due < out.size() && m.retries < kMaxRetries && (m.retries == 0 || now - m.asked >= retry)) {
      out[due++] = m.seq.wrapped();
      m.asked = now;
      if (m.retries++ == 0) m.first_asked = now;
    }
    missing_[kept++] = m;
  }
  count_ = kept;
  return due;
}

bool NackGenerator::take_given_up() { return std::exchange(given_up_, false); }

void NackGenerator::on_key_frame(rtp::UnwrappedSeq first) {
  key_seq_ = std::max(key_seq_, first);
  given_up_ = false;
}

void NackGenerator::give_up(const Missing& m) {
  ++given_up_count_;
  if (m.seq > key_seq_) given_up_ = true;
}

void NackGenerator::erase(size_t index) {
  std::move(missing_.begin() + static_cast<ptrdiff_t>(index) + 1, missing_.begin() + static_cast<ptrdiff_t>(count_),
            missing_.begin() + static_cast<ptrdiff_t>(index));
  --count_;
}

void NackGenerator::reset() {
  count_ = 0;
  started_ = false;
  given_up_ = false;
  key_seq_ = {};
}

}  // namespace footlight::relay
