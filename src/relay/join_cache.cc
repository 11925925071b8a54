#include "relay/join_cache.h"

#include <cstdlib>

namespace footlight::relay {
namespace {
// How far the parameter sets of a key frame may stand before the packet that showed it to be one.
constexpr int64_t kMaxLookBack = 64;
// Some encoders give parameter sets a time of their own, near that of the picture. 90 kHz (RFC 6184 §8.2.1): a second.
constexpr int64_t kParametersWithin = 90'000;

bool belongs(const StoredPacket& before, const StoredPacket& packet) {
  return before.time == packet.time ||
         (before.parameters && std::abs(before.time.value() - packet.time.value()) <= kParametersWithin);
}
}  // namespace

rtp::UnwrappedSeq first_of_frame(const PacketBuffer& buffer, const StoredPacket& packet) {
  rtp::UnwrappedSeq first = packet.seq;
  while (first > buffer.oldest() && packet.seq - first < kMaxLookBack) {
    const StoredPacket* before = buffer.find(first.plus(-1));
    if (before && !belongs(*before, packet)) break;
    first = first.plus(-1);
  }
  return first;
}

void JoinCache::on_packet(const PacketBuffer& buffer, const StoredPacket& packet) {
  if (!newest_seq_ || packet.seq > *newest_seq_) {
    newest_seq_ = packet.seq;
    newest_time_ = packet.time;
  }
  if (!packet.key) return;
  // A packet of the same frame counts when it stands before the others, one of another frame when it is newer.
  if (key_seq_ && (packet.time == *key_time_) == (packet.seq >= *key_seq_)) return;
  key_time_ = packet.time;
  key_seq_ = first_of_frame(buffer, packet);
}

std::optional<rtp::UnwrappedSeq> JoinCache::start(const PacketBuffer& buffer) const {
  if (!key_seq_ || *key_seq_ < buffer.oldest()) return std::nullopt;
  int64_t span = newest_time_.value() - key_time_->value();
  if (span > kMaxSpan.us() * clock_rate_ / 1'000'000) return std::nullopt;
  return key_seq_;
}

void JoinCache::clear() {
  key_seq_.reset();
  key_time_.reset();
  newest_seq_.reset();
}

}  // namespace footlight::relay
