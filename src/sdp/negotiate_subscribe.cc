#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <climits>

#include "codec/h264_profile.h"
#include "sdp/answer.h"
#include "sdp/negotiate.h"
#include "sdp/offer.h"

namespace footlight::sdp {
namespace {

constexpr std::array kSubscribeExtensions = {
    rtp::ExtensionType::kMid,          rtp::ExtensionType::kTransportSequence,
    rtp::ExtensionType::kAbsSendTime,  rtp::ExtensionType::kAbsCaptureTime,
    rtp::ExtensionType::kAudioLevel,   rtp::ExtensionType::kVideoOrientation,
    rtp::ExtensionType::kPlayoutDelay, rtp::ExtensionType::kDependencyDescriptor};

codec::ProfileLevelId profile_of(const FormatParameters& fmtp) {
  const std::string* text = fmtp.find("profile-level-id");
  return (text ? codec::ProfileLevelId::parse(*text) : std::nullopt).value_or(codec::ProfileLevelId{});
}

// How well a viewer's H.264 entry suits what is sent; nullopt: not at all. A receiver of mode 1 takes mode 0 as well
// (RFC 6184 §6.3); the profile only decides between entries, and the level never counts (CONTRACT §4, WHEP).
std::optional<int> h264_distance(const FormatParameters& sent, const FormatParameters& asked) {
  constexpr int kOtherMode = 10'000;  // outweighs every profile
  auto sent_mode = packetization_mode(sent);
  auto asked_mode = packetization_mode(asked);
  if (!sent_mode || !asked_mode || *sent_mode > *asked_mode) return std::nullopt;
  return codec::profile_distance(profile_of(sent), profile_of(asked)) + (*sent_mode == *asked_mode ? 0 : kOtherMode);
}

// A decoder of VP9 takes the profile that it names (RFC 9628 §7), one of AV1 those below it, too (AV1 annex A).
std::optional<int> profile_distance(int sent, std::optional<int> asked, bool takes_lower) {
  if (!asked || *asked < sent || (*asked > sent && !takes_lower)) return std::nullopt;
  return *asked - sent;
}

std::optional<int> distance(const AvailableTrack& track, const OfferedCodec& offered) {
  if (!same_name(offered.name, encoding_name(track.codec)) || offered.clock_rate != track.clock_rate)
    return std::nullopt;
  const FormatParameters sent(track.fmtp);
  switch (track.codec) {
    case media::Codec::kH264:
      return h264_distance(sent, offered.fmtp);
    case media::Codec::kVp9:
      return profile_distance(profile_number(sent, "profile-id").value_or(0),
                              profile_number(offered.fmtp, "profile-id"), false);
    case media::Codec::kAv1:
      return profile_distance(profile_number(sent, "profile").value_or(0), profile_number(offered.fmtp, "profile"),
                              true);
    default:
      return 0;
  }
}

const OfferedCodec* nearest(const AvailableTrack& track, const std::vector<OfferedCodec>& codecs) {
  const OfferedCodec* best = nullptr;
  int least = INT_MAX;
  for (const OfferedCodec& c : codecs) {
    auto d = distance(track, c);
    if (!d || *d >= least) continue;
    least = *d;
    best = &c;
  }
  return best;
}

std::string answer_fmtp(const AvailableTrack& track, const OfferedCodec& offered) {
  FormatParameters fmtp = offered.fmtp;
  if (track.codec == media::Codec::kOpus && track.channels == 2) {
    fmtp.set("stereo", "1");
    fmtp.set("sprop-stereo", "1");  // RFC 7587 §6.1: what we send is stereo
  }
  return fmtp.text();
}

class Subscriber {
 public:
  Subscriber(const Offer& offer, const LocalParameters& local, const AvailableStream& stream)
      : offer_(offer), stream_(stream), answer_(offer, local, Direction::kSend) {}

  Result<SubscribeAnswer, NegotiateError> run() {
    for (const OfferedMedia& section : offer_.media)
      if (auto taken = answer(section); !taken) return unexpected(taken.error());
    for (const OfferedMedia& section : offer_.media)
      if (wanted(section) && !has(*section.kind))
        if (const AvailableTrack* track = available(*section.kind)) return unexpected(no_common_codec(section, *track));
    if (result_.tracks.empty())
      return unexpected(NegotiateError{NegotiateErrorKind::kNoCommonCodec,
                                       "The offer receives neither the audio nor the video that this stream has."});
    result_.answer = answer_.text();
    return std::move(result_);
  }

