#include "rtp/payload/h264_packetizer.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "codec/h264.h"
#include "rtp/payload/h264_payload.h"

namespace footlight::rtp {
namespace {

constexpr size_t kMinPayload = 16;
constexpr size_t kStapHeaderSize = 1;
constexpr size_t kStapLengthSize = 2;

bool is_sent(ByteView nal) {
  codec::NalType type = codec::nal_type(nal);
  return type != codec::NalType::kAccessUnitDelimiter && type != codec::NalType::kFiller;
}

// The next NAL unit worth sending; takes it and everything before it off `rest`. Empty: none.
ByteView take_nal(ByteView& rest) {
  codec::NalReader reader(rest);
  ByteView nal;
  bool found = false;
  while ((found = reader.next(nal)) && !is_sent(nal)) {
  }
  rest = reader.rest();
  return found ? nal : ByteView{};
}

}  // namespace

H264Packetizer::H264Packetizer(ByteView access_unit, size_t max_payload)
    : rest_(access_unit), max_payload_(max_payload) {
  CHECK(max_payload >= kMinPayload);
  nal_ = take_nal(rest_);
}

size_t H264Packetizer::next(MutableByteView out) {
  if (nal_.empty()) return 0;
  CHECK(out.size() >= max_payload_);
  if (nal_.size() > max_payload_) return write_fragment(out);
  return write_single_or_aggregate(out);
}

// FU-A (§5.8). Pieces are of equal size, so that the last is not a crumb.
size_t H264Packetizer::write_fragment(MutableByteView out) {
  constexpr size_t kNalHeaderSize = 1;
  bool first = fragment_at_ == 0;
  if (first) fragment_at_ = kNalHeaderSize;
  size_t left = nal_.size() - fragment_at_;
  size_t room = max_payload_ - kH264FuHeaderSize;
  size_t pieces = (left + room - 1) / room;
  size_t size = (left + pieces - 1) / pieces;
  bool last = size == left;
  out[0] = static_cast<uint8_t>((nal_[0] & ~kH264TypeMask) | kH264FuA);
  out[1] = static_cast<uint8_t>((first ? kH264FuStart : 0) | (last ? kH264FuEnd : 0) | (nal_[0] & kH264TypeMask));
  std::memcpy(&out[kH264FuHeaderSize], nal_.data() + fragment_at_, size);
  fragment_at_ += size;
  if (last) {
    nal_ = take_nal(rest_);
    fragment_at_ = 0;
  }
  return kH264FuHeaderSize + size;
}

// A NAL unit as it is, or a STAP-A (§5.7.1) where the one behind it fits in as well. The STAP's header has the highest
// NRI of its units.
size_t H264Packetizer::write_single_or_aggregate(MutableByteView out) {
  size_t size = kStapHeaderSize;
  size_t units = 0;
  uint8_t importance = 0;
  ByteView first = nal_;
  while (!nal_.empty() && size + kStapLengthSize + nal_.size() <= max_payload_) {
    ByteWriter w(out.subspan(size));
    w.u16(static_cast<uint16_t>(nal_.size()));
    w.bytes(nal_);
    size += w.size();
    importance = std::max<uint8_t>(importance, nal_[0] & 0x60);
    ++units;
    nal_ = take_nal(rest_);
  }
  if (units > 1) {
    out[0] = static_cast<uint8_t>(importance | kH264StapA);
    return size;
  }
  std::memcpy(out.data(), first.data(), first.size());
  if (units == 0) nal_ = take_nal(rest_);
  return first.size();
}

}  // namespace footlight::rtp
