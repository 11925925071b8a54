#pragma once
#include <string_view>
#include <vector>

#include "base/socket_address.h"

namespace footlight::sdp {

// A peer offers a handful: two families, UDP and TLS to one or two TURN servers. More are not remembered.
inline constexpr size_t kMaxRelayedCandidates = 16;

// Addresses of the candidates that a peer has from its TURN server (RFC 8839 §5.1: "typ relay"), in an offer or a
// trickle fragment. From one of them a peer's packets are relayed, which nothing else shows an ICE-lite agent. Lines
// that cannot be read, and host names, are passed over.
[[nodiscard]] std::vector<SocketAddress> relayed_candidates(std::string_view text);

}  // namespace footlight::sdp
