#include "relay/mirror_feed.h"

#include <algorithm>

namespace footlight::relay {

MirrorFeed::MirrorFeed(uint64_t token, const Publication& publication, ShardRing& ring, RingCounters& counters,
                       Timestamp now)
    : token_(token), publication_(publication), ring_(ring), counters_(counters) {
  for (size_t t = 0; t < publication.tracks.size(); ++t)
    for (size_t l = 0; l < publication.tracks[t].layers.size(); ++l) layers_.push_back({t, l, {}, 0, {}});
  tick(now);
}

bool MirrorFeed::push(Layer& layer, const Producer& producer, const StoredPacket& packet, Timestamp now) {
  RingRecord record;
  record.kind = RingRecord::Kind::kPacket;
  record.track = static_cast<uint8_t>(layer.track);
  record.layer = static_cast<uint8_t>(layer.layer);
  record.publication = token_;
  record.ssrc = *producer.ssrc();
  record.packet = packet;
  if (!ring_.push(record)) {
    ++counters_.full;
    return false;
  }
  ++counters_.packets;
  pushed_ = true;
  if (packet.key && packet.time != layer.key_time) {
    layer.key_time = packet.time;
    layer.key_at = now;
  }
  return true;
}

void MirrorFeed::forward(size_t track, size_t layer, const Producer& producer, Timestamp now) {
  auto it = std::ranges::find_if(layers_, [&](const Layer& l) { return l.track == track && l.layer == layer; });
  if (it == layers_.end()) return;
  it->cursor.forward(producer, [&](const StoredPacket& packet) { return push(*it, producer, packet, now); });
  count_lost(*it);
}

bool MirrorFeed::crosses(size_t track, size_t layer, std::optional<rtp::UnwrappedTime> known, Timestamp now) const {
  auto it = std::ranges::find_if(layers_, [&](const Layer& l) { return l.track == track && l.layer == layer; });
  return it != layers_.end() && it->key_time && it->key_time != known && now - it->key_at < KeyFrameGovernor::kInterval;
}

void MirrorFeed::tick(Timestamp now) {
  for (Layer& layer : layers_) {
    const Producer& producer = *publication_.tracks[layer.track].layers[layer.layer].producer;
    layer.cursor.catch_up(producer, [&](const StoredPacket& packet) { return push(layer, producer, packet, now); });
    count_lost(layer);
    if (producer.clock().reported_at() == layer.clock_told || !producer.clock().known()) continue;
    RingRecord record;
    record.kind = RingRecord::Kind::kClock;
    record.track = static_cast<uint8_t>(layer.track);
    record.layer = static_cast<uint8_t>(layer.layer);
    record.publication = token_;
    record.clock = producer.clock();
    if (!ring_.push(record)) continue;
    layer.clock_told = producer.clock().reported_at();
    pushed_ = true;
  }
}

void MirrorFeed::count_lost(Layer& layer) {
  counters_.lost += layer.cursor.lost() - layer.lost;
  layer.lost = layer.cursor.lost();
}

}  // namespace footlight::relay
