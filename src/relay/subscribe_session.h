#pragma once
#include <memory>
#include <string>
#include <vector>

#include "relay/router.h"
#include "relay/webrtc_session.h"

namespace footlight::relay {

// A WHEP viewer: one consumer a track of the stream. It stays while publishers come and go.
class SubscribeSession final : public WebRtcSession {
 public:
  SubscribeSession(std::string id, std::string stream, std::unique_ptr<WebRtcTransport> transport, Router& router,
                   std::vector<ConsumerParameters> tracks, Counters& counters, Timestamp now);

  void tick_media(Timestamp) override {}  // consumers are the stream's to tick

 private:
  void on_plain_rtp(const rtp::PacketView& packet, Timestamp now) override;
  bool on_plain_rtcp(ByteView compound, Timestamp now) override;
  void on_connected(Timestamp now) override;
  void on_end(Timestamp now) override;
  void fill(state::SessionObserved& observed, Timestamp now) override;

  Router& router_;
  std::vector<std::unique_ptr<Consumer>> consumers_;
};

}  // namespace footlight::relay