 private:
  static bool wanted(const OfferedMedia& section) { return section.usable && section.receives; }

  bool has(media::Kind kind) const {
    return std::any_of(result_.tracks.begin(), result_.tracks.end(),
                       [&](auto& t) { return media::kind_of(t.codec.codec) == kind; });
  }

  const AvailableTrack* available(media::Kind kind) const {
    for (const AvailableTrack& t : stream_.tracks)
      if (media::kind_of(t.codec) == kind) return &t;
    return nullptr;
  }

  static NegotiateError no_common_codec(const OfferedMedia& section, const AvailableTrack& track) {
    return {NegotiateErrorKind::kNoCommonCodec,
            fmt::format("This stream's {0} is {1}{2}, and the offer's {0} has only {3}.", media::name_of(*section.kind),
                        encoding_name(track.codec),
                        track.codec == media::Codec::kH264
                            ? fmt::format(" (packetization-mode {})",
                                          packetization_mode(FormatParameters(track.fmtp)).value_or(0))
                            : "",
                        names_of(section.codecs))};
  }

  Result<void, NegotiateError> answer(const OfferedMedia& section) {
    const OfferedCodec* codec = nullptr;
    size_t index = 0;
    if (wanted(section) && !has(*section.kind))
      for (; index < stream_.tracks.size(); ++index)
        if (media::kind_of(stream_.tracks[index].codec) == *section.kind &&
            (codec = nearest(stream_.tracks[index], section.codecs)))
          break;
    if (!codec) {
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
    add_track(section, *codec, index);
    return {};
  }

  void add_track(const OfferedMedia& section, const OfferedCodec& offered, size_t index) {
    const AvailableTrack& available = stream_.tracks[index];
    SubscribeTrack track;
    track.mid = section.mid;
    track.track = index;
    track.extensions = agree_extensions(section, offered, Direction::kSend, kSubscribeExtensions);
    for (const SubscribeTrack& earlier : result_.tracks) leave_out_taken_ids(earlier.extensions, track.extensions);
    track.codec = agree_codec(available.codec, offered, track.extensions);
    track.codec.fmtp = answer_fmtp(available, offered);
    if (!available.rtx_ssrc) track.codec.rtx_payload_type.reset();
    track.sends_rtx = track.codec.rtx_payload_type.has_value();
    Attributes& a = answer_.accept(section, track.codec, track.extensions).attributes;
    std::string msid = fmt::format("{} {}", stream_.msid, media::name_of(media::kind_of(available.codec)));
    a.add("msid", msid);
    uint32_t ssrc = available.ssrc.value();
    if (track.sends_rtx) a.add("ssrc-group", fmt::format("FID {} {}", ssrc, available.rtx_ssrc->value()));
    announce_source(a, ssrc, msid);
    if (track.sends_rtx) announce_source(a, available.rtx_ssrc->value(), msid);
    result_.tracks.push_back(std::move(track));
  }

  // RFC 9143, "RTP Header Extensions Consideration": within a BUNDLE group an id stands for one extension. aiortc
  // offers id 2 as one for sound and another for the picture, and its transport ends at a packet that has the other.
  static void leave_out_taken_ids(const rtp::ExtensionMap& taken, rtp::ExtensionMap& extensions) {
    for (rtp::ExtensionType type : kSubscribeExtensions)
      if (auto first = taken.type_of(extensions.id_of(type)); first && first != type) extensions.set(type, 0);
  }

  void announce_source(Attributes& a, uint32_t ssrc, std::string_view msid) const {
    a.add("ssrc", fmt::format("{} cname:{}", ssrc, stream_.cname));
    a.add("ssrc", fmt::format("{} msid:{}", ssrc, msid));
  }

  const Offer& offer_;
  const AvailableStream& stream_;
  Answer answer_;
  SubscribeAnswer result_;
};

}  // namespace

Result<SubscribeAnswer, NegotiateError> negotiate_subscribe(std::string_view offer_text, const LocalParameters& local,
                                                            const AvailableStream& stream) {
  auto offer = Offer::parse(offer_text);
  if (!offer) return unexpected(offer.error());
  return Subscriber(*offer, local, stream).run();
}

}  // namespace footlight::sdp
