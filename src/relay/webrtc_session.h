#pragma once
#include <memory>
#include <string>
#include <vector>

#include "relay/session.h"
#include "relay/webrtc_transport.h"
#include "rtp/packet_view.h"
#include "state/session_call.h"

namespace footlight::relay {

// A WHIP or WHEP session: a Session whose packets come by ICE, DTLS and SRTP. Owned by the shard core. In: datagrams
// that the core has matched to it; the subclasses get plain RTP and RTCP.
class WebRtcSession : public Session {
 public:
  WebRtcSession(std::string id, std::string stream, std::unique_ptr<WebRtcTransport> transport, Counters& counters,
                Timestamp now);

  [[nodiscard]] WebRtcSession* webrtc() override { return this; }
  [[nodiscard]] WebRtcTransport& transport() { return *transport_; }

  void on_dtls(ByteView datagram, const AddressPair& tuple, Timestamp now);
  void on_rtp(MutableByteView datagram, const AddressPair& tuple, Timestamp now);
  void on_rtcp(MutableByteView datagram, const AddressPair& tuple, Timestamp now);
  void on_ice_event(const ice::LiteEvent& event, Timestamp now);

  // What the core remembers for the session's calls.
  state::SessionReply reply;
  std::string remote_ufrag;
  std::vector<AddressPair> tuples;  // mapped to this session
  std::vector<std::string> ufrags;  // local ones, mapped to this session

 protected:
  virtual void on_plain_rtp(const rtp::PacketView& packet, Timestamp now) = 0;
  virtual bool on_plain_rtcp(ByteView compound, Timestamp now) = 0;
  virtual void on_connected(Timestamp now) = 0;
  [[nodiscard]] bool silent(Timestamp) const override { return ice_stalled_; }

 private:
  void tick_transport(Timestamp now) override;
  void close_transport() override { transport_->close(); }
  [[nodiscard]] std::string_view transport_name() const override {
    return transport_->protocol() == Protocol::kTcp ? "tcp" : "udp";
  }
  void check_transport(Timestamp now);

  std::unique_ptr<WebRtcTransport> transport_;
  bool ice_stalled_ = false;
};

}  // namespace footlight::relay
