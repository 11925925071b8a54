#include "relay/shard_report.h"

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>

#include <fmt/format.h>

namespace footlight::relay {
namespace {

// Counters are numbers of one width and nothing else: summed as what they are, no new one can be forgotten.
Counters sum(const Counters& a, const Counters& b) {
  static_assert(sizeof(Counters) % sizeof(uint64_t) == 0);
  using Numbers = std::array<uint64_t, sizeof(Counters) / sizeof(uint64_t)>;
  auto left = std::bit_cast<Numbers>(a);
  auto right = std::bit_cast<Numbers>(b);
  for (size_t i = 0; i < left.size(); ++i) left[i] += right[i];
  return std::bit_cast<Counters>(left);
}

void line(std::string& out, std::string_view name, std::string_view type, std::string_view help, uint64_t value) {
  fmt::format_to(std::back_inserter(out),
                 "# HELP footlight_relay_{0} {1}\n# TYPE footlight_relay_{0} {2}\nfootlight_relay_{0} {3}\n", name,
                 help, type, value);
}

std::string shard_metrics(size_t shards, size_t mirrors, const RingCounters& rings) {
  std::string out;
  line(out, "shards", "gauge", "Threads that forward.", shards);
  line(out, "mirrors", "gauge", "Streams watched on another shard than their publisher's, once a shard.", mirrors);
  line(out, "ring_packets_total", "counter", "Packets handed from shard to shard.", rings.packets);
  line(out, "ring_full_total", "counter", "Times a ring between shards had no room.", rings.full);
  line(out, "ring_lost_packets_total", "counter", "Packets that left the buffer before a ring had room.", rings.lost);
  return out;
}

}  // namespace

state::RelayObserved observed_of(const std::string& epoch, const SocketAddress& pipe, std::vector<ShardReport> shards) {
  state::RelayObserved observed;
  observed.incarnation = epoch;
  observed.pipe_address = pipe.to_string();
  Counters counters;
  Gauges gauges;
  RingCounters rings;
  size_t mirrors = 0;
  for (size_t i = 0; i < shards.size(); ++i) {
    ShardReport& shard = shards[i];
    observed.applied_generation =
        i == 0 ? shard.applied_generation : std::min(observed.applied_generation, shard.applied_generation);
    std::ranges::move(shard.sessions, std::back_inserter(observed.sessions));
    std::ranges::move(shard.links, std::back_inserter(observed.links));
    std::ranges::move(shard.pipes, std::back_inserter(observed.pipes));
    counters = sum(counters, shard.counters);
    gauges.publishers += shard.gauges.publishers;
    gauges.viewers += shard.gauges.viewers;
    gauges.pipes += shard.gauges.pipes;
    gauges.streams += shard.gauges.streams;
    rings.packets += shard.rings.packets;
    rings.full += shard.rings.full;
    rings.lost += shard.rings.lost;
    mirrors += shard.mirrors;
  }
  observed.metrics = to_prometheus(counters, gauges) + shard_metrics(shards.size(), mirrors, rings);
  return observed;
}

}  // namespace footlight::relay
