#include "sdp/offer.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "sdp/ice_credentials.h"
#include "sdp/offered_media.h"

namespace footlight::sdp {
namespace {

unexpected<NegotiateError> refuse(NegotiateErrorKind kind, std::string sentence) {
  return unexpected(NegotiateError{kind, std::move(sentence)});
}

// The mids of the first a=group:BUNDLE line (RFC 9143 §7.2.1); empty: no such line.
std::vector<std::string> bundle_group(const SessionDescription& description) {
  std::vector<std::string> mids;
  for (const Attribute& a : description.attributes) {
    if (a.name != "group" || !a.value.starts_with("BUNDLE")) continue;
    std::string_view rest = std::string_view(a.value).substr(6);
    while (!rest.empty()) {
      size_t start = std::min(rest.find_first_not_of(' '), rest.size());
      size_t end = std::min(rest.find(' ', start), rest.size());
      if (end > start) mids.emplace_back(rest.substr(start, end - start));
      rest.remove_prefix(end);
    }
    break;
  }
  return mids;
}

// RFC 8122 §5: a=fingerprint:<hash> <hex pairs with colons>
std::optional<Fingerprint> parse_fingerprint(std::string_view value) {
  size_t space = value.find(' ');
  if (space == std::string_view::npos || space == 0 || space + 1 == value.size()) return std::nullopt;
  Fingerprint f{std::string(value.substr(0, space)), std::string(value.substr(space + 1))};
  for (char& c : f.algorithm)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (char& c : f.value)
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  if (f.value.size() % 3 != 2) return std::nullopt;
  for (size_t i = 0; i < f.value.size(); ++i) {
    char c = f.value[i];
    bool hex = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
    if (i % 3 == 2 ? c != ':' : !hex) return std::nullopt;
  }
  return f;
}

}  // namespace

int NegotiateError::http_status() const {
  switch (kind) {
    case NegotiateErrorKind::kUnreadable:
      return 400;
    case NegotiateErrorKind::kNoCommonCodec:
      return 406;
    case NegotiateErrorKind::kNoUsableCodec:
    case NegotiateErrorKind::kUnsupported:
      break;
  }
  return 422;
}

Result<Offer, NegotiateError> Offer::parse(std::string_view text) {
  auto description = SessionDescription::parse(text);
  if (!description)
    return refuse(NegotiateErrorKind::kUnreadable, "The offer cannot be read: " + description.error().message + ".");
  if (description->media.empty())
    return refuse(NegotiateErrorKind::kUnreadable, "The offer has no media section (m= line).");
  Offer offer;
  offer.description = std::move(*description);
  std::vector<std::string> group = bundle_group(offer.description);
  offer.bundled = !group.empty();
  constexpr size_t kMaxMidBytes = 64;  // real ones have under ten; all of them make one a=group line of the answer
  std::vector<std::string_view> mids;
  for (size_t i = 0; i < offer.description.media.size(); ++i) {
    const MediaSection& section = offer.description.media[i];
    if (section.mid.size() > kMaxMidBytes || section.mid.find(' ') != std::string::npos)
      return refuse(NegotiateErrorKind::kUnreadable, "The offer has an a=mid that is no short token.");
    if (!section.mid.empty() && std::find(mids.begin(), mids.end(), section.mid) != mids.end())
      return refuse(NegotiateErrorKind::kUnreadable, "The offer uses one a=mid for two media sections.");
    mids.push_back(section.mid);
    OfferedMedia media = read_offered_media(section, offer.description.attributes);
    media.index = i;
    if (offer.bundled && std::find(group.begin(), group.end(), section.mid) == group.end()) media.usable = false;
    offer.media.push_back(std::move(media));
  }
  return offer;
}

Result<RemoteTransport, NegotiateError> Offer::transport(const OfferedMedia& section) const {
  const Attributes& own = description.media[section.index].attributes;
  auto find = [&](std::string_view name) {
    const std::string* found = own.find(name);
    return found ? found : description.attributes.find(name);
  };
  const std::string* ufrag = find("ice-ufrag");
  const std::string* pwd = find("ice-pwd");
  if (!ufrag || !pwd || !are_ice_credentials(*ufrag, *pwd))
    return refuse(NegotiateErrorKind::kUnreadable, "The offer has no valid a=ice-ufrag and a=ice-pwd.");
  RemoteTransport transport{*ufrag, *pwd, {}};
  for (const Attributes* attributes : {&own, &description.attributes}) {
    for (const Attribute& a : *attributes) {
      if (a.name != "fingerprint") continue;
      auto fingerprint = parse_fingerprint(a.value);
      if (!fingerprint)
        return refuse(NegotiateErrorKind::kUnreadable, "The offer's a=fingerprint is not hash and hexadecimal pairs.");
      transport.fingerprints.push_back(std::move(*fingerprint));
    }
    if (!transport.fingerprints.empty()) break;
  }
  if (transport.fingerprints.empty())
    return refuse(NegotiateErrorKind::kUnreadable, "The offer has no a=fingerprint: media is always encrypted here.");
  const std::string* setup = find("setup");
  if (setup && *setup != "actpass" && *setup != "active")
    return refuse(NegotiateErrorKind::kUnsupported,
                  "The offer's a=setup is \"" + *setup + "\": it must be actpass or active.");
  if (!own.has("rtcp-mux") && !own.has("rtcp-mux-only"))
    return refuse(NegotiateErrorKind::kUnsupported, "The offer has no a=rtcp-mux: RTP and RTCP share one port here.");
  return transport;
}

std::string_view encoding_name(media::Codec codec) {
  switch (codec) {
    case media::Codec::kH264:
      return "H264";
    case media::Codec::kVp8:
      return "VP8";
    case media::Codec::kVp9:
      return "VP9";
    case media::Codec::kAv1:
      return "AV1";
    case media::Codec::kOpus:
      return "opus";
    case media::Codec::kAac:
      return "MPEG4-GENERIC";
  }
  return "";
}

std::optional<int> packetization_mode(const FormatParameters& fmtp) {
  const std::string* mode = fmtp.find("packetization-mode");
  if (!mode || *mode == "0") return 0;
  if (*mode == "1") return 1;
  return std::nullopt;
}

std::optional<int> profile_number(const FormatParameters& fmtp, std::string_view name) {
  const std::string* text = fmtp.find(name);
  if (!text) return 0;
  if (text->size() != 1 || (*text)[0] < '0' || (*text)[0] > '9') return std::nullopt;
  return (*text)[0] - '0';
}

}  // namespace footlight::sdp
