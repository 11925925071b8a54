#include "relay/subscribe_session.h"

#include <algorithm>

#include "relay/rtcp_dispatch.h"

namespace footlight::relay {

SubscribeSession::SubscribeSession(std::string id, std::string stream, std::unique_ptr<WebRtcTransport> transport,
                                   Router& router, std::vector<ConsumerParameters> tracks, Counters& counters,
                                   Timestamp now)
    : WebRtcSession(std::move(id), std::move(stream), std::move(transport), counters, now), router_(router) {
  for (ConsumerParameters& track : tracks) {
    consumers_.push_back(std::make_unique<Consumer>(std::move(track), this->transport(), counters));
    router_.stream(this->stream()).add(*consumers_.back(), now);
  }
}

void SubscribeSession::on_plain_rtp(const rtp::PacketView&, Timestamp) { counters_.drop(Drop::kUnknownSsrc); }

bool SubscribeSession::on_plain_rtcp(ByteView compound, Timestamp now) {
  return dispatch_rtcp(compound, nullptr, consumers_, now);
}

void SubscribeSession::on_connected(Timestamp now) {
  for (auto& consumer : consumers_) consumer->tick(now);  // the first picture must not wait for a timer
}

void SubscribeSession::on_end(Timestamp) {
  Stream& stream = router_.stream(this->stream());
  for (auto& consumer : consumers_) stream.remove(*consumer);
}

void SubscribeSession::fill(state::SessionObserved& observed, Timestamp now) {
  for (auto& consumer : consumers_) {
    observed.bitrate_bps += consumer->bitrate(now);
    observed.loss_ratio = std::max(observed.loss_ratio, consumer->loss_ratio());
    observed.jitter_ms = std::max(observed.jitter_ms, consumer->jitter().seconds() * 1000);
    if (auto rtt = consumer->round_trip()) observed.rtt_ms = std::max(observed.rtt_ms, rtt->seconds() * 1000);
    if (consumer->kind() == media::Kind::kVideo) observed.fps = consumer->fps(now);
  }
}

}  // namespace footlight::relay
