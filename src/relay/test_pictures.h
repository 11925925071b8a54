#pragma once
// For tests: what a viewer has seen.
#include <algorithm>
#include <vector>

#include "relay/test_peer.h"

namespace footlight::relay::test {

// Packets of pictures that a viewer has, each counted once: probes repeat some on the repair stream.
inline std::vector<uint16_t> pictures(const Peer& viewer) {
  std::vector<uint16_t> seqs;
  for (const Received& packet : viewer.video)
    if (std::ranges::find(seqs, packet.seq) == seqs.end()) seqs.push_back(packet.seq);
  return seqs;
}
// They came one after the other.
inline bool in_order(const Peer& viewer) {
  auto seqs = pictures(viewer);
  for (size_t i = 1; i < seqs.size(); ++i)
    if (seqs[i] != static_cast<uint16_t>(seqs[i - 1] + 1)) return false;
  return true;
}

}  // namespace footlight::relay::test
