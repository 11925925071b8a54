#include "rtp/payload/h264_depacketizer.h"

#include "codec/h264.h"
#include "rtp/payload/h264_payload.h"

namespace footlight::rtp {
namespace {

using codec::NalType;

bool is_slice(NalType type) { return type >= NalType::kSlice && type <= NalType::kIdr; }

// SEI and PPS may follow a lost SPS, so they prove nothing.
bool nal_starts_frame(ByteView nal) {
  NalType type = codec::nal_type(nal);
  return type == NalType::kAccessUnitDelimiter || type == NalType::kSps ||
         (is_slice(type) && codec::opens_picture(nal));
}

}  // namespace

bool H264Depacketizer::starts_frame(ByteView payload) const {
  uint8_t type = payload[0] & kH264TypeMask;
  if (type == kH264StapA) {
    ByteView first;
    return StapReader(payload).next(first) && nal_starts_frame(first);
  }
  if (type == kH264FuA) {
    if (payload.size() <= kH264FuHeaderSize || !(payload[1] & kH264FuStart)) return false;
    return is_slice(static_cast<NalType>(payload[1] & kH264TypeMask)) && codec::opens_picture(payload.subspan(1));
  }
  return nal_starts_frame(payload);
}

bool H264Depacketizer::join(ByteView payload) {
  uint8_t type = payload[0] & kH264TypeMask;
  if (type == kH264FuA) return join_fragment(payload);
  bool unfinished = in_fragment_;
  cut();
  if (type == kH264StapA) return join_aggregate(payload) && !unfinished;
  if (type == 0 || type > kH264LastSingleNal) return false;  // interleaved forms belong to mode 2
  add_nal(payload);
  return !unfinished;
}

void H264Depacketizer::cut() {
  if (!in_fragment_) return;
  data().resize(fragment_at_);
  in_fragment_ = false;
  damage();
}

void H264Depacketizer::reset() { has_slice_ = has_idr_ = has_sps_ = has_pps_ = in_fragment_ = false; }

void H264Depacketizer::note_slice(uint8_t nal_header) {
  auto type = static_cast<NalType>(nal_header & kH264TypeMask);
  if (type == NalType::kIdr && !has_idr_) {
    for (auto [seen, last] : {std::pair{has_sps_, &last_sps_}, std::pair{has_pps_, &last_pps_}}) {
      if (seen || last->empty()) continue;
      append(codec::kStartCode);
      append(*last);
    }
    has_idr_ = true;
  }
  if (is_slice(type)) has_slice_ = true;
}

void H264Depacketizer::add_nal(ByteView nal) {
  NalType type = codec::nal_type(nal);
  if (type == NalType::kSps) {
    last_sps_.assign(nal.begin(), nal.end());
    has_sps_ = true;
  } else if (type == NalType::kPps) {
    last_pps_.assign(nal.begin(), nal.end());
    has_pps_ = true;
  }
  note_slice(nal[0]);
  append(codec::kStartCode);
  append(nal);
}

bool H264Depacketizer::join_aggregate(ByteView payload) {
  StapReader units(payload);
  for (ByteView nal; units.next(nal);) add_nal(nal);
  return units.whole();
}

// |F|NRI|28: 5|  |S|E|R|type: 5|  piece of the NAL unit without its header
bool H264Depacketizer::join_fragment(ByteView payload) {
  if (payload.size() <= kH264FuHeaderSize) return false;
  bool unfinished = false;
  if (payload[1] & kH264FuStart) {
    unfinished = in_fragment_;
    cut();
    const uint8_t header[] = {fragmented_nal_header(payload)};
    note_slice(header[0]);
    fragment_at_ = data().size();
    in_fragment_ = true;
    append(codec::kStartCode);
    append(header);
  } else if (!in_fragment_) {
    return false;  // its beginning is lost
  }
  append(payload.subspan(kH264FuHeaderSize));
  if (payload[1] & kH264FuEnd) in_fragment_ = false;
  return !unfinished;
}

}  // namespace footlight::rtp
