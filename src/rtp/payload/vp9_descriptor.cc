#include "rtp/payload/vp9_descriptor.h"

namespace footlight::rtp {
namespace {

constexpr int kMaxReferences = 3;  // §4.2: at most three P_DIFF

bool read_picture_id(ByteReader& r, Vp9Descriptor& d) {
  uint8_t byte = 0;
  d.picture_id_at = r.position();
  if (!r.read_u8(byte)) return false;
  d.long_picture_id = byte >> 7;
  uint16_t id = byte & 0x7f;
  if (d.long_picture_id) {
    if (!r.read_u8(byte)) return false;
    id = static_cast<uint16_t>(id << 8 | byte);
  }
  d.picture_id = id;
  return true;
}

// |TID:3|U|SID:3|D| then, in non-flexible mode, |TL0PICIDX:8|
bool read_layers(ByteReader& r, Vp9Descriptor& d) {
  uint8_t byte = 0;
  if (!r.read_u8(byte)) return false;
  d.has_layers = true;
  d.temporal_id = static_cast<uint8_t>(byte >> 5);
  d.switching_up = byte >> 4 & 1;
  d.spatial_id = byte >> 1 & 0x07;
  d.inter_layer = byte & 1;
  if (d.flexible) return true;
  d.tl0_pic_idx_at = r.position();
  if (!r.read_u8(byte)) return false;
  d.tl0_pic_idx = byte;
  return true;
}

// |P_DIFF:7|N| while N
bool skip_references(ByteReader& r) {
  uint8_t byte = 1;
  for (int i = 0; i < kMaxReferences && byte & 1; ++i)
    if (!r.read_u8(byte)) return false;
  return true;
}

// Scalability structure (§4.2.1): |N_S:3|Y|G|RES:3|, N_S + 1 times |WIDTH:16|HEIGHT:16| if Y, and if G |N_G:8| and
// N_G times |TID:3|U|R:2|RES:2| with R times |P_DIFF:8|
bool read_structure(ByteReader& r, Vp9Descriptor& d) {
  uint8_t head = 0;
  if (!r.read_u8(head)) return false;
  d.spatial_layers = static_cast<uint8_t>((head >> 5) + 1);
  if (head & 0x10) {
    for (int i = 0; i < d.spatial_layers; ++i) {
      uint16_t width = 0;
      uint16_t height = 0;
      if (!r.read_u16(width) || !r.read_u16(height)) return false;
      if (!d.largest || int64_t{width} * height > int64_t{d.largest->width} * d.largest->height)
        d.largest = codec::PictureSize{width, height};
    }
  }
  if (!(head & 0x08)) return true;
  uint8_t pictures = 0;
  uint8_t picture = 0;
  if (!r.read_u8(pictures)) return false;
  for (int i = 0; i < pictures; ++i)
    if (!r.read_u8(picture) || !r.skip(picture >> 2 & 0x03)) return false;
  return true;
}

}  // namespace

//  0 1 2 3 4 5 6 7      RFC 9628 §4.2
// |I|P|L|F|B|E|V|Z|
// |M| PICTURE ID  |     if I; 15 bits over two bytes if M
// |TID  |U|SID  |D|     if L
// |   TL0PICIDX   |     if L and not F
// | P_DIFF      |N|     if P and F, up to three
// scalability structure if V
Result<Vp9Descriptor, Vp9DescriptorError> Vp9Descriptor::parse(ByteView payload) {
  ByteReader r(payload);
  Vp9Descriptor d;
  uint8_t flags = 0;
  if (!r.read_u8(flags)) return unexpected(Vp9DescriptorError::kTruncated);
  d.predicted = flags & 0x40;
  d.flexible = flags & 0x10;
  d.layer_start = flags & 0x08;
  d.layer_end = flags & 0x04;
  d.not_for_upper = flags & 0x01;
  bool whole = !(flags & 0x80) || read_picture_id(r, d);
  whole = whole && (!(flags & 0x20) || read_layers(r, d));
  whole = whole && (!d.predicted || !d.flexible || skip_references(r));
  whole = whole && (!(flags & 0x02) || read_structure(r, d));
  // A descriptor describes something.
  if (!whole || r.remaining() == 0) return unexpected(Vp9DescriptorError::kTruncated);
  d.size = r.position();
  return d;
}

void rewrite_vp9_descriptor(MutableByteView payload, const Vp9Descriptor& descriptor, uint16_t picture_id,
                            uint8_t tl0_pic_idx) {
  if (descriptor.picture_id) {
    size_t at = descriptor.picture_id_at;
    if (descriptor.long_picture_id) payload[at++] = static_cast<uint8_t>(0x80 | (picture_id >> 8 & 0x7f));
    payload[at] = static_cast<uint8_t>(descriptor.long_picture_id ? picture_id : picture_id & 0x7f);
  }
  if (descriptor.tl0_pic_idx) payload[descriptor.tl0_pic_idx_at] = tl0_pic_idx;
}

}  // namespace footlight::rtp
