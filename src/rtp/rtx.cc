#include "rtp/rtx.h"

#include <cstring>

namespace footlight::rtp {

std::optional<RtxPayload> read_rtx(const PacketView& rtx) {
  ByteReader r(rtx.payload());
  uint16_t original = 0;
  if (!r.read_u16(original) || r.remaining() == 0) return std::nullopt;
  return RtxPayload{SeqNum(original), r.rest()};
}

size_t unwrap_rtx(MutableByteView out, const PacketView& rtx, Ssrc media_ssrc, PayloadType media_type) {
  auto original = read_rtx(rtx);
  if (!original) return 0;
  return write_packet(out, {rtx.marker(), media_type, original->original_seq, rtx.time(), media_ssrc},
                      original->payload);
}

size_t wrap_rtx(MutableByteView out, const PacketView& original, Ssrc rtx_ssrc, PayloadType rtx_type, SeqNum rtx_seq) {
  HeaderWriter header(out, {original.marker(), rtx_type, rtx_seq, original.time(), rtx_ssrc});
  size_t size = header.finish();
  if (size == 0) return 0;
  ByteWriter body(out.subspan(size));
  body.u16(original.seq().value());
  body.bytes(original.payload());
  return body.ok() ? size + body.size() : 0;
}

}  // namespace footlight::rtp
