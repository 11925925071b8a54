#include "rtp/payload/av1_payload.h"

#include "codec/av1.h"

namespace footlight::rtp {

std::optional<Av1AggregationHeader> Av1AggregationHeader::parse(ByteView payload) {
  if (payload.empty()) return std::nullopt;
  uint8_t b = payload[0];
  return Av1AggregationHeader{(b & 0x80) != 0, (b & 0x40) != 0, static_cast<uint8_t>(b >> 4 & 0x03), (b & 0x08) != 0};
}

Av1ElementReader::Av1ElementReader(ByteView payload)
    : header_(Av1AggregationHeader::parse(payload).value_or(Av1AggregationHeader{})),
      reader_(payload.subspan(payload.empty() ? 0 : 1)) {}

// §4.3: |length: leb128|element| each; with W elements announced, the last has no length.
bool Av1ElementReader::next(Av1Element& out) {
  while (reader_.remaining() > 0) {
    const bool sized = header_.count == 0 || index_ + 1 < header_.count;
    size_t size = reader_.remaining();
    if (sized) {
      auto length = codec::read_leb128(reader_);
      whole_ = whole_ && length.has_value();
      if (!length) return false;
      size = *length;
    }
    out.first = index_++ == 0;
    if (!reader_.read_bytes(size, out.data)) return whole_ = false;
    out.last = reader_.remaining() == 0;
    if (!out.data.empty()) return true;
  }
  return false;
}

}  // namespace footlight::rtp
