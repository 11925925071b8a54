#include "relay/join_cache.h"

namespace footlight::relay {
namespace {
// How far the parameter sets of a key frame may stand before the packet that showed it to be one.
constexpr int64_t kMaxLookBack = 64;
}  // namespace

rtp::UnwrappedSeq first_of_frame(const PacketBuffer& buffer, const StoredPacket& packet) {
  rtp::UnwrappedSeq first = packet.seq;
  while (first > buffer.oldest() && packet.seq - first < kMaxLookBack) {
    const StoredPacket* before = buffer.find(first.plus(-1));
    if (before && before->time != packet.time) break;
    first = first.plus(-1);
  }
  return first;
}

void JoinCache::on_packet(const PacketBuffer& buffer, const StoredPacket& packet) {
  newest_time_ = std::max(newest_time_, packet.time);
  if (!packet.key || (key_time_ && packet.time < *key_time_)) return;
  if (key_time_ && packet.time == *key_time_ && key_seq_ && *key_seq_ <= packet.seq) return;
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
  newest_time_ = {};
}

}  // namespace footlight::relay
