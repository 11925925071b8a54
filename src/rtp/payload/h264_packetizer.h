#pragma once
#include "base/bytes.h"

namespace footlight::rtp {

// Cuts one Annex B access unit into RTP payloads (RFC 6184, packetization-mode 1): single NAL units, STAP-A for small
// ones that stand together (parameter sets), FU-A for large ones. Access unit delimiters and filler are left out.
// Lives while one access unit is sent; copies once, into the caller's send slot; no allocation.
class H264Packetizer {
 public:
  H264Packetizer(ByteView access_unit, size_t max_payload);  // max_payload ≥ 16 bytes
  // Writes the next payload into `out` (at least max_payload bytes). Its size; 0: there is no more.
  [[nodiscard]] size_t next(MutableByteView out);
  // True once the payload that next() gave was the last: its packet carries the marker.
  [[nodiscard]] bool done() const { return nal_.empty(); }

 private:
  [[nodiscard]] size_t write_fragment(MutableByteView out);
  [[nodiscard]] size_t write_single_or_aggregate(MutableByteView out);

  ByteView rest_;           // access unit behind nal_
  ByteView nal_;            // to be sent next, or being fragmented; empty: done
  size_t fragment_at_ = 0;  // bytes of nal_ already sent in FU-A, its header included; 0: not fragmented
  size_t max_payload_;
};

}  // namespace footlight::rtp
