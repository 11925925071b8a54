#include "codec/vp8.h"

namespace footlight::codec {

//  0 1 2 3 4 5 6 7            then first_part_size (16 more bits), all little endian
// |size:3 |S| ver |N|         N: 0 is a key frame; S: show_frame
std::optional<Vp8FrameHeader> Vp8FrameHeader::parse(ByteView frame) {
  constexpr size_t kTagSize = 3;
  constexpr size_t kKeyHeaderSize = 10;  // tag, start code 9d 01 2a, width and height of 14 bits with scaling above
  if (frame.size() < kTagSize) return std::nullopt;
  Vp8FrameHeader header;
  header.key = (frame[0] & 1) == 0;
  header.shown = frame[0] >> 4 & 1;
  if (!header.key) return header;
  if (frame.size() < kKeyHeaderSize || frame[3] != 0x9d || frame[4] != 0x01 || frame[5] != 0x2a) return std::nullopt;
  header.width = frame[6] | (frame[7] & 0x3f) << 8;
  header.height = frame[8] | (frame[9] & 0x3f) << 8;
  return header;
}

}  // namespace footlight::codec
