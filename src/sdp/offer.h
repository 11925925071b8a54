#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "media/track.h"
#include "sdp/format_parameters.h"
#include "sdp/negotiate.h"
#include "sdp/session_description.h"

// What a WebRTC offer means: the step between text (session_description.h) and the decision (negotiate.h).
namespace footlight::sdp {

struct OfferedCodec {
  rtp::PayloadType payload_type{};
  std::string name;  // as offered
  int clock_rate = 0;
  int channels = 1;
  FormatParameters fmtp;
  Feedback feedback;
  std::optional<rtp::PayloadType> rtx_payload_type;  // of the RTX entry whose apt names this one
};

struct OfferedMedia {
  size_t index = 0;  // of its m= line
  std::string mid;
  std::optional<media::Kind> kind;  // nullopt: nothing that we carry ("application", "text")
  bool usable = false;              // not rejected, RTP over DTLS, inside the BUNDLE group if there is one
  bool sends = false;
  bool receives = false;
  bool reduced_size_rtcp = false;
  std::vector<OfferedCodec> codecs;  // in the order of the m= line, without RTX
  rtp::ExtensionMap extensions;      // only ids that the one-byte form can carry
  std::vector<PublishSource> sources;
  std::vector<std::string> rids;  // send direction
  bool simulcast = false;
  std::string cname;
};

struct Offer {
  SessionDescription description;
  bool bundled = false;
  std::vector<OfferedMedia> media;  // one for each m= line

  [[nodiscard]] static Result<Offer, NegotiateError> parse(std::string_view text);
  // ICE and DTLS of the section that carries the bundle, session level where the section has none.
  [[nodiscard]] Result<RemoteTransport, NegotiateError> transport(const OfferedMedia& section) const;
};

// RFC 8866 names of codecs: "H264", "VP8", "opus".
[[nodiscard]] std::string_view encoding_name(media::Codec codec);
// packetization-mode of an H.264 entry; absent means 0 (RFC 6184 §8.1). nullopt: not a number we know.
[[nodiscard]] std::optional<int> packetization_mode(const FormatParameters& fmtp);

}  // namespace footlight::sdp
