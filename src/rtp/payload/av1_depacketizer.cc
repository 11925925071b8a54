#include "rtp/payload/av1_depacketizer.h"

#include <array>

#include "codec/av1.h"
#include "rtp/payload/av1_payload.h"
#include "rtp/payload/key_frame.h"

namespace footlight::rtp {

using codec::ObuType;

// Nothing marks the first packet of a temporal unit but that of a sequence; after a gap only that one is of use.
bool Av1Depacketizer::starts_frame(ByteView payload) const { return starts_key_frame(media::Codec::kAv1, payload); }

void Av1Depacketizer::cut() {
  if (in_fragment_) damage();
  in_fragment_ = false;
  fragment_.clear();
}

void Av1Depacketizer::reset() {
  has_sequence_ = has_key_frame_ = has_frame_ = false;
  in_fragment_ = false;
  fragment_.clear();
}

bool Av1Depacketizer::join(ByteView payload) {
  Av1ElementReader elements(payload);
  bool good = true;
  for (Av1Element element; elements.next(element);) {
    const bool continued = element.first && elements.header().continues;
    const bool goes_on = element.last && elements.header().to_continue;
    if (continued != in_fragment_) {  // its beginning, or its end, is missing
      cut();
      good = false;
      if (continued) continue;
    }
    if (!continued && !goes_on) {
      good = add_obu(element.data) && good;
      continue;
    }
    if (element.data.size() > kMaxFrameBytes - fragment_.size()) return false;
    fragment_.insert(fragment_.end(), element.data.begin(), element.data.end());
    in_fragment_ = goes_on;
    if (goes_on) continue;
    good = add_obu(fragment_) && good;
    fragment_.clear();
  }
  return good && elements.whole();
}

bool Av1Depacketizer::add_obu(ByteView bytes) {
  auto obu = codec::Obu::parse(bytes);
  if (!obu) return false;
  if (obu->type == ObuType::kTemporalDelimiter || obu->type == ObuType::kTileList || obu->type == ObuType::kPadding)
    return true;
  if (obu->type == ObuType::kSequenceHeader) has_sequence_ = true;
  if (obu->type == ObuType::kFrame || obu->type == ObuType::kFrameHeader) has_frame_ = true;
  if (codec::opens_key_frame(*obu)) has_key_frame_ = true;

  std::array<uint8_t, 2 + 5> head;  // OBU header, and a size of 32 bits in leb128
  size_t at = 0;
  for (uint8_t byte : obu->header) head[at++] = byte;
  head[0] |= codec::kObuHasSize;
  size_t size = obu->payload.size();
  do {
    head[at++] = static_cast<uint8_t>((size & 0x7f) | (size > 0x7f ? 0x80 : 0));
    size >>= 7;
  } while (size > 0);
  append(ByteView(head).first(at));
  append(obu->payload);
  return true;
}

}  // namespace footlight::rtp
