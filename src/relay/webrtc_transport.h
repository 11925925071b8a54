#pragma once
#include <optional>

#include "dtls/dtls_machine.h"
#include "ice/lite_agent.h"
#include "relay/datagram_output.h"
#include "relay/metrics.h"
#include "relay/rtp_transport.h"
#include "srtp/srtp_session.h"

namespace footlight::relay {

// ICE-lite, DTLS and SRTP of one WebRTC session: datagrams of the media sockets in, plain RTP and RTCP out, and back.
// Owned by a session, on the shard thread. DTLS and media are taken only from tuples that ICE has authenticated. What
// does not belong is counted and dropped; the owner reads state() and ICE events after each call.
class WebRtcTransport final : public RtpTransport {
 public:
  enum class State { kNew, kConnected, kClosedByPeer, kFailed };

  WebRtcTransport(DatagramOutput& output, const dtls::Certificate& certificate, ice::Credentials local,
                  std::optional<dtls::Fingerprint> remote, srtp::Repeats repeats, Counters& counters, Timestamp now);

  void on_stun(const ice::StunMessage& message, const AddressPair& tuple, Timestamp now);
  void on_dtls(ByteView datagram, const AddressPair& tuple, Timestamp now);
  // The plain packet, in place; nullopt: dropped and counted.
  [[nodiscard]] std::optional<ByteView> unprotect_rtp(MutableByteView datagram, const AddressPair& tuple);
  [[nodiscard]] std::optional<ByteView> unprotect_rtcp(MutableByteView datagram, const AddressPair& tuple);

  // The TCP connection of this tuple has ended: ICE forgets it.
  void on_connection_closed(const AddressPair& tuple);

  // Without handshake or peer, for a replay: what is sent is sealed with a key of zeros. False: no such profile.
  [[nodiscard]] bool connect_unkeyed(srtp::Profile profile, Protocol protocol, Duration round_trip);
  // Once connected.
  [[nodiscard]] srtp::Profile profile() const { return profile_; }

  // Timers of ICE and DTLS: every 100 ms.
  void tick(Timestamp now);
  void close();  // says goodbye by close_notify

  [[nodiscard]] State state() const { return state_; }
  // Of the selected tuple.
  [[nodiscard]] std::optional<SocketAddress> remote() const {
    return selected_ ? std::optional(selected_->remote) : std::nullopt;
  }
  [[nodiscard]] Protocol protocol() const { return selected_ ? selected_->protocol : Protocol::kUdp; }
  [[nodiscard]] dtls::Failure failure() const { return dtls_.failure(); }
  [[nodiscard]] ice::LiteAgent& ice() { return ice_; }
  // From our ServerHello to the peer's answer: a first guess at the round trip.
  [[nodiscard]] std::optional<Duration> handshake_round_trip() const { return handshake_rtt_; }

  [[nodiscard]] bool writable() const override { return sender_.has_value() && selected_.has_value(); }
  [[nodiscard]] MutableByteView rtp_slot() override;
  void prefetch_step(int step) const override { sender_->prefetch_step(step); }
  size_t send_rtp(size_t header_size, ByteView payload) override;
  void send_rtcp(ByteView compound) override;

 private:
  void send_dtls(Timestamp now);
  void release_handshake(Timestamp now);
  void update_dtls_state(Timestamp now);
  [[nodiscard]] std::optional<ByteView> count(Result<size_t, srtp::SrtpError> result, MutableByteView datagram);

  DatagramOutput& output_;
  Counters& counters_;
  ice::LiteAgent ice_;
  dtls::DtlsMachine dtls_;
  srtp::Repeats repeats_;
  srtp::Profile profile_{};
  std::optional<srtp::SrtpSender> sender_;
  std::optional<srtp::SrtpReceiver> receiver_;
  std::optional<AddressPair> selected_;
  std::optional<AddressPair> dtls_tuple_;
  std::optional<Timestamp> first_flight_;
  std::optional<Duration> handshake_rtt_;
  Timestamp connected_at_{};
  bool peer_proved_ = false;  // its packets authenticate: it has finished the handshake too
  MutableByteView slot_;
  State state_ = State::kNew;
};

// Counts why an SRTP packet was refused.
[[nodiscard]] Drop drop_of(srtp::SrtpError error);

}  // namespace footlight::relay
