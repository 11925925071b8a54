#include "rtp/payload/aac_packetizer.h"

#include <algorithm>

#include "base/check.h"

namespace footlight::rtp {

AacPacketizer::AacPacketizer(ByteView unit, size_t max_payload)
    : rest_(unit), unit_size_(unit.size()), max_payload_(max_payload) {
  CHECK(unit.size() <= kMaxAacUnit && max_payload > kAacHeaderSize);
}

size_t AacPacketizer::next(MutableByteView out) {
  if (rest_.empty()) return 0;
  ByteView piece = rest_.first(std::min(rest_.size(), max_payload_ - kAacHeaderSize));
  rest_ = rest_.subspan(piece.size());
  ByteWriter w(out.first(max_payload_));
  w.u16(kAacHeaderBits);
  w.u16(static_cast<uint16_t>(unit_size_ << 3));
  w.bytes(piece);
  return w.size();
}

}  // namespace footlight::rtp
