#pragma once
#include <openssl/bio.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace footlight::dtls {

// DTLS datagrams are at most this long, well below any path that carries WebRTC.
inline constexpr int kDtlsMtu = 1200;

// What OpenSSL reads from and writes to instead of a socket: at most one datagram in, and each write as one datagram
// out (OpenSSL's memory BIO would run them together). The BIO made by new_bio() refers to this object.
class DatagramPort {
 public:
  // The newest record sent under the handshake's keys (epoch 1): whoever goes on with them must not repeat it.
  struct LastRecord {
    uint64_t sequence = 0;
    uint64_t nonce = 0;  // GCM's explicit one (RFC 5288 §3): OpenSSL draws the first and counts on
  };

  [[nodiscard]] BIO* new_bio();  // null when out of memory

  void put(ByteView datagram) { incoming_ = datagram; }
  void clear_input() { incoming_.reset(); }
  // The next datagram out; valid until the next call.
  [[nodiscard]] std::optional<ByteView> take();
  [[nodiscard]] const LastRecord& last_record() const { return last_; }

 private:
  void note_records(ByteView datagram);
  static int read(BIO* bio, char* out, int size);
  static int write(BIO* bio, const char* data, int size);
  static long control(BIO* bio, int command, long number, void* pointer);

  std::optional<ByteView> incoming_;
  std::deque<std::vector<uint8_t>> outgoing_;
  std::vector<uint8_t> taken_;
  LastRecord last_;
};

}  // namespace footlight::dtls
