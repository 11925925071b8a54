#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace footlight::srtp {

inline constexpr size_t kRtcpHeaderSize = 8;  // the part of a compound that stays in the clear (RFC 3711 §3.4)
inline constexpr size_t kSrtcpIndexSize = 4;  // E flag and index
inline constexpr uint32_t kEncryptedFlag = 1U << 31;
inline constexpr uint32_t kMaxSrtcpIndex = kEncryptedFlag - 1;

// What SRTP needs of an RTP header (RFC 3550 §5.1, §5.3.1).
//   |V=2|P|X|  CC   |M|     PT      |       sequence number         |  timestamp | SSRC | CSRC ... | extension
struct RtpLayout {
  size_t header_size;  // CSRCs and extension block included: what stays in the clear
  uint32_t ssrc;
  uint16_t seq;
};
// nullopt when the header runs past the end of `packet`, or the version is not 2.
[[nodiscard]] std::optional<RtpLayout> rtp_layout(ByteView packet);

// SSRC of the sender of a compound packet: the first one's. nullopt when there are not eight bytes of version 2.
[[nodiscard]] std::optional<uint32_t> rtcp_sender(ByteView packet);

}  // namespace footlight::srtp
