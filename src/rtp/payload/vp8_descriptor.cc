#include "rtp/payload/vp8_descriptor.h"

namespace footlight::rtp {

//  0 1 2 3 4 5 6 7      RFC 7741 §4.2
// |X|R|N|S|R| PID |
// |I|L|T|K|  RSV  |     if X
// |M| PictureID … |     if I; 15 bits over two bytes if M
// |   TL0PICIDX   |     if L
// |TID|Y| KEYIDX  |     if T or K
Result<Vp8Descriptor, Vp8DescriptorError> Vp8Descriptor::parse(ByteView payload) {
  ByteReader r(payload);
  Vp8Descriptor d;
  uint8_t first = 0;
  uint8_t extension = 0;
  uint8_t byte = 0;
  if (!r.read_u8(first)) return unexpected(Vp8DescriptorError::kTruncated);
  d.non_reference = first >> 5 & 1;
  d.partition_start = first >> 4 & 1;
  d.partition = first & 0x07;
  if (first & 0x80 && !r.read_u8(extension)) return unexpected(Vp8DescriptorError::kTruncated);
  if (extension & 0x80) {
    d.picture_id_at = r.position();
    if (!r.read_u8(byte)) return unexpected(Vp8DescriptorError::kTruncated);
    uint16_t id = byte & 0x7f;
    d.long_picture_id = byte >> 7;
    if (d.long_picture_id) {
      if (!r.read_u8(byte)) return unexpected(Vp8DescriptorError::kTruncated);
      id = static_cast<uint16_t>(id << 8 | byte);
    }
    d.picture_id = id;
  }
  if (extension & 0x40) {
    d.tl0_pic_idx_at = r.position();
    if (!r.read_u8(byte)) return unexpected(Vp8DescriptorError::kTruncated);
    d.tl0_pic_idx = byte;
  }
  if (extension & 0x30) {
    if (!r.read_u8(byte)) return unexpected(Vp8DescriptorError::kTruncated);
    if (extension & 0x20) {
      d.temporal_id = static_cast<uint8_t>(byte >> 6);
      d.layer_sync = byte >> 5 & 1;
    }
    if (extension & 0x10) d.key_index = static_cast<uint8_t>(byte & 0x1f);
  }
  if (r.remaining() == 0) return unexpected(Vp8DescriptorError::kTruncated);  // a descriptor describes something
  d.size = r.position();
  return d;
}

void rewrite_vp8_descriptor(MutableByteView payload, const Vp8Descriptor& descriptor, uint16_t picture_id,
                            uint8_t tl0_pic_idx) {
  if (descriptor.picture_id) {
    size_t at = descriptor.picture_id_at;
    if (descriptor.long_picture_id) {
      payload[at] = static_cast<uint8_t>(0x80 | (picture_id >> 8 & 0x7f));
      payload[at + 1] = static_cast<uint8_t>(picture_id);
    } else {
      payload[at] = static_cast<uint8_t>(picture_id & 0x7f);
    }
  }
  if (descriptor.tl0_pic_idx) payload[descriptor.tl0_pic_idx_at] = tl0_pic_idx;
}

}  // namespace footlight::rtp
