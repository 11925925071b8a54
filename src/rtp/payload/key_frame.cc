#include "rtp/payload/key_frame.h"

#include "codec/h264.h"
#include "codec/vp8.h"
#include "rtp/payload/av1_payload.h"
#include "rtp/payload/h264_payload.h"
#include "rtp/payload/vp8_descriptor.h"
#include "rtp/payload/vp9_descriptor.h"

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

bool is_parameter_set(ByteView nal) {
  const NalType type = codec::nal_type(nal);
  return type == NalType::kSps || type == NalType::kPps;
}

bool vp8_starts_key_frame(ByteView payload) {
  auto descriptor = Vp8Descriptor::parse(payload);
  if (!descriptor || !descriptor->frame_start()) return false;
  auto header = codec::Vp8FrameHeader::parse(payload.subspan(descriptor->size));
  return header && header->key;
}

bool vp9_starts_key_frame(ByteView payload) {
  auto descriptor = Vp9Descriptor::parse(payload);
  return descriptor && descriptor->key_picture_start();
}

bool av1_starts_key_frame(ByteView payload) {
  auto header = Av1AggregationHeader::parse(payload);
  return header && header->new_sequence && !header->continues;
}

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

bool holds_only_parameters(media::Codec codec, ByteView payload) {
  if (codec != media::Codec::kH264 || payload.empty()) return false;
  if ((payload[0] & kH264TypeMask) != kH264StapA) return is_parameter_set(payload);
  StapReader units(payload);
  bool any = false;
  for (ByteView nal; units.next(nal); any = true)
    if (!is_parameter_set(nal)) return false;
  return any;
}

}  // namespace footlight::rtp
