#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "media/track.h"
#include "rtp/header_extensions.h"
#include "rtp/types.h"

// The answerer of WHIP (RFC 9725) and WHEP: an offer and local parameters in, the answer and what was agreed out.
// Pure functions: no state, no clock, no randomness. The answerer is ICE-lite and DTLS server, and always bundles.
namespace footlight::sdp {

enum class NegotiateErrorKind {
  kUnreadable,     // 400: not SDP, or without what every WebRTC offer has
  kNoUsableCodec,  // 422: a publisher offers nothing that we take
  kNoCommonCodec,  // 406: a viewer cannot take what there is
  kUnsupported,    // 422: readable, but asks for what we do not do (several transports)
};
struct NegotiateError {
  NegotiateErrorKind kind{};
  std::string sentence;

  [[nodiscard]] int http_status() const;
};

struct LocalCandidate {
  std::string address;  // IP literal
  uint16_t port = 0;
  bool tcp = false;  // ICE-TCP, passive (RFC 6544 §4.5); else UDP
};

struct LocalParameters {
  std::string session_id;  // decimal, at most 63 bits: sess-id of o=
  std::string ice_ufrag;
  std::string ice_pwd;
  std::string fingerprint;                 // SHA-256, "AB:CD:…"
  std::vector<LocalCandidate> candidates;  // the first is preferred
};

struct Fingerprint {
  std::string algorithm;  // lower case, "sha-256"
  std::string value;      // upper case, "AB:CD:…"
};

struct RemoteTransport {
  std::string ice_ufrag;
  std::string ice_pwd;
  std::vector<Fingerprint> fingerprints;  // at least one
};

struct Feedback {
  bool nack = false;
  bool nack_pli = false;
  bool ccm_fir = false;
  bool transport_cc = false;
  friend bool operator==(const Feedback&, const Feedback&) = default;
};

struct AgreedCodec {
  media::Codec codec{};
  rtp::PayloadType payload_type{};
  std::optional<rtp::PayloadType> rtx_payload_type;
  std::optional<rtp::PayloadType> red_payload_type;  // Opus only: packets of this type are RFC 2198 around it
  int clock_rate = 0;                                // Hz
  int channels = 0;                                  // audio only
  std::string fmtp;                                  // without the payload type, as state::PipeTrack wants it
  Feedback feedback;
};

// --- publish (WHIP)

inline constexpr size_t kMaxLayers = 3;  // what browsers send; of a longer list the first are taken

struct PublishSource {  // from a=ssrc and its FID group
  rtp::Ssrc media{};
  std::optional<rtp::Ssrc> rtx;
};

struct PublishTrack {
  std::string mid;
  media::Kind kind{};
  AgreedCodec codec;
  rtp::ExtensionMap extensions;
  std::vector<PublishSource> sources;  // may be empty: learn SSRCs by MID and RID header extensions
  std::vector<std::string> rids;       // accepted layers, at most kMaxLayers, in the order of the offer's a=simulcast
  std::string cname;
};

struct PublishAnswer {
  std::string answer;
  RemoteTransport remote;
  std::vector<PublishTrack> tracks;  // accepted ones, in the order of the sections; at most one of each kind
};

[[nodiscard]] Result<PublishAnswer, NegotiateError> negotiate_publish(std::string_view offer,
                                                                      const LocalParameters& local);

// --- subscribe (WHEP)

struct AvailableTrack {
  media::Codec codec{};
  int clock_rate = 0;
  int channels = 0;
  std::string fmtp;                   // "profile-level-id=4d0020;packetization-mode=1"
  rtp::Ssrc ssrc{};                   // to be announced in the answer
  std::optional<rtp::Ssrc> rtx_ssrc;  // used where the offer has RTX for the codec
};
struct AvailableStream {
  std::vector<AvailableTrack> tracks;  // at most one of each kind is sent
  std::string cname;
  std::string msid;  // MediaStream id
};

struct SubscribeTrack {
  std::string mid;
  size_t track = 0;  // index into AvailableStream::tracks
  AgreedCodec codec;
  rtp::ExtensionMap extensions;
  bool sends_rtx = false;
};

struct SubscribeAnswer {
  std::string answer;
  RemoteTransport remote;
  std::vector<SubscribeTrack> tracks;
};

[[nodiscard]] Result<SubscribeAnswer, NegotiateError> negotiate_subscribe(std::string_view offer,
                                                                          const LocalParameters& local,
                                                                          const AvailableStream& stream);

}  // namespace footlight::sdp
