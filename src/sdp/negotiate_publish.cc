#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "sdp/answer.h"
#include "sdp/negotiate.h"
#include "sdp/offer.h"

namespace footlight::sdp {
namespace {

constexpr std::array kPublishExtensions = {
    rtp::ExtensionType::kMid,          rtp::ExtensionType::kRid,
    rtp::ExtensionType::kRepairedRid,  rtp::ExtensionType::kTransportSequence,
    rtp::ExtensionType::kAbsSendTime,  rtp::ExtensionType::kAbsCaptureTime,
    rtp::ExtensionType::kAudioLevel,   rtp::ExtensionType::kVideoOrientation,
    rtp::ExtensionType::kPlayoutDelay, rtp::ExtensionType::kDependencyDescriptor};

struct Choice {
  const OfferedCodec* offered = nullptr;
  media::Codec codec{};
};

// What an entry of the offer is to us; only what every browser can show: 8 bits, 4:2:0 (profile 0 of VP9 and AV1).
std::optional<media::Codec> video_codec(const OfferedCodec& c) {
  if (c.clock_rate != 90000) return std::nullopt;
  if (same_name(c.name, "H264") && packetization_mode(c.fmtp)) return media::Codec::kH264;
  if (same_name(c.name, "VP8")) return media::Codec::kVp8;
  if (same_name(c.name, "VP9") && profile_number(c.fmtp, "profile-id") == 0) return media::Codec::kVp9;
  if (same_name(c.name, "AV1") && profile_number(c.fmtp, "profile") == 0) return media::Codec::kAv1;
  return std::nullopt;
}

// The first of the offer's order (docs/decisions/0006); an H.264 entry of mode 0 gives way to one of mode 1, whose
// large units survive small packets.
Choice choose_video(const std::vector<OfferedCodec>& codecs) {
  auto first = std::ranges::find_if(codecs, [](const OfferedCodec& c) { return video_codec(c).has_value(); });
  if (first == codecs.end()) return {};
  const media::Codec codec = *video_codec(*first);
  if (codec != media::Codec::kH264) return {&*first, codec};
  auto fragmenting = std::find_if(first, codecs.end(), [](const OfferedCodec& c) {
    return video_codec(c) == media::Codec::kH264 && packetization_mode(c.fmtp) == 1;
  });
  return {fragmenting == codecs.end() ? &*first : &*fragmenting, codec};
}

Choice choose_audio(const std::vector<OfferedCodec>& codecs) {
  for (const OfferedCodec& c : codecs)
    if (same_name(c.name, "opus") && c.clock_rate == 48000) return {&c, media::Codec::kOpus};
  return {};
}

// What we ask of the sender: in-band FEC, and stereo where it has it (RFC 7587 §6.1).
std::string answer_fmtp(const Choice& choice) {
  FormatParameters fmtp = choice.offered->fmtp;
  fmtp.erase_starting("sprop-");  // properties of a stream that we would send
  if (choice.codec == media::Codec::kOpus) {
    fmtp.set("useinbandfec", "1");
    fmtp.set("stereo", "1");
  }
  return fmtp.text();
}

// The layers of a=simulcast, of each the first alternative that was declared and can carry the codec (RFC 8853 §5.3.2);
// without that line RIDs are alternatives of one stream.
std::vector<std::string> accepted_rids(const OfferedMedia& section, rtp::PayloadType payload_type) {
  std::vector<std::string> out;
  auto usable = [&](const std::string& id) {
    return std::ranges::any_of(section.rids, [&](auto& r) { return r.id == id && r.allows(payload_type); }) &&
           std::ranges::find(out, id) == out.end();
  };
  for (const std::vector<std::string>& alternatives : section.simulcast) {
    auto id = std::ranges::find_if(alternatives, usable);
    if (id != alternatives.end() && out.size() < kMaxLayers) out.push_back(*id);
  }
  if (section.simulcast.empty())
    for (const OfferedRid& rid : section.rids)
      if (out.empty() && rid.allows(payload_type)) out.push_back(rid.id);
  return out;
}

PublishTrack make_track(const OfferedMedia& section, const Choice& choice) {
  PublishTrack track;
  track.mid = section.mid;
  track.kind = media::kind_of(choice.codec);
  track.extensions = agree_extensions(section, *choice.offered, Direction::kReceive, kPublishExtensions);
  track.codec = agree_codec(choice.codec, *choice.offered, track.extensions);
  track.codec.fmtp = answer_fmtp(choice);
  track.sources = section.sources;
  track.rids = accepted_rids(section, choice.offered->payload_type);
  track.cname = section.cname;
  return track;
}

NegotiateError no_usable_codec(const OfferedMedia& section) {
  bool video = section.kind == media::Kind::kVideo;
  return {
      NegotiateErrorKind::kNoUsableCodec,
      fmt::format("The offer's {} has no codec that can be taken: {} is needed, and it offers {}.",
                  media::name_of(*section.kind), video ? "H.264, VP8, VP9 or AV1" : "Opus", names_of(section.codecs))};
}

// a=rid:<id> recv, and a=simulcast:recv <id>;<id>… where that was offered (RFC 8853 §5.3.2)
void add_layers(MediaSection& out, const std::vector<std::string>& rids, bool simulcast) {
  for (const std::string& rid : rids) out.attributes.add("rid", rid + " recv");
  if (simulcast && !rids.empty()) out.attributes.add("simulcast", fmt::format("recv {}", fmt::join(rids, ";")));
}

class Publisher {
 public:
  Publisher(const Offer& offer, const LocalParameters& local)
      : offer_(offer), answer_(offer, local, Direction::kReceive) {}

  Result<PublishAnswer, NegotiateError> run() {
    for (const OfferedMedia& section : offer_.media)
      if (auto taken = answer(section); !taken) return unexpected(taken.error());
    if (result_.tracks.empty()) return unexpected(nothing_taken());
    result_.answer = answer_.text();
    return std::move(result_);
  }

 private:
  NegotiateError nothing_taken() const {
    for (const OfferedMedia& section : offer_.media)
      if (section.usable && section.sends) return no_usable_codec(section);
    return {NegotiateErrorKind::kNoUsableCodec, "The offer sends neither audio nor video."};
  }

  bool has(media::Kind kind) const {
    return std::any_of(result_.tracks.begin(), result_.tracks.end(), [&](auto& t) { return t.kind == kind; });
  }

  Result<void, NegotiateError> answer(const OfferedMedia& section) {
    Choice choice;
    if (section.usable && section.sends && !has(*section.kind))
      choice = section.kind == media::Kind::kVideo ? choose_video(section.codecs) : choose_audio(section.codecs);
    if (!choice.offered) {
      answer_.reject(section);
      return {};
    }
    if (result_.tracks.empty()) {
      auto transport = offer_.transport(section);
      if (!transport) return unexpected(transport.error());
      result_.remote = std::move(*transport);
    } else if (!offer_.bundled) {
      return unexpected(several_transports());
    }
    PublishTrack track = make_track(section, choice);
    MediaSection& out = answer_.accept(section, track.codec, track.extensions);
    add_layers(out, track.rids, !section.simulcast.empty());
    result_.tracks.push_back(std::move(track));
    return {};
  }

  const Offer& offer_;
  Answer answer_;
  PublishAnswer result_;
};

}  // namespace

Result<PublishAnswer, NegotiateError> negotiate_publish(std::string_view offer_text, const LocalParameters& local) {
  auto offer = Offer::parse(offer_text);
  if (!offer) return unexpected(offer.error());
  return Publisher(*offer, local).run();
}

}  // namespace footlight::sdp
