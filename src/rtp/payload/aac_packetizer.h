#pragma once
#include "base/bytes.h"
#include "rtp/payload/aac_payload.h"

namespace footlight::rtp {

// Cuts one raw AAC access unit into RTP payloads (RFC 3640 §3.3.6): one, or pieces of it where it is longer. Lives
// while one unit is sent; copies once, into the caller's send slot; no allocation.
class AacPacketizer {
 public:
  // `unit` 1 to kMaxAacUnit bytes; max_payload above kAacHeaderSize.
  AacPacketizer(ByteView unit, size_t max_payload);
  // Writes the next payload into `out` (at least max_payload bytes). Its size; 0: there is no more.
  [[nodiscard]] size_t next(MutableByteView out);
  // True once the payload that next() gave was the last: its packet carries the marker (§3.1).
  [[nodiscard]] bool done() const { return rest_.empty(); }

 private:
  ByteView rest_;
  size_t unit_size_;
  size_t max_payload_;
};

}  // namespace footlight::rtp
