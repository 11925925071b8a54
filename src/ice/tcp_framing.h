#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace footlight::ice {

// RFC 4571 §2: each packet follows its length in 16 bits.
inline constexpr size_t kFrameHeaderSize = 2;
// Largest packet taken from a stream: what would fit a datagram (Ethernet's MTU).
inline constexpr size_t kMaxFrame = 1500;

// Cuts one connection's bytes into packets, however reads cut them (RFC 4571 §2, as ICE-TCP uses it: RFC 6544 §3).
// Owned by a connection. In: what each read gave. Out: packets, in place where a read held them whole. A frame longer
// than kMaxFrame makes it broken() for good: the connection is to be cut. It keeps one part of a packet at most.
class Deframer {
 public:
  // Bytes of one read, until take_packet() has given nullopt; packets may be worked on in place.
  void put(MutableByteView bytes) { input_ = bytes; }
  // The next whole packet, valid until the next call; empty frames are skipped (RFC 4571 §2). nullopt: more is needed.
  [[nodiscard]] std::optional<MutableByteView> take_packet();
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  [[nodiscard]] std::optional<MutableByteView> complete_partial();
  void take_into_partial(size_t size);

  MutableByteView input_;
  std::vector<uint8_t> partial_;  // header and beginning of a packet that reads have cut
  bool given_ = false;            // partial_ was handed out whole by the last call
  bool broken_ = false;
};

}  // namespace footlight::ice
