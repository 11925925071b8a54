// Links to other relays in the shard core.
#include <algorithm>

#include "base/log.h"
#include "relay/shard_core.h"
#include "rtp/demux.h"

namespace footlight::relay {
namespace {

const Logger kLog("relay");

}  // namespace

void ShardCore::apply_links(const std::vector<state::RelayLink>& wanted, Timestamp now) {
  if (!options_.mesh) return;
  std::erase_if(links_, [&](const std::unique_ptr<RelayLink>& link) {
    bool stays = std::ranges::any_of(
        wanted, [&](const state::RelayLink& w) { return w.id == link->id() && link->same_link(w); });
    if (stays) return false;
    link->leave(now);
    kLog.info("link closed", {{"link", link->id()}});
    return true;
  });
  for (const state::RelayLink& w : wanted) {
    auto known = std::ranges::find_if(links_, [&](const auto& link) { return link->id() == w.id; });
    if (known == links_.end()) {
      auto link = RelayLink::make(w, options_.pipe_address, pipe_, router_, options_.mesh->directory, counters_);
      if (!link) {
        kLog.error("link key or address is unusable: 56 bytes of base64 and ip:port are needed", {{"link", w.id}});
        continue;
      }
      kLog.info("link opened", {{"link", w.id}});
      known = links_.insert(links_.end(), std::move(link));
    }
    (*known)->update(w, now);
  }
  settle_links(now);
}

bool ShardCore::on_link(MutableByteView datagram, const SocketAddress& from, Timestamp now) {
  rtp::DatagramKind kind = rtp::kind_of_datagram(datagram);
  uint32_t sender = 0;
  ByteReader reader(datagram);
  // As with pipes: SRTCP names the link by its sender, whatever address it comes from (RFC 3711 §3.4).
  bool named = kind == rtp::DatagramKind::kRtcp && reader.skip(4) && reader.read_u32(sender);
  auto link = std::ranges::find_if(links_, [&](const auto& l) {
    return named ? l->peer_ssrc() == rtp::Ssrc(sender) : kind == rtp::DatagramKind::kRtp && l->remote() == from;
  });
  // A sender report begins with a media SSRC: then the address tells.
  if (link == links_.end()) link = std::ranges::find_if(links_, [&](const auto& l) { return l->remote() == from; });
  if (link == links_.end()) return false;
  if (kind == rtp::DatagramKind::kRtp) {
    (*link)->on_rtp(datagram, now);
  } else if (kind == rtp::DatagramKind::kRtcp) {
    router_.forward(now);
    (*link)->on_rtcp(datagram, from, now);
    settle_links(now);
  } else {
    counters_.drop(Drop::kUnknownKind);
  }
  return true;
}

void ShardCore::settle_links(Timestamp now) {
  for (auto& link : links_) {
    bool changed = link->take_changed();
    for (LinkPull* pull : link->to_publish()) {
      router_.forward(now);
      publish(*pull->publication(), pull->stream(), now);
      changed = true;
    }
    if (!changed) continue;
    changed_ = true;
    sync_shards(now);
  }
}

}  // namespace footlight::relay
