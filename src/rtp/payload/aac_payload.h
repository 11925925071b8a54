#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"

// AAC in RTP: RFC 3640 §3.3.6, AAC-hbr (sizelength 13, indexlength 3, indexdeltalength 3).
namespace footlight::rtp {

// AU-headers-length (16 bits), then one AU header: | AU-size 13 | AU-Index 3 |  (§3.2.1)
inline constexpr size_t kAacHeaderSize = 4;
inline constexpr uint16_t kAacHeaderBits = 16;
inline constexpr size_t kMaxAacUnit = (1 << 13) - 1;

// One payload: a whole access unit or a piece of one. Several units in a payload are refused: our packetizer sends one.
struct AacPayload {
  size_t unit_size = 0;  // of the whole access unit, in each of its pieces
  ByteView bytes;

  [[nodiscard]] static std::optional<AacPayload> parse(ByteView payload) {
    ByteReader r(payload);
    uint16_t bits = 0;
    uint16_t header = 0;
    if (!r.read_u16(bits) || bits != kAacHeaderBits || !r.read_u16(header)) return std::nullopt;
    AacPayload out{static_cast<size_t>(header >> 3), r.rest()};
    if (out.bytes.empty() || out.bytes.size() > out.unit_size) return std::nullopt;
    return out;
  }
};

}  // namespace footlight::rtp
