#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "sdp/answer.h"
#include "sdp/negotiate.h"
#include "sdp/offer.h"

namespace footlight::sdp {
namespace {

// Not video-orientation: a sender that may not use it turns the picture itself, and nothing behind us would.
constexpr std::array kPublishExtensions = {rtp::ExtensionType::kMid, rtp::ExtensionType::kRid,
                                           rtp::ExtensionType::kRepairedRid, rtp::ExtensionType::kTransportSequence};

struct Choice {
  const OfferedCodec* offered = nullptr;
  media::Codec codec{};
};

bool is_h264(const OfferedCodec& c) { return same_name(c.name, "H264") && packetization_mode(c.fmtp).has_value(); }

// The first of the offer's order that Compose can decode; an H.264 entry of mode 0 gives way to one of mode 1, whose
// large units survive small packets.
Choice choose_video(const std::vector<OfferedCodec>& codecs) {
  auto first = std::find_if(codecs.begin(), codecs.end(),
                            [](const OfferedCodec& c) { return is_h264(c) || same_name(c.name, "VP8"); });
  if (first == codecs.end()) return {};
  if (!is_h264(*first)) return {&*first, media::Codec::kVp8};
  auto fragmenting = std::find_if(first, codecs.end(),
                                  [](const OfferedCodec& c) { return is_h264(c) && packetization_mode(c.fmtp) == 1; });
  return {fragmenting == codecs.end() ? &*first : &*fragmenting, media::Codec::kH264};
}

Choice choose_audio(const std::vector<OfferedCodec>& codecs) {
  for (const OfferedCodec& c : codecs)
    if (same_name(c.name, "opus") && c.clock_rate == 48000) return {&c, media::Codec::kOpus};
  return {};
}

// What we ask of the sender: in-band FEC, and stereo where it has it (RFC 7587 §6.1).
std::string answer_fmtp(const Choice& choice) {
  FormatParameters fmtp = choice.offered->fmtp;
  if (choice.codec == media::Codec::kOpus) {
    fmtp.set("useinbandfec", "1");
    fmtp.set("stereo", "1");
  }
  return fmtp.text();
}

// One simulcast layer is taken, the best one. RIDs carry no order that all senders keep: by the names in use first
// (Chromium examples, LiveKit: q h f; mediasoup: r0 r1 r2), OBS numbers its layers from the best one, else the last.
std::string best_rid(const std::vector<std::string>& rids) {
  if (rids.empty()) return {};
  for (std::string_view name : {"f", "full", "high", "hi", "h", "0"})
    if (std::find(rids.begin(), rids.end(), name) != rids.end()) return std::string(name);
  return rids.back();
}

PublishTrack make_track(const OfferedMedia& section, const Choice& choice) {
  PublishTrack track;
  track.mid = section.mid;
  track.kind = media::kind_of(choice.codec);
  track.extensions = agree_extensions(section, *choice.offered, kPublishExtensions);
  track.codec = agree_codec(choice.codec, *choice.offered, track.extensions);
  track.codec.fmtp = answer_fmtp(choice);
  track.sources = section.sources;
  track.rids = section.rids;
  track.rid = best_rid(section.rids);
  track.cname = section.cname;
  return track;
}

NegotiateError no_usable_codec(const OfferedMedia& section) {
  bool video = section.kind == media::Kind::kVideo;
  return {NegotiateErrorKind::kNoUsableCodec,
          fmt::format("The offer's {} has no codec that can be taken: {} is needed, and it offers {}.",
                      media::name_of(*section.kind), video ? "H.264 or VP8" : "Opus", names_of(section.codecs))};
}

class Publisher {
 public:
  Publisher(const Offer& offer, const LocalParameters& local) : offer_(offer), answer_(offer, local) {}

  Result<PublishAnswer, NegotiateError> run() {
    for (const OfferedMedia& section : offer_.media)
      if (auto taken = answer(section); !taken) return unexpected(taken.error());
    for (const OfferedMedia& section : offer_.media)
      if (section.usable && section.sends && !has(*section.kind)) return unexpected(no_usable_codec(section));
    if (result_.tracks.empty())
      return unexpected(NegotiateError{NegotiateErrorKind::kNoUsableCodec, "The offer sends neither audio nor video."});
    result_.answer = answer_.text();
    return std::move(result_);
  }

 private:
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
    out.attributes.add("recvonly");
    if (!track.rid.empty()) out.attributes.add("rid", track.rid + " recv");
    if (!track.rid.empty() && section.simulcast) out.attributes.add("simulcast", "recv " + track.rid);
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
