#include "relay/stored_packet.h"

#include "rtp/payload/vp8_descriptor.h"
#include "rtp/payload/vp9_descriptor.h"

namespace footlight::relay {
namespace {

// AV1 RTP specification appendix A.8.2, mandatory fields: start_of_frame, end_of_frame, template id, frame number.
constexpr size_t kDescriptorMandatory = 3;
constexpr size_t kFrameNumberAt = 1;
constexpr uint8_t kLongBit = 0x80;

template <class Descriptor>
void read_running(const Descriptor& descriptor, PictureNumbers& out) {
  if (!descriptor.picture_id) return;
  out.form = descriptor.long_picture_id ? PictureNumbers::Form::kLong : PictureNumbers::Form::kShort;
  out.picture = *descriptor.picture_id;
  out.picture_at = static_cast<uint8_t>(descriptor.picture_id_at);
  if (!descriptor.tl0_pic_idx) return;
  out.tl0 = *descriptor.tl0_pic_idx;
  out.tl0_at = static_cast<uint8_t>(descriptor.tl0_pic_idx_at);
}

void put_u16(MutableByteView bytes, size_t at, uint16_t value) {
  bytes[at] = static_cast<uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<uint8_t>(value);
}

}  // namespace

PictureNumbers read_picture(media::Codec codec, ByteView payload, ByteView descriptor) {
  PictureNumbers out;
  if (codec == media::Codec::kVp8) {
    auto vp8 = rtp::Vp8Descriptor::parse(payload);
    if (!vp8) return out;
    read_running(*vp8, out);
    out.temporal_id = vp8->temporal_id.value_or(0);
    out.layer_sync = vp8->layer_sync;
    out.frame_start = vp8->frame_start();
  } else if (codec == media::Codec::kVp9) {
    if (auto vp9 = rtp::Vp9Descriptor::parse(payload)) read_running(*vp9, out);
  } else if (codec == media::Codec::kAv1 && descriptor.size() >= kDescriptorMandatory) {
    out.form = PictureNumbers::Form::kFrameNumber;
    out.picture = static_cast<uint16_t>(descriptor[kFrameNumberAt] << 8 | descriptor[kFrameNumberAt + 1]);
    out.picture_at = kFrameNumberAt;
  }
  return out;
}

void write_picture(const StoredPacket& packet, uint16_t picture, uint8_t tl0) {
  const PictureNumbers& at = packet.picture;
  switch (at.form) {
    case PictureNumbers::Form::kNone:
      return;
    case PictureNumbers::Form::kShort:
      packet.payload[at.picture_at] = static_cast<uint8_t>(picture & 0x7f);
      break;
    case PictureNumbers::Form::kLong:
      put_u16(packet.payload, at.picture_at, static_cast<uint16_t>(kLongBit << 8 | (picture & 0x7fff)));
      break;
    case PictureNumbers::Form::kFrameNumber:
      put_u16(packet.descriptor, at.picture_at, picture);
      break;
  }
  if (at.tl0_at > 0) packet.payload[at.tl0_at] = tl0;
}

}  // namespace footlight::relay
