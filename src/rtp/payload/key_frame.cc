#include "rtp/payload/key_frame.h"

#include "codec/h264.h"
#include "codec/vp8.h"
#include "rtp/payload/h264_payload.h"
#include "rtp/payload/vp8_descriptor.h"

namespace footlight::rtp {
namespace {

using codec::NalType;

bool nal_starts_key_frame(ByteView nal) {
  NalType type = codec::nal_type(nal);
  return type == NalType::kSps || (type == NalType::kIdr && codec::opens_picture(nal));
}

bool h264_starts_key_frame(ByteView payload) {
  uint8_t type = payload[0] & kH264TypeMask;
  if (type == kH264StapA) {
    StapReader units(payload);
    for (ByteView nal; units.next(nal);)
      if (nal_starts_key_frame(nal)) return true;
    return false;
  }
  if (type == kH264FuA)
    return payload.size() > kH264FuHeaderSize && (payload[1] & kH264FuStart) &&
           static_cast<NalType>(payload[1] & kH264TypeMask) == NalType::kIdr &&
           codec::opens_picture(payload.subspan(1));
  return nal_starts_key_frame(payload);
}

bool vp8_starts_key_frame(ByteView payload) {
  auto descriptor = Vp8Descriptor::parse(payload);
  if (!descriptor || !descriptor->frame_start()) return false;
  auto header = codec::Vp8FrameHeader::parse(payload.subspan(descriptor->size));
  return header && header->key;
}

// RFC 9628 §4.2: |I|P|L|F|B|E|V|Z|, then the picture id if I (two bytes if its M bit is set), then |TID|U|SID|D| if L.
bool vp9_starts_key_frame(ByteView payload) {
  ByteReader r(payload);
  uint8_t flags = 0;
  uint8_t byte = 0;
  if (!r.read_u8(flags)) return false;
  bool predicted = flags & 0x40;
  bool begins = flags & 0x08;
  if (predicted || !begins) return false;
  if (flags & 0x80 && (!r.read_u8(byte) || (byte & 0x80 && !r.skip(1)))) return false;
  if (!(flags & 0x20)) return true;
  return r.read_u8(byte) && (byte >> 1 & 0x07) == 0;  // the lowest spatial layer opens the picture
}

// AV1 RTP specification §4.4: the N bit of the aggregation header opens a coded video sequence.
bool av1_starts_key_frame(ByteView payload) { return payload[0] >> 3 & 1; }

}  // namespace

bool starts_key_frame(media::Codec codec, ByteView payload) {
  if (payload.empty()) return false;
  switch (codec) {
    case media::Codec::kH264:
      return h264_starts_key_frame(payload);
    case media::Codec::kVp8:
      return vp8_starts_key_frame(payload);
    case media::Codec::kVp9:
      return vp9_starts_key_frame(payload);
    case media::Codec::kAv1:
      return av1_starts_key_frame(payload);
    case media::Codec::kOpus:
    case media::Codec::kAac:
      return true;
  }
  return false;
}

}  // namespace footlight::rtp
