#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/socket_address.h"
#include "relay/metrics.h"
#include "relay/mirror_feed.h"
#include "state/observed.h"

namespace footlight::relay {

// One shard's share of observed state, made on its thread and read on another.
struct ShardReport {
  int64_t applied_generation = 0;
  std::vector<state::SessionObserved> sessions;
  std::vector<state::LinkObserved> links;
  std::vector<state::LinkObserved> pipes;
  Counters counters;
  Gauges gauges;
  RingCounters rings;
  size_t mirrors = 0;
};

// All shards' as the relay's: sessions and links side by side, figures summed, the generation that all have applied.
// Any thread.
[[nodiscard]] state::RelayObserved observed_of(const std::string& epoch, const SocketAddress& pipe,
                                               std::vector<ShardReport> shards);

}  // namespace footlight::relay
