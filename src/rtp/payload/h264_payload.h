#pragma once
#include <cstdint>

#include "base/bytes.h"
#include "codec/h264.h"

// How RFC 6184 §5.2 lays NAL units into payloads: what packetizer, depacketizer and key-frame detection share.
namespace footlight::rtp {

inline constexpr uint8_t kH264StapA = 24;  // §5.7.1
inline constexpr uint8_t kH264FuA = 28;    // §5.8
inline constexpr uint8_t kH264LastSingleNal = 23;
inline constexpr uint8_t kH264TypeMask = 0x1f;
inline constexpr uint8_t kH264FuStart = 0x80;
inline constexpr uint8_t kH264FuEnd = 0x40;
inline constexpr size_t kH264FuHeaderSize = 2;  // indicator and FU header

// Walks the units of a STAP-A payload: |STAP-A header: 8| then |size: 16|NAL unit| …
class StapReader {
 public:
  explicit StapReader(ByteView payload) : reader_(payload.subspan(1)) {}
  // False at the end and at a unit that does not fit; whole() tells them apart. Empty units are passed over.
  [[nodiscard]] bool next(ByteView& nal) {
    uint16_t size = 0;
    while (reader_.read_u16(size)) {
      if (!reader_.read_bytes(size, nal)) return false;
      if (!nal.empty()) return true;
    }
    return false;
  }
  [[nodiscard]] bool whole() const { return reader_.remaining() == 0; }

 private:
  ByteReader reader_;
};

// The header of the NAL unit that a FU-A carries a piece of.
[[nodiscard]] inline uint8_t fragmented_nal_header(ByteView fu) {
  return static_cast<uint8_t>((fu[0] & ~kH264TypeMask) | (fu[1] & kH264TypeMask));
}

}  // namespace footlight::rtp
