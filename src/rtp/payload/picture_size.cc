#include "rtp/payload/picture_size.h"

#include "codec/av1.h"
#include "codec/h264_sps.h"
#include "codec/vp8.h"
#include "codec/vp9.h"
#include "rtp/payload/av1_payload.h"
#include "rtp/payload/h264_payload.h"
#include "rtp/payload/vp8_descriptor.h"
#include "rtp/payload/vp9_descriptor.h"

namespace footlight::rtp {
namespace {

using codec::PictureSize;

std::optional<PictureSize> sps_size(ByteView nal) {
  if (codec::nal_type(nal) != codec::NalType::kSps) return std::nullopt;
  auto sps = codec::Sps::parse(nal);
  if (!sps) return std::nullopt;
  return PictureSize{sps->width, sps->height};
}

std::optional<PictureSize> h264_size(ByteView payload) {
  if ((payload[0] & kH264TypeMask) != kH264StapA) return sps_size(payload);
  StapReader units(payload);
  for (ByteView nal; units.next(nal);)
    if (auto size = sps_size(nal)) return size;
  return std::nullopt;
}

std::optional<PictureSize> vp8_size(ByteView payload) {
  auto descriptor = Vp8Descriptor::parse(payload);
  if (!descriptor || !descriptor->frame_start()) return std::nullopt;
  auto header = codec::Vp8FrameHeader::parse(payload.subspan(descriptor->size));
  if (!header || !header->key) return std::nullopt;
  return PictureSize{header->width, header->height};
}

std::optional<PictureSize> vp9_size(ByteView payload) {
  auto descriptor = Vp9Descriptor::parse(payload);
  if (!descriptor || !descriptor->key_picture_start()) return std::nullopt;
  if (descriptor->largest) return descriptor->largest;
  auto header = codec::Vp9FrameHeader::parse(payload.subspan(descriptor->size));
  return header ? header->size : std::nullopt;
}

std::optional<PictureSize> av1_size(ByteView payload) {
  Av1ElementReader elements(payload);
  for (Av1Element element; elements.next(element);) {
    if (element.first && elements.header().continues) continue;
    auto obu = codec::Obu::parse(element.data);
    if (!obu || obu->type != codec::ObuType::kSequenceHeader) continue;
    auto header = codec::Av1SequenceHeader::parse(obu->payload);
    if (header) return header->max_size;
  }
  return std::nullopt;
}

}  // namespace

std::optional<PictureSize> picture_size(media::Codec codec, ByteView payload) {
  if (payload.empty()) return std::nullopt;
  switch (codec) {
    case media::Codec::kH264:
      return h264_size(payload);
    case media::Codec::kVp8:
      return vp8_size(payload);
    case media::Codec::kVp9:
      return vp9_size(payload);
    case media::Codec::kAv1:
      return av1_size(payload);
    case media::Codec::kOpus:
    case media::Codec::kAac:
      break;
  }
  return std::nullopt;
}

}  // namespace footlight::rtp
