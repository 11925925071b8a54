#pragma once
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/units.h"
#include "dtls/certificate.h"
#include "dtls/fingerprint.h"
#include "srtp/master_key.h"

namespace footlight::dtls {

enum class Role { kServer, kClient };  // a=setup:passive, a=setup:active
enum class State { kNew, kHandshaking, kConnected, kClosed, kFailed };

enum class Failure {
  kNone,
  kHandshake,            // the peer's messages cannot be answered, or it sent a fatal alert
  kNoFingerprint,        // the peer's SDP gave none
  kFingerprintMismatch,  // its certificate is another one
  kNoSrtpProfile,        // no use_srtp, or no profile in common
  kTimeout,              // retransmitted to the end of patience
};
[[nodiscard]] std::string_view name_of(Failure f);  // "handshake", "fingerprint_mismatch", …

// What a finished handshake yields: this side's master key to protect with, and the peer's.
struct SrtpKeys {
  srtp::MasterKey send;
  srtp::MasterKey receive;
};

// One DTLS 1.2 association for DTLS-SRTP (RFC 6347, RFC 5764), OpenSSL inside, no socket. Owned by a relay session, on
// its shard thread; the Certificate outlives it. In: datagrams from the ICE-validated tuple, and time. Out: datagrams,
// each to be sent as one; the state; keys. Server prefers AEAD_AES_128_GCM, AEAD_AES_256_GCM, then AES128_CM_SHA1_80.
// OpenSSL measures retransmission by the system's clock, so next_timeout() is right only where `now` runs with it.
class DtlsMachine {
 public:
  // `remote` from the peer's SDP; without one the handshake fails before a key is made.
  DtlsMachine(const Certificate& certificate, Role role, std::optional<Fingerprint> remote);
  ~DtlsMachine();
  DtlsMachine(DtlsMachine&&) noexcept;
  DtlsMachine& operator=(DtlsMachine&&) noexcept;

  // Client: sends the ClientHello. Server: nothing to do. Once, when ICE has connected.
  void start(Timestamp now);
  // False when it is known that nothing in it was the peer's: too short, or, after release_ssl(), no authentic alert.
  bool handle_datagram(ByteView datagram, Timestamp now);
  // The next datagram to send, at most 1200 bytes; valid until the next call on this machine.
  [[nodiscard]] std::optional<ByteView> take_datagram();

  [[nodiscard]] std::optional<Timestamp> next_timeout() const;
  void on_timeout(Timestamp now);

  [[nodiscard]] State state() const;
  [[nodiscard]] Failure failure() const;
  // Once, after state() became kConnected; the machine keeps no copy.
  [[nodiscard]] std::optional<SrtpKeys> take_srtp_keys();

  // Sends close_notify; state becomes kClosed.
  void close();
  // Gives OpenSSL's 74 KB back. close_notify is still said and heard, by the 112 bytes of AlertRecords; but a client
  // that lost the last flight gets no other, so wait until it has shown its keys or has given up. State stays.
  void release_ssl();
  [[nodiscard]] bool holds_ssl() const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace footlight::dtls
