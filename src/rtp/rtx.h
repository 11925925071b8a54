#pragma once
#include <optional>

#include "base/bytes.h"
#include "rtp/packet_view.h"
#include "rtp/packet_writer.h"

namespace footlight::rtp {

inline constexpr size_t kRtxHeaderSize = 2;  // RFC 4588 §4: the original sequence number before the payload

struct RtxPayload {
  SeqNum original_seq{};
  ByteView payload;
};
// What a retransmission carries. nullopt for one without an original (padding-only probes).
[[nodiscard]] std::optional<RtxPayload> read_rtx(const PacketView& rtx);

// The original packet again, into `out`: header extensions are dropped (they are the retransmission's own), the marker
// stays. Its size; 0 where there is no original or no room.
[[nodiscard]] size_t unwrap_rtx(MutableByteView out, const PacketView& rtx, Ssrc media_ssrc, PayloadType media_type);

// `original` as a retransmission of its own stream; marker and timestamp stay. Its size; 0 when there is no room.
[[nodiscard]] size_t wrap_rtx(MutableByteView out, const PacketView& original, Ssrc rtx_ssrc, PayloadType rtx_type,
                              SeqNum rtx_seq);

}  // namespace footlight::rtp
