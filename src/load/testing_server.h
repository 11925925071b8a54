#pragma once
// For tests: the serving end of one peer in memory, and keys for media without a handshake.
#include <optional>
#include <vector>

#include "dtls/dtls_machine.h"
#include "ice/lite_agent.h"
#include "load/answer.h"
#include "rtp/demux.h"
#include "srtp/srtp_session.h"

namespace footlight::load::test {

inline const dtls::Certificate& certificate() {
  static const dtls::Certificate shared = std::move(*dtls::Certificate::generate());
  return shared;
}

inline srtp::MasterKey key_of(uint8_t seed) {
  std::vector<uint8_t> bytes(28, seed);
  return *srtp::MasterKey::from_joined(srtp::Profile::kAeadAes128Gcm, bytes);
}

// ICE-lite and DTLS server. Datagrams in, datagrams out, no loss.
class Server {
 public:
  explicit Server(const dtls::Fingerprint& peer, Timestamp now)
      : ice_(ice::make_credentials(), now), dtls_(certificate(), dtls::Role::kServer, peer) {}

  [[nodiscard]] Answer answer(const SocketAddress& at) const {
    Answer answer;
    answer.ice = ice_.local();
    answer.fingerprint = certificate().fingerprint();
    answer.candidates = {at};
    return answer;
  }
  std::vector<std::vector<uint8_t>> handle(ByteView datagram, const AddressPair& tuple, Timestamp now) {
    std::vector<std::vector<uint8_t>> out;
    if (rtp::kind_of_datagram(datagram) == rtp::DatagramKind::kStun) {
      std::vector<uint8_t> response(ice::kMaxStunSize);
      auto message = ice::parse_stun(datagram);
      if (message) response.resize(ice_.handle_stun(*message, tuple, now, response));
      out.push_back(std::move(response));
    } else if (ice_.admits(tuple)) {
      dtls_.handle_datagram(datagram, now);
    }
    while (auto record = dtls_.take_datagram()) out.emplace_back(record->begin(), record->end());
    return out;
  }
  [[nodiscard]] dtls::DtlsMachine& dtls() { return dtls_; }
  [[nodiscard]] std::optional<AddressPair> selected() const { return ice_.selected(); }

 private:
  ice::LiteAgent ice_;
  dtls::DtlsMachine dtls_;
};

}  // namespace footlight::load::test
