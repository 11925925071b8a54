#include "sdp/answer.h"

#include <fmt/core.h>

#include <algorithm>

namespace footlight::sdp {
namespace {

constexpr int kDiscardPort = 9;  // RFC 8840 §4.1.1: candidates say where, not the m= line
constexpr std::string_view kNoAddress = "IN IP4 0.0.0.0";

std::string number(rtp::PayloadType payload_type) { return std::to_string(int{payload_type.value()}); }

void add_codec(MediaSection& out, const AgreedCodec& codec, Direction direction) {
  std::string pt = number(codec.payload_type);
  Attributes& a = out.attributes;
  std::string red = codec.red_payload_type ? number(*codec.red_payload_type) : "";
  // A sender repeats itself only if RED comes before what it repeats.
  if (!red.empty() && direction == Direction::kReceive) out.formats.push_back(red);
  out.formats.push_back(pt);
  if (!red.empty() && direction == Direction::kSend) out.formats.push_back(red);
  std::string map = fmt::format("{} {}/{}", pt, encoding_name(codec.codec), codec.clock_rate);
  if (codec.channels > 1) map += fmt::format("/{}", codec.channels);
  a.add("rtpmap", map);
  if (codec.feedback.transport_cc) a.add("rtcp-fb", pt + " transport-cc");
  if (codec.feedback.ccm_fir) a.add("rtcp-fb", pt + " ccm fir");
  if (codec.feedback.nack) a.add("rtcp-fb", pt + " nack");
  if (codec.feedback.nack_pli) a.add("rtcp-fb", pt + " nack pli");
  if (!codec.fmtp.empty()) a.add("fmtp", pt + " " + codec.fmtp);
  if (!red.empty()) {  // RFC 2198 §5: what the blocks are
    a.add("rtpmap", fmt::format("{} red/{}/{}", red, codec.clock_rate, codec.channels));
    a.add("fmtp", fmt::format("{0} {1}/{1}", red, pt));
  }
  if (!codec.rtx_payload_type) return;
  std::string rtx = number(*codec.rtx_payload_type);
  out.formats.push_back(rtx);
  a.add("rtpmap", fmt::format("{} rtx/{}", rtx, codec.clock_rate));
  a.add("fmtp", fmt::format("{} apt={}", rtx, pt));
}

// RFC 8285 §5: a line with a direction is answered with the opposite one, so that both sides mean the same stream.
void add_extensions(MediaSection& out, const OfferedMedia& section, const rtp::ExtensionMap& agreed,
                    Direction direction) {
  if (agreed.allows_two_byte()) out.attributes.add("extmap-allow-mixed");
  for (const OfferedExtension& e : section.extensions) {
    if (agreed.id_of(e.type) != e.id) continue;
    std::string_view ours = direction == Direction::kReceive ? "/recvonly" : "/sendonly";
    out.attributes.add("extmap", fmt::format("{}{} {}", int{e.id}, e.directed ? ours : "", rtp::uri_of(e.type)));
  }
}

struct Priority {  // RFC 8445 §5.1.2.1
  uint32_t type;
  uint32_t local;
  [[nodiscard]] uint32_t value() const {
    constexpr uint32_t kComponent = 1;
    return type << 24 | local << 8 | (256 - kComponent);
  }
};

constexpr uint32_t kHostPreference = 126;    // RFC 8445 §5.1.2.2
constexpr uint32_t kTcpHostPreference = 90;  // below UDP of every type but relayed (RFC 6544 §4.2); libwebrtc's number
constexpr uint32_t kPassivePreference = 4;   // RFC 6544 §4.2: direction-pref of a passive host candidate

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
  add_extensions(out, section, extensions, direction_);
  a.add(direction_ == Direction::kReceive ? "recvonly" : "sendonly");
  add_codec(out, codec, direction_);
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
  std::vector<std::string> out;
  uint32_t preference = 65535;
  for (const LocalCandidate& c : local.candidates) {
    // The first is the most preferred; of TCP's 16 bits the upper three say the direction.
    const Priority priority = c.tcp ? Priority{kTcpHostPreference, kPassivePreference << 13 | (preference & 0x1fff)}
                                    : Priority{kHostPreference, preference};
    out.push_back(fmt::format("{} 1 {} {} {} {} typ host{}", out.size() + 1, c.tcp ? "tcp" : "udp", priority.value(),
                              c.address, c.port, c.tcp ? " tcptype passive" : ""));
    --preference;
  }
  return out;
}

rtp::ExtensionMap agree_extensions(const OfferedMedia& section, const OfferedCodec& codec, Direction direction,
                                   std::span<const rtp::ExtensionType> wanted) {
  rtp::ExtensionMap out;
  for (const OfferedExtension& e : section.extensions) {
    if (std::ranges::find(wanted, e.type) == wanted.end()) continue;
    if (!(direction == Direction::kReceive ? e.sends : e.receives)) continue;
    if (e.type == rtp::ExtensionType::kTransportSequence && !codec.feedback.transport_cc) continue;
    if (e.type == rtp::ExtensionType::kDependencyDescriptor && !same_name(codec.name, "AV1")) continue;
    out.set(e.type, e.id);
  }
  out.allow_two_byte(section.mixes_extension_forms);
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
  if (codec == media::Codec::kOpus) out.red_payload_type = offered.red_payload_type;
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
