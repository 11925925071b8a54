#pragma once
#include <vector>

#include "base/bytes.h"

namespace footlight::rtmp {

// The server's half of RTMP §5.2, the plain form: C0 C1 in, S0 S1 S2 out, C2 in. Encoders that begin with the digest
// form (ffmpeg, librtmp, Flash) go back to the plain one when S1's version field is zero. C2 is not compared: old
// clients send what they like. Owned by a ServerSession.
class Handshake {
 public:
  enum class Progress : uint8_t { kMore, kDone, kBadVersion };

  // Takes bytes off the front of `bytes`; appends the answer to `out` once C0 and C1 are whole.
  [[nodiscard]] Progress read(ByteView& bytes, ByteBuffer& out);

  static constexpr size_t kPacketSize = 1536;
  static constexpr uint8_t kVersion = 3;

 private:
  std::vector<uint8_t> first_;  // C0 C1, until answered
  size_t second_left_ = kPacketSize;
  bool answered_ = false;
};

}  // namespace footlight::rtmp
