#pragma once
#include <string>

#include "base/socket_address.h"
#include "dtls/fingerprint.h"
#include "ice/credentials.h"
#include "rtp/types.h"

namespace footlight::load {

struct OfferIdentity {
  const ice::Credentials& ice;
  const dtls::Fingerprint& fingerprint;
  SocketAddress host_candidate;
};

// Payload types of the publisher's offer, which the answer keeps.
inline constexpr rtp::PayloadType kSentAudioType(111);
inline constexpr rtp::PayloadType kSentVideoType(96);
inline constexpr rtp::PayloadType kSentRtxType(97);

struct SentSsrcs {
  rtp::Ssrc audio{}, video{}, rtx{};
};

// A viewer's offer: every codec that a Chromium viewer offers, so that any server finds its own; bundled, NACK with RTX
// and transport-wide feedback, all candidates in it (no trickle).
[[nodiscard]] std::string write_viewer_offer(const OfferIdentity& identity);
// A publisher's: Opus, and H.264 with packetization-mode 1.
[[nodiscard]] std::string write_publisher_offer(const OfferIdentity& identity, const SentSsrcs& ssrcs);

}  // namespace footlight::load
