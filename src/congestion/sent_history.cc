#include "congestion/sent_history.h"

#include <algorithm>

namespace footlight::congestion {

void SentHistory::on_sent(rtp::SeqNum wrapped, size_t bytes, uint8_t probe, Timestamp now) {
  auto previous = unwrapper_.newest();
  int64_t seq = unwrapper_.unwrap(wrapped).value();
  if (previous && seq <= previous->value()) return;  // numbers rise: the caller counts them up
  if (!previous) settled_ = seq - 1;
  // Numbers that were taken and not sent (a refused packet) are nothing to hear of.
  int64_t first = previous ? std::max(previous->value() + 1, seq - static_cast<int64_t>(kCapacity) + 1) : seq;
  int64_t oldest = seq - static_cast<int64_t>(kCapacity);
  if (previous) settle_through(std::min(oldest, previous->value()));
  settled_ = std::max(settled_, oldest);
  for (int64_t skipped = first; skipped < seq; ++skipped) entry_of(skipped) = {};
  entry_of(seq) = {static_cast<uint32_t>(now.us()), static_cast<uint16_t>(std::min<size_t>(bytes, UINT16_MAX)), probe,
                   Fate::kInFlight};
  in_flight_ += entry_of(seq).bytes;
}

std::optional<SentHistory::Packet> SentHistory::report(rtp::SeqNum wrapped, bool received, Timestamp now) {
  auto newest = unwrapper_.newest();
  if (!newest) return std::nullopt;
  int64_t seq = unwrapper_.peek(wrapped).value();
  if (seq > newest->value() || newest->value() - seq >= static_cast<int64_t>(kCapacity)) return std::nullopt;
  settle_through(seq);
  Entry& entry = entry_of(seq);
  if (entry.fate == Fate::kNone || entry.fate == Fate::kReceived) return std::nullopt;
  Packet packet;
  packet.seq = rtp::UnwrappedSeq(seq);
  packet.sent = now - Duration::micros(static_cast<uint32_t>(static_cast<uint32_t>(now.us()) - entry.sent_us));
  packet.bytes = entry.bytes;
  packet.probe = entry.probe;
  packet.before = entry.fate;
  entry.fate = received ? Fate::kReceived : Fate::kLost;
  return packet;
}

void SentHistory::settle_through(int64_t seq) {
  for (; settled_ < seq; ++settled_) {
    const Entry& entry = entry_of(settled_ + 1);
    in_flight_ -= entry.bytes;
  }
}

void SentHistory::give_up() {
  if (auto newest = unwrapper_.newest()) settle_through(newest->value());
}

void SentHistory::forget() {
  give_up();
  ring_.fill({});
}

}  // namespace footlight::congestion
