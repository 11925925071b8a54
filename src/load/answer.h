#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/socket_address.h"
#include "dtls/fingerprint.h"
#include "ice/credentials.h"
#include "media/track.h"
#include "rtp/header_extensions.h"
#include "rtp/types.h"

namespace footlight::load {

// What one RTP payload type of an answer stands for.
struct AnsweredFormat {
  rtp::PayloadType payload_type{};
  std::optional<media::Codec> codec;        // nullopt: RTX, or nothing that we read
  std::optional<rtp::PayloadType> repairs;  // RTX: of which type
  int clock_rate = 0;
};

struct AnsweredTrack {
  media::Kind kind{};
  std::vector<AnsweredFormat> formats;
  rtp::ExtensionMap extensions;
  bool nack = false;
  bool transport_feedback = false;

  [[nodiscard]] const AnsweredFormat* format_of(rtp::PayloadType type) const;
};

// A server's answer as a client reads it: of any server, so tolerant where RFC 9429 lets texts differ (transport lines
// at session or section level, candidates or only a c= line, whichever DTLS role).
struct Answer {
  ice::Credentials ice;
  std::optional<dtls::Fingerprint> fingerprint;
  bool server_is_dtls_client = false;
  std::vector<SocketAddress> candidates;  // UDP, component 1, the server's favourites first; no mDNS names
  std::vector<AnsweredTrack> tracks;      // accepted sections only

  [[nodiscard]] static Result<Answer, Error> parse(std::string_view text);
};

}  // namespace footlight::load
