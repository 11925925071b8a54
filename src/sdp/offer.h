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
  std::optional<rtp::PayloadType> red_payload_type;  // of the RED entry that repeats this one
};

// One a=extmap line (RFC 8285 §5) of an extension that we know, with an id that the one-byte form can carry.
struct OfferedExtension {
  rtp::ExtensionType type{};
  uint8_t id = 0;
  bool sends = true;  // the offerer writes it
  bool receives = true;
  bool directed = false;  // the line names a direction: the answer must, too
};

// a=rid:<id> send (RFC 8851 §4).
struct OfferedRid {
  std::string id;
  std::vector<rtp::PayloadType> payload_types;  // empty: any
  [[nodiscard]] bool allows(rtp::PayloadType type) const;
};

struct OfferedMedia {
  size_t index = 0;  // of its m= line
  std::string mid;
  std::optional<media::Kind> kind;  // nullopt: nothing that we carry ("application", "text")
  bool usable = false;              // not rejected, RTP over DTLS, inside the BUNDLE group if there is one
  bool sends = false;
  bool receives = false;
  bool reduced_size_rtcp = false;
  std::vector<OfferedCodec> codecs;  // in the order of the m= line, without RTX and RED
  std::vector<OfferedExtension> extensions;
  bool mixes_extension_forms = false;  // a=extmap-allow-mixed
  std::vector<PublishSource> sources;
  std::vector<OfferedRid> rids;
  std::vector<std::vector<std::string>> simulcast;  // streams to be sent, each with its alternatives (RFC 8853 §5.1)
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
// VP9's profile-id (RFC 9628 §7) and AV1's profile (AV1 RTP specification §7.2); absent means 0. nullopt: no number.
[[nodiscard]] std::optional<int> profile_number(const FormatParameters& fmtp, std::string_view name);

}  // namespace footlight::sdp
