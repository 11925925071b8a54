#pragma once
#include <memory>
#include <string>
#include <vector>

#include "relay/router.h"
#include "relay/send_path.h"
#include "relay/webrtc_session.h"

namespace footlight::relay {

// A WHEP viewer: one consumer a track of the stream, which share the path's estimate. It stays while publishers come
// and go; where one sends a picture that it cannot show, it is let go, to come back for what there is.
class SubscribeSession final : public WebRtcSession {
 public:
  SubscribeSession(std::string id, std::string stream, std::unique_ptr<WebRtcTransport> transport, Router& router,
                   std::vector<ConsumerParameters> tracks, Counters& counters, Timestamp now);

  // The path's part; consumers are the stream's to tick, afterwards.
  [[nodiscard]] Timestamp tick_media(Timestamp now) override;

 private:
  void on_plain_rtp(const rtp::PacketView& packet, Timestamp now) override;
  bool on_plain_rtcp(ByteView compound, Timestamp now) override;
  void on_connected(Timestamp now) override;
  void on_route_change(Timestamp now) override {
    path_.on_route_change(now);
    look_after_interruption(now);
  }
  void on_end(Timestamp now) override;
  void fill(state::SessionObserved& observed, Timestamp now) override;

  // Before anything else is sent on a path that was broken off.
  void look_after_interruption(Timestamp now);
  void share_path(Timestamp now);
  [[nodiscard]] bool is_let_go(Timestamp now) const;

  Router& router_;
  SendPath path_;
  Timestamp next_share_{};
  DataRate shared_;  // the target that consumers know of
  std::vector<std::unique_ptr<Consumer>> consumers_;
};

}  // namespace footlight::relay
