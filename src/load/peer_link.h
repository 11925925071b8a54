#pragma once
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/socket_address.h"
#include "base/units.h"
#include "dtls/certificate.h"
#include "dtls/dtls_machine.h"
#include "ice/client_agent.h"
#include "load/answer.h"
#include "srtp/srtp_session.h"

namespace footlight::load {

// A peer's way to one server: ICE controlling, then DTLS, then the SRTP pair. Owned by a viewer or publisher, on its
// thread; no socket. In: STUN and DTLS datagrams, time. Out: take_packet(), the state, sender() and receiver().
class PeerLink {
 public:
  enum class State : uint8_t { kChecking, kHandshaking, kConnected, kClosed, kFailed };

  // `local` is the socket's bound address. Candidates of the other address family are passed over.
  PeerLink(const dtls::Certificate& certificate, ice::Credentials credentials, const Answer& answer,
           const SocketAddress& local, Timestamp now);

  void on_stun(ByteView datagram, const SocketAddress& from, Timestamp now);
  void on_dtls(ByteView datagram, Timestamp now);

  struct Outgoing {
    SocketAddress to;
    ByteView bytes;  // until the next call
  };
  [[nodiscard]] std::optional<Outgoing> take_packet(Timestamp now);  // again until there is none
  [[nodiscard]] Timestamp next_timeout() const;                      // call take_packet() then

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const std::string& failure() const { return failure_; }  // kClosed, kFailed: a few words
  [[nodiscard]] std::optional<SocketAddress> remote() const;             // once ICE has chosen
  void close();                                                          // says close_notify by take_packet()

  // Once kConnected.
  [[nodiscard]] srtp::SrtpSender& sender() { return *sender_; }
  [[nodiscard]] srtp::SrtpReceiver& receiver() { return *receiver_; }

 private:
  void advance(Timestamp now);
  void end(State state, std::string failure);

  SocketAddress local_;
  ice::ClientAgent ice_;
  dtls::DtlsMachine dtls_;
  bool starts_dtls_;
  State state_ = State::kChecking;
  std::string failure_;
  std::optional<srtp::SrtpSender> sender_;
  std::optional<srtp::SrtpReceiver> receiver_;
};

}  // namespace footlight::load
