#pragma once
#include <memory>
#include <string>
#include <vector>

#include "relay/capture.h"
#include "relay/remote_generations.h"
#include "relay/session.h"
#include "relay/webrtc_transport.h"
#include "rtp/packet_view.h"
#include "state/session_call.h"

namespace footlight::relay {

// A WHIP or WHEP session: a Session whose packets come by ICE, DTLS and SRTP. Owned by the shard core. In: datagrams
// that the core has matched to it; the subclasses get plain RTP and RTCP.
class WebRtcSession : public Session {
 public:
  // RTCP packets in a second. Feedback each 20 ms, NACK each 10 ms and reports of three layers are 200.
  static constexpr uint32_t kMaxRtcpRate = 1000;
  // SSRCs of no agreed track, in a session's life. Probes before the answer is read bring one or two.
  static constexpr size_t kMaxStraySsrcs = 32;

  WebRtcSession(std::string id, std::string stream, std::unique_ptr<WebRtcTransport> transport, Counters& counters,
                Timestamp now);

  [[nodiscard]] WebRtcSession* webrtc() override { return this; }
  [[nodiscard]] WebRtcTransport& transport() { return *transport_; }

  void on_dtls(ByteView datagram, const AddressPair& tuple, Timestamp now);
  void on_rtp(MutableByteView datagram, const AddressPair& tuple, Timestamp now);
  void on_rtcp(MutableByteView datagram, const AddressPair& tuple, Timestamp now);
  void on_ice_event(const ice::LiteEvent& event, Timestamp now);
  // In an offer or a fragment the peer may name addresses of its TURN server's: from these it is seen as "turn".
  void note_relayed(std::string_view sdp);
  // Decrypted.
  void on_clear_rtp(ByteView plain, Timestamp now);
  void on_clear_rtcp(ByteView plain, Timestamp now);

  // A capture's session: its transport neither connects nor ends by itself.
  void set_replayed() { replayed_ = true; }
  void connect_replayed(srtp::Profile profile, Protocol protocol, Duration round_trip, Timestamp now);
  void set_ice_stalled(bool stalled) { ice_stalled_ = stalled; }
  void change_route(Timestamp now);

  // What the core remembers for the session's calls.
  state::SessionReply reply;
  RemoteGenerations peer_ice;
  std::vector<AddressPair> tuples;  // mapped to this session
  std::vector<std::string> ufrags;  // local ones, mapped to this session
  Capture* capture = nullptr;       // the core's, if it runs

 protected:
  virtual void on_plain_rtp(const rtp::PacketView& packet, Timestamp now) = 0;
  virtual bool on_plain_rtcp(ByteView compound, Timestamp now) = 0;
  virtual void on_connected(Timestamp now) = 0;
  // Connected, it sends to another address from now on.
  virtual void on_route_change(Timestamp) {}
  [[nodiscard]] bool silent(Timestamp) const override { return ice_stalled_; }
  // The peer has exceeded a bound: it ends with this reason at the next tick, not in the middle of its packet.
  void cut(const char* reason) {
    if (!cut_reason_) cut_reason_ = reason;
  }
  // An authentic packet of no agreed track.
  void drop_stray(rtp::Ssrc ssrc);

 private:
  void tick_transport(Timestamp now) override;
  void close_transport() override { transport_->close(); }
  [[nodiscard]] std::string_view transport_name() const override;
  void check_transport(Timestamp now);

  std::unique_ptr<WebRtcTransport> transport_;
  void note_connected(Timestamp now);
  void end_by_transport(const char* reason, Timestamp now);
  bool ice_stalled_ = false;
  bool replayed_ = false;
  const char* cut_reason_ = nullptr;
  std::vector<rtp::Ssrc> strays_;
  std::vector<SocketAddress> relayed_;
  Timestamp rtcp_since_{};
  uint32_t rtcp_count_ = 0;
};

}  // namespace footlight::relay
