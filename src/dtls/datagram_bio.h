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
  [[nodiscard]] BIO* new_bio();  // null when out of memory

  void put(ByteView datagram) { incoming_ = datagram; }
  void clear_input() { incoming_.reset(); }
  // The next datagram out; valid until the next call.
  [[nodiscard]] std::optional<ByteView> take();

 private:
  static int read(BIO* bio, char* out, int size);
  static int write(BIO* bio, const char* data, int size);
  static long control(BIO* bio, int command, long number, void* pointer);

  std::optional<ByteView> incoming_;
  std::deque<std::vector<uint8_t>> outgoing_;
  std::vector<uint8_t> taken_;
};

}  // namespace footlight::dtls
