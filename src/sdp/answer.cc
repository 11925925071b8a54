#include "sdp/answer.h"

#include <fmt/core.h>

#include <algorithm>

namespace footlight::sdp {
namespace {

constexpr int kDiscardPort = 9;  // RFC 8840 §4.1.1: candidates say where, not the m= line
constexpr std::string_view kNoAddress = "IN IP4 0.0.0.0";

std::string number(rtp::PayloadType payload_type) { return std::to_string(int{payload_type.value()}); }

void add_codec(MediaSection& out, const AgreedCodec& codec) {
  std::string pt = number(codec.payload_type);
  Attributes& a = out.attributes;
  out.formats.push_back(pt);
  std::string map = fmt::format("{} {}/{}", pt, encoding_name(codec.codec), codec.clock_rate);
  if (codec.channels > 1) map += fmt::format("/{}", codec.channels);
  a.add("rtpmap", map);
  if (codec.feedback.transport_cc) a.add("rtcp-fb", pt + " transport-cc");
  if (codec.feedback.ccm_fir) a.add("rtcp-fb", pt + " ccm fir");
  if (codec.feedback.nack) a.add("rtcp-fb", pt + " nack");
  if (codec.feedback.nack_pli) a.add("rtcp-fb", pt + " nack pli");
  if (!codec.fmtp.empty()) a.add("fmtp", pt + " " + codec.fmtp);
  if (!codec.rtx_payload_type) return;
  std::string rtx = number(*codec.rtx_payload_type);
  out.formats.push_back(rtx);
  a.add("rtpmap", fmt::format("{} rtx/{}", rtx, codec.clock_rate));
  a.add("fmtp", fmt::format("{} apt={}", rtx, pt));
}

}  // namespace

void Answer::reject(const OfferedMedia& section) {
  const MediaSection& offered = offer_.description.media[section.index];
  MediaSection out;
  out.kind = offered.kind;
  out.protocol = offered.protocol;
  out.formats = offered.formats;
  out.connection = kNoAddress;
  if (!section.mid.empty()) out.attributes.add("mid", section.mid);
  out.attributes.add("inactive");
  media_.push_back(std::move(out));
}

MediaSection& Answer::accept(const OfferedMedia& section, const AgreedCodec& codec,
                             const rtp::ExtensionMap& extensions) {
  const MediaSection& offered = offer_.description.media[section.index];
  MediaSection out;
  out.kind = offered.kind;
  out.port = kDiscardPort;
  out.protocol = offered.protocol;
  out.connection = kNoAddress;
  Attributes& a = out.attributes;
  a.add("ice-ufrag", local_.ice_ufrag);
  a.add("ice-pwd", local_.ice_pwd);
  a.add("ice-options", "trickle");
  a.add("fingerprint", "sha-256 " + local_.fingerprint);
  a.add("setup", "passive");
  if (!section.mid.empty()) {
    a.add("mid", section.mid);
    accepted_mids_.push_back(section.mid);
  }
  a.add("rtcp-mux");
  if (section.reduced_size_rtcp) a.add("rtcp-rsize");
  for (size_t i = 0; i < rtp::kExtensionTypeCount; ++i) {
    auto type = static_cast<rtp::ExtensionType>(i);
    if (extensions.has(type)) a.add("extmap", fmt::format("{} {}", int{extensions.id_of(type)}, rtp::uri_of(type)));
  }
  add_codec(out, codec);
  if (!has_candidates_) {
    for (std::string& candidate : candidate_values(local_)) a.add("candidate", std::move(candidate));
    a.add("end-of-candidates");
    has_candidates_ = true;
  }
  return media_.emplace_back(std::move(out));
}

std::string Answer::text() const {
  SessionDescription out;
  out.origin = fmt::format("- {} 1 IN IP4 127.0.0.1", local_.session_id);
  out.attributes.add("ice-lite");
  if (offer_.bundled) {
    std::string group = "BUNDLE";
    for (const std::string& mid : accepted_mids_) group += " " + mid;
    out.attributes.add("group", group);
  }
  out.attributes.add("msid-semantic", "WMS *");
  out.media = media_;
  return out.text();
}

std::vector<std::string> candidate_values(const LocalParameters& local) {
  // RFC 8445 §5.1.2.1: host candidates, component 1, the first most preferred.
  constexpr uint32_t kHostPreference = 126;
  constexpr uint32_t kComponent = 1;
  std::vector<std::string> out;
  uint32_t preference = 65535;
  for (const LocalCandidate& c : local.candidates) {
    uint32_t priority = kHostPreference << 24 | preference << 8 | (256 - kComponent);
    out.push_back(fmt::format("{} {} udp {} {} {} typ host", out.size() + 1, kComponent, priority, c.address, c.port));
    --preference;
  }
  return out;
}

rtp::ExtensionMap agree_extensions(const OfferedMedia& section, const OfferedCodec& codec,
                                   std::span<const rtp::ExtensionType> wanted) {
  rtp::ExtensionMap out;
  for (rtp::ExtensionType type : wanted) {
    if (type == rtp::ExtensionType::kTransportSequence && !codec.feedback.transport_cc) continue;
    out.set(type, section.extensions.id_of(type));
  }
  return out;
}

AgreedCodec agree_codec(media::Codec codec, const OfferedCodec& offered, const rtp::ExtensionMap& extensions) {
  AgreedCodec out;
  out.codec = codec;
  out.payload_type = offered.payload_type;
  out.clock_rate = offered.clock_rate;
  if (media::kind_of(codec) == media::Kind::kAudio) out.channels = offered.channels;
  out.feedback = offered.feedback;
  out.feedback.transport_cc = extensions.has(rtp::ExtensionType::kTransportSequence);
  if (out.feedback.nack) out.rtx_payload_type = offered.rtx_payload_type;  // without NACK nothing asks for it
  return out;
}

NegotiateError several_transports() {
  return {NegotiateErrorKind::kUnsupported,
          "The offer has several media sections and no a=group:BUNDLE: set the bundle policy to max-bundle."};
}

std::string names_of(const std::vector<OfferedCodec>& codecs) {
  std::string out;
  for (const OfferedCodec& c : codecs) {
    if (out.find(c.name) != std::string::npos) continue;
    if (!out.empty()) out += ", ";
    out += c.name;
  }
  return out.empty() ? "none" : out;
}

}  // namespace footlight::sdp
