#pragma once
#include "base/bytes.h"

namespace footlight::rtp {

enum class DatagramKind { kStun, kDtls, kRtp, kRtcp, kUnknown };

// What a datagram on a shared port is, by its first bytes (RFC 7983 §7; RTCP by RFC 5761 §4). Looks at two bytes only:
// the protocol's own parser still has to agree.
[[nodiscard]] DatagramKind kind_of_datagram(ByteView datagram);

}  // namespace footlight::rtp
