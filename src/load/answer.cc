#include "load/answer.h"

#include <algorithm>
#include <charconv>
#include <ranges>

#include "sdp/format_parameters.h"
#include "sdp/session_description.h"

namespace footlight::load {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end != text.data() ? std::optional<T>(value) : std::nullopt;
}

struct Candidate {
  SocketAddress address;
  uint32_t priority;
};

// RFC 8839 §5.1: foundation, component, transport, priority, address, port, "typ" …
std::optional<Candidate> read_candidate(std::string_view value) {
  auto words = words_of(value);
  if (words.size() < 6 || words[1] != "1" || !sdp::same_name(words[2], "udp")) return std::nullopt;
  auto priority = number<uint32_t>(words[3]);
  auto port = number<uint16_t>(words[5]);
  if (!priority || !port || *port == 0) return std::nullopt;
  auto address = SocketAddress::from_ip(words[4], *port);  // nothing for a name, such as mDNS ones
  return address ? std::optional(Candidate{*address, *priority}) : std::nullopt;
}

// A server without candidate lines is reached where its c= and m= lines say.
std::optional<SocketAddress> default_address(const sdp::SessionDescription& sdp, const sdp::MediaSection& section) {
  auto words = words_of(section.connection.empty() ? sdp.connection : section.connection);
  constexpr int kDiscard = 9;  // RFC 8839 §4.3.1: no default candidate
  if (words.size() < 3 || section.port <= 0 || section.port == kDiscard) return std::nullopt;
  auto address = SocketAddress::from_ip(words[2], static_cast<uint16_t>(section.port));
  return address && !address->is_any() ? address : std::nullopt;
}

std::optional<media::Codec> codec_of(std::string_view encoding) {
  for (auto codec :
       {media::Codec::kH264, media::Codec::kVp8, media::Codec::kVp9, media::Codec::kAv1, media::Codec::kOpus})
    if (sdp::same_name(encoding, media::name_of(codec))) return codec;
  return std::nullopt;
}

class SectionReader {
 public:
  explicit SectionReader(media::Kind kind) { track_.kind = kind; }

  void read(const sdp::Attribute& a) {
    auto words = words_of(a.value);
    if (words.size() < 2) return;
    if (a.name == "rtpmap") {
      on_format(words);
    } else if (a.name == "fmtp") {
      on_parameters(words[0], a.value.substr(std::min(a.value.size(), words[0].size() + 1)));
    } else if (a.name == "rtcp-fb") {
      track_.nack |= words[1] == "nack" && words.size() == 2;
      track_.transport_feedback |= words[1] == "transport-cc";
    } else if (a.name == "extmap") {
      auto type = rtp::extension_of_uri(words[1]);
      auto id = number<uint8_t>(words[0]);  // "3/recvonly" reads as 3
      if (type && id) track_.extensions.set(*type, *id);
    }
  }
  AnsweredTrack finish() {
    track_.transport_feedback &= track_.extensions.has(rtp::ExtensionType::kTransportSequence);
    return std::move(track_);
  }

 private:
  void on_format(const std::vector<std::string_view>& words) {
    auto type = number<uint8_t>(words[0]);
    size_t slash = words[1].find('/');
    if (!type || *type > 127 || slash == std::string_view::npos) return;
    auto rate = number<int>(words[1].substr(slash + 1));
    if (!rate || *rate <= 0) return;
    AnsweredFormat& format = at(rtp::PayloadType(*type));
    format.codec = codec_of(words[1].substr(0, slash));
    format.clock_rate = *rate;
  }
  void on_parameters(std::string_view type_text, std::string_view value) {
    auto type = number<uint8_t>(type_text);
    const sdp::FormatParameters parameters(value);
    const std::string* apt = parameters.find("apt");  // RFC 4588 §8.1
    auto repaired = apt ? number<uint8_t>(*apt) : std::nullopt;
    if (type && *type <= 127 && repaired && *repaired <= 127)
      at(rtp::PayloadType(*type)).repairs = rtp::PayloadType(*repaired);
  }
  AnsweredFormat& at(rtp::PayloadType type) {
    auto it = std::ranges::find(track_.formats, type, &AnsweredFormat::payload_type);
    if (it != track_.formats.end()) return *it;
    track_.formats.push_back({.payload_type = type});
    return track_.formats.back();
  }

  AnsweredTrack track_;
};

// Transport attributes stand in a section or above all of them.
class TransportReader {
 public:
  void read(const sdp::Attribute& a, Answer& out) {
    if (a.name == "ice-ufrag" && out.ice.ufrag.empty()) out.ice.ufrag = a.value;
    if (a.name == "ice-pwd" && out.ice.password.reveal().empty()) out.ice.password = Secret(a.value);
    if (a.name == "fingerprint" && !out.fingerprint) out.fingerprint = dtls::Fingerprint::parse(a.value);
    if (a.name == "setup") out.server_is_dtls_client = a.value == "active";
    if (a.name != "candidate") return;
    auto candidate = read_candidate(a.value);
    if (!candidate || std::ranges::find(found_, candidate->address, &Candidate::address) != found_.end()) return;
    auto place = std::ranges::upper_bound(found_, candidate->priority, std::greater<>(), &Candidate::priority);
    found_.insert(place, *candidate);
  }
  void finish(Answer& out) {
    for (const Candidate& c : found_) out.candidates.push_back(c.address);
  }

 private:
  std::vector<Candidate> found_;
};

}  // namespace

const AnsweredFormat* AnsweredTrack::format_of(rtp::PayloadType type) const {
  auto it = std::ranges::find(formats, type, &AnsweredFormat::payload_type);
  return it == formats.end() ? nullptr : &*it;
}

Result<Answer, Error> Answer::parse(std::string_view text) {
  auto sdp = sdp::SessionDescription::parse(text);
  if (!sdp) return fail("the answer is not SDP: " + sdp.error().message);
  Answer out;
  TransportReader transport;
  for (const sdp::MediaSection& section : sdp->media) {
    if (section.kind != "audio" && section.kind != "video") continue;
    // RFC 9143 §7.3.3: a bundled section may stand at port 0 with bundle-only, which is no rejection.
    if (section.port == 0 && !section.attributes.has("bundle-only")) continue;
    SectionReader reader(section.kind == "audio" ? media::Kind::kAudio : media::Kind::kVideo);
    for (const sdp::Attribute& a : section.attributes) {
      reader.read(a);
      transport.read(a, out);
    }
    out.tracks.push_back(reader.finish());
    if (auto address = default_address(*sdp, section); address && out.candidates.empty())
      out.candidates.push_back(*address);
  }
  for (const sdp::Attribute& a : sdp->attributes) transport.read(a, out);
  std::vector<SocketAddress> fallback = std::move(out.candidates);
  out.candidates.clear();
  transport.finish(out);
  if (out.candidates.empty()) out.candidates = std::move(fallback);
  if (out.tracks.empty()) return fail("the answer accepts neither audio nor video");
  if (out.ice.ufrag.empty() || out.ice.password.reveal().empty()) return fail("the answer has no ICE credentials");
  if (!out.fingerprint) return fail("the answer has no usable DTLS fingerprint");
  if (out.candidates.empty()) return fail("the answer has no UDP candidate");
  return out;
}

}  // namespace footlight::load
