#include "sdp/session_description.h"
#include "sdp/test_offer.h"

namespace footlight::sdp {
namespace {

using rtp::ExtensionType;
using rtp::PayloadType;
using rtp::Ssrc;

PublishAnswer publish(const std::string& offer) {
  auto answer = negotiate_publish(offer, test_local());
  EXPECT_TRUE(answer) << answer.error().sentence;
  return answer ? *answer : PublishAnswer{};
}
NegotiateError refusal(const std::string& offer) {
  auto answer = negotiate_publish(offer, test_local());
  EXPECT_FALSE(answer);
  return answer ? NegotiateError{} : answer.error();
}

TEST(NegotiatePublish, chromium_h264_offer_is_answered_in_full) {
  PublishAnswer a = publish(test_offer("chromium-h264.publish"));
  ASSERT_EQ(a.tracks.size(), 2u);
  const PublishTrack& audio = a.tracks[0];
  EXPECT_EQ(audio.mid, "0");
  EXPECT_EQ(audio.codec.codec, media::Codec::kOpus);
  EXPECT_EQ(audio.codec.payload_type, PayloadType(111));
  EXPECT_EQ(audio.codec.channels, 2);
  EXPECT_EQ(audio.codec.fmtp, "minptime=10;useinbandfec=1;stereo=1");
  EXPECT_TRUE(audio.codec.feedback.transport_cc);
  EXPECT_FALSE(audio.codec.feedback.nack);
  EXPECT_TRUE(audio.extensions.has(ExtensionType::kAudioLevel));
  ASSERT_EQ(audio.sources.size(), 1u);
  EXPECT_FALSE(audio.sources[0].rtx);
  const PublishTrack& video = a.tracks[1];
  EXPECT_EQ(video.kind, media::Kind::kVideo);
  EXPECT_EQ(video.codec.codec, media::Codec::kH264);
  EXPECT_EQ(video.codec.payload_type, PayloadType(102));
  EXPECT_EQ(video.codec.rtx_payload_type, PayloadType(103));
  EXPECT_EQ(video.codec.clock_rate, 90000);
  EXPECT_EQ(video.codec.feedback, (Feedback{true, true, true, true}));
  ASSERT_EQ(video.sources.size(), 1u);
  EXPECT_TRUE(video.sources[0].rtx);
  for (ExtensionType type : {ExtensionType::kMid, ExtensionType::kTransportSequence, ExtensionType::kAbsSendTime,
                             ExtensionType::kVideoOrientation, ExtensionType::kPlayoutDelay})
    EXPECT_TRUE(video.extensions.has(type)) << rtp::uri_of(type);
  EXPECT_TRUE(video.extensions.allows_two_byte());
  EXPECT_EQ(a.answer.find("goog-remb"), std::string::npos);
  EXPECT_EQ(a.remote.fingerprints.at(0).algorithm, "sha-256");
  EXPECT_FALSE(a.remote.ice_ufrag.empty());
}

TEST(NegotiatePublish, the_offers_order_decides_between_codecs) {
  EXPECT_EQ(publish(test_offer("chromium-all.publish")).tracks[1].codec.codec, media::Codec::kVp8);
  EXPECT_EQ(publish(test_offer("chromium-vp9-svc.publish")).tracks[1].codec.codec, media::Codec::kVp9);
  EXPECT_EQ(publish(test_offer("chromium-av1-svc.publish")).tracks[1].codec.codec, media::Codec::kAv1);
  EXPECT_EQ(publish(test_offer("firefox-av1.publish")).tracks[1].codec.codec, media::Codec::kAv1);
  std::string mode_0_first = replaced(test_offer("chromium-h264.publish"), "SAVPF 102 103 104", "SAVPF 104 103 102");
  EXPECT_EQ(publish(mode_0_first).tracks[1].codec.payload_type, PayloadType(102)) << "mode 1 is preferred";
  PublishAnswer only_mode_0 = publish(test_offer("chromium-h264-mode0.publish"));
  EXPECT_EQ(only_mode_0.tracks[1].codec.payload_type, PayloadType(104));
}

TEST(NegotiatePublish, profiles_beyond_eight_bits_are_passed_over_and_levels_never_count) {
  std::string vp9 = test_offer("chromium-vp9-svc.publish");
  EXPECT_EQ(publish(replaced(vp9, "profile-id=0", "profile-id=2")).tracks.size(), 1u) << "the audio alone";
  EXPECT_EQ(publish(replaced(vp9, "SAVPF 98 99 100", "SAVPF 100 99 98")).tracks[1].codec.payload_type, PayloadType(98));
  std::string high = replaced(test_offer("obs.publish"), "profile-level-id=42e01f", "profile-level-id=64003e");
  EXPECT_EQ(publish(high).tracks[1].codec.codec, media::Codec::kH264) << "High at level 6.2";
  std::string av1 = test_offer("chromium-av1-svc.publish");
  EXPECT_EQ(publish(replaced(av1, "level-idx=5;profile=0", "level-idx=23;profile=0")).tracks.size(), 2u);
}

TEST(NegotiatePublish, every_simulcast_layer_of_chromium_is_taken) {
  PublishAnswer a = publish(test_offer("chromium-simulcast-vp8.publish"));
  const PublishTrack& video = a.tracks.at(1);
  EXPECT_EQ(video.rids, (std::vector<std::string>{"l", "m", "h"}));
  EXPECT_TRUE(video.sources.empty()) << "Chromium's simulcast names no SSRC";
  EXPECT_TRUE(video.extensions.has(ExtensionType::kRid));
  EXPECT_TRUE(video.extensions.has(ExtensionType::kRepairedRid));
  EXPECT_FALSE(video.extensions.has(ExtensionType::kDependencyDescriptor)) << "it would cost VP8 its picture ids";
  EXPECT_NE(a.answer.find("a=rid:l recv\r\na=rid:m recv\r\na=rid:h recv\r\na=simulcast:recv l;m;h\r\n"),
            std::string::npos);
}

TEST(NegotiatePublish, firefox_simulcast_has_rids_ssrcs_and_extensions_with_a_direction) {
  PublishAnswer a = publish(test_offer("firefox-simulcast-vp8.publish"));
  const PublishTrack& video = a.tracks.at(1);
  EXPECT_EQ(video.codec.codec, media::Codec::kVp8);
  EXPECT_EQ(video.codec.rtx_payload_type, PayloadType(124));
  EXPECT_EQ(video.rids, (std::vector<std::string>{"l", "m", "h"}));
  ASSERT_EQ(video.sources.size(), 3u);
  EXPECT_EQ(video.sources[2].rtx, Ssrc(1030497643));
  EXPECT_EQ(a.remote.fingerprints.size(), 1u) << "from session level";
  EXPECT_NE(a.answer.find("a=extmap:9/recvonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"), std::string::npos);
  EXPECT_FALSE(video.extensions.has(ExtensionType::kPlayoutDelay)) << "Firefox only receives it";
}

TEST(NegotiatePublish, obs_simulcast_has_rids_and_a_sim_group) {
  const PublishTrack video = publish(test_offer("obs-simulcast.publish")).tracks.at(1);
  EXPECT_EQ(video.rids, (std::vector<std::string>{"0", "1", "2"}));
  ASSERT_EQ(video.sources.size(), 3u);
  EXPECT_EQ(video.sources[1].media, Ssrc(1325476293));
  EXPECT_FALSE(video.sources[1].rtx);
}

std::vector<std::string> rids_of(std::string_view simulcast, std::string_view rids = "a b c d") {
  std::string lines;
  for (std::string_view rest = rids; !rest.empty();) {
    size_t end = std::min(rest.find(' '), rest.size());
    lines += "a=rid:" + std::string(rest.substr(0, end)) + " send\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  std::string offer =
      replaced(test_offer("chromium-simulcast-vp8.publish"), "a=rid:l send\na=rid:m send\na=rid:h send\n", lines);
  return publish(replaced(offer, "a=simulcast:send l;m;h", simulcast)).tracks.at(1).rids;
}

TEST(NegotiatePublish, simulcast_lines_of_every_form_are_read) {
  using Rids = std::vector<std::string>;
  EXPECT_EQ(rids_of("a=simulcast:send a;b"), (Rids{"a", "b"}));
  EXPECT_EQ(rids_of("a=simulcast:recv x;y send b;a"), (Rids{"b", "a"})) << "its order, behind what we would send";
  EXPECT_EQ(rids_of("a=simulcast:send a;~b;c"), (Rids{"a", "b", "c"})) << "paused at first";
  EXPECT_EQ(rids_of("a=simulcast:send a,b;c,d"), (Rids{"a", "c"})) << "the first alternative";
  EXPECT_EQ(rids_of("a=simulcast:send z,b;~y,c"), (Rids{"b", "c"})) << "the first declared one";
  EXPECT_EQ(rids_of("a=simulcast:send a;a;b"), (Rids{"a", "b"}));
  EXPECT_EQ(rids_of("a=simulcast:send a;b;c;d"), (Rids{"a", "b", "c"})) << "three at most";
  EXPECT_EQ(rids_of("a=simulcast:recv a;b"), Rids{"a"}) << "nothing is sent as simulcast";
  EXPECT_EQ(rids_of("a=x", "a"), Rids{"a"}) << "a RID without simulcast names one stream";
}

TEST(NegotiatePublish, a_layer_that_is_bound_to_another_codec_is_left_out) {
  std::string offer = replaced(test_offer("chromium-simulcast-all.publish"), "a=rid:m send", "a=rid:m send pt=102,45");
  const PublishTrack video = publish(offer).tracks.at(1);
  EXPECT_EQ(video.codec.payload_type, PayloadType(96));
  EXPECT_EQ(video.rids, (std::vector<std::string>{"l", "h"}));
}

TEST(NegotiatePublish, red_stands_before_the_opus_that_it_repeats) {
  PublishAnswer a = publish(test_offer("chromium-h264.publish"));
  EXPECT_EQ(a.tracks[0].codec.payload_type, PayloadType(111));
  EXPECT_EQ(a.tracks[0].codec.red_payload_type, PayloadType(63));
  EXPECT_NE(a.answer.find("m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n"), std::string::npos)
      << "the order is what makes a sender use it";
  EXPECT_NE(a.answer.find("a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n"), std::string::npos);
  auto red_of = [](const char* fmtp) {
    std::string offer = replaced(test_offer("chromium-h264.publish"), "a=fmtp:63 111/111", fmtp);
    return publish(offer).tracks[0].codec.red_payload_type;
  };
  EXPECT_EQ(red_of("a=fmtp:63 111/111/111"), PayloadType(63));
  EXPECT_FALSE(red_of("a=fmtp:63 111/0")) << "repeats as another codec";
  EXPECT_FALSE(red_of("a=fmtp:63 111")) << "repeats nothing";
  EXPECT_FALSE(red_of("a=x"));
  EXPECT_FALSE(publish(test_offer("chromium-all.publish")).tracks[1].codec.red_payload_type) << "video's is not taken";
}

TEST(NegotiatePublish, dependency_descriptors_are_taken_with_av1_only) {
  const PublishTrack av1 = publish(test_offer("chromium-av1-svc.publish")).tracks[1];
  EXPECT_EQ(av1.extensions.id_of(ExtensionType::kDependencyDescriptor), 12);
  const PublishTrack vp9 = publish(test_offer("chromium-vp9-svc.publish")).tracks[1];
  EXPECT_FALSE(vp9.extensions.has(ExtensionType::kDependencyDescriptor));
}

TEST(NegotiatePublish, one_id_for_two_extensions_of_bundled_sections_stays_apart) {
  PublishAnswer a = publish(test_offer("aiortc-vp8.publish"));
  EXPECT_EQ(a.tracks[0].extensions.type_of(2), ExtensionType::kAudioLevel);
  EXPECT_EQ(a.tracks[1].extensions.type_of(2), ExtensionType::kAbsSendTime);
  EXPECT_FALSE(a.tracks[0].extensions.allows_two_byte());
}

TEST(NegotiatePublish, gstreamer_bundle_only_sections_of_port_0_are_taken) {
  PublishAnswer a = publish(test_offer("gstreamer-h264.publish"));
  ASSERT_EQ(a.tracks.size(), 2u);
  EXPECT_FALSE(a.tracks[1].codec.feedback.nack);
  EXPECT_TRUE(a.tracks[1].codec.feedback.nack_pli);
  EXPECT_EQ(a.tracks[1].codec.fmtp.find("sprop"), std::string::npos) << "they describe what the offerer sends";
}

TEST(NegotiatePublish, gstreamer_audio_without_bundle_works) {
  PublishAnswer a = publish(test_offer("gstreamer-audio-nobundle.publish"));
  ASSERT_EQ(a.tracks.size(), 1u);
  EXPECT_EQ(a.answer.find("BUNDLE"), std::string::npos);
  EXPECT_NE(a.answer.find("a=mid:audio0"), std::string::npos);
  EXPECT_NE(a.answer.find("a=rtpmap:111 opus/48000/2"), std::string::npos);
}

TEST(NegotiatePublish, several_transports_are_refused_with_the_mend) {
  NegotiateError e = refusal(test_offer("gstreamer-unbundled.publish"));
  EXPECT_EQ(e.kind, NegotiateErrorKind::kUnsupported);
  EXPECT_EQ(e.http_status(), 422);
  EXPECT_NE(e.sentence.find("max-bundle"), std::string::npos);
}

TEST(NegotiatePublish, rejected_sections_have_port_0_and_stay_out_of_the_bundle) {
  std::string offer = replaced(test_offer("obs.publish"), "BUNDLE 0 1", "BUNDLE 0 1 2");
  offer += "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:2\r\na=sctp-port:5000\r\n";
  PublishAnswer a = publish(offer);
  EXPECT_EQ(a.tracks.size(), 2u);
  EXPECT_NE(a.answer.find("a=group:BUNDLE 0 1\r\n"), std::string::npos);
  auto d = SessionDescription::parse(a.answer);
  ASSERT_TRUE(d);
  ASSERT_EQ(d->media.size(), 3u);
  EXPECT_EQ(d->media[2].port, 0);
  EXPECT_EQ(d->media[2].formats.front(), "webrtc-datachannel");
}

TEST(NegotiatePublish, transport_cc_needs_both_its_feedback_and_its_extension) {
  std::string without = replaced(test_offer("chromium-h264.publish"), "a=rtcp-fb:102 transport-cc\n", "");
  const PublishTrack video = publish(without).tracks[1];
  EXPECT_FALSE(video.codec.feedback.transport_cc);
  EXPECT_FALSE(video.extensions.has(ExtensionType::kTransportSequence));
  std::string no_extension = replaced(test_offer("chromium-h264.publish"), "transport-wide-cc-extensions-01", "other");
  EXPECT_FALSE(publish(no_extension).tracks[1].codec.feedback.transport_cc);
}

TEST(NegotiatePublish, a_kind_without_usable_codec_is_rejected_alone) {
  PublishAnswer a = publish(replaced(test_offer("obs.publish"), "H264/90000", "H265/90000"));
  ASSERT_EQ(a.tracks.size(), 1u);
  EXPECT_EQ(a.tracks[0].kind, media::Kind::kAudio);
  EXPECT_NE(a.answer.find("m=video 0 "), std::string::npos);
  EXPECT_NE(a.answer.find("a=group:BUNDLE 0\r\n"), std::string::npos);
  PublishAnswer b = publish(replaced(test_offer("obs.publish"), "opus/48000/2", "PCMU/8000"));
  ASSERT_EQ(b.tracks.size(), 1u);
  EXPECT_EQ(b.tracks[0].mid, "1");
  EXPECT_FALSE(b.remote.ice_ufrag.empty()) << "the transport is then the video's";
}

TEST(NegotiatePublish, offers_that_cannot_be_taken_are_refused_with_their_status) {
  std::string obs = test_offer("obs.publish");
  NegotiateError e = refusal(replaced(replaced(obs, "opus/48000/2", "PCMU/8000"), "H264/90000", "H265/90000"));
  EXPECT_EQ(e.http_status(), 422);
  EXPECT_EQ(e.sentence, "The offer's audio has no codec that can be taken: Opus is needed, and it offers PCMU.");
  EXPECT_EQ(refusal(replaced(obs, "a=sendonly", "a=recvonly")).kind, NegotiateErrorKind::kNoUsableCodec);
  EXPECT_EQ(refusal("").http_status(), 400);
  EXPECT_EQ(refusal("v=0\r\n").sentence, "The offer has no media section (m= line).");
  EXPECT_EQ(refusal(replaced(obs, "a=ice-pwd:M3gO3Zk8wM2zBjnSfr6JYH\n", "")).http_status(), 400);
  EXPECT_EQ(refusal(replaced(obs, "a=ice-ufrag:qS3m", "a=ice-ufrag:q!3m")).http_status(), 400);
  EXPECT_EQ(refusal(replaced(obs, "a=fingerprint:sha-256 8a", "a=fingerprint:sha-256 zz")).http_status(), 400);
  EXPECT_EQ(refusal(replaced(obs, "a=fingerprint", "a=xfingerprint")).http_status(), 400);
  EXPECT_EQ(refusal(replaced(obs, "a=setup:actpass", "a=setup:passive")).http_status(), 422);
  EXPECT_EQ(refusal(replaced(obs, "a=rtcp-mux", "a=x")).http_status(), 422);
  EXPECT_EQ(refusal(replaced(obs, "a=mid:1", "a=mid:0")).http_status(), 400);
  EXPECT_EQ(refusal(replaced(obs, "a=mid:1", "a=mid:" + std::string(65, 'm'))).http_status(), 400);
}

TEST(NegotiatePublish, truncation_at_every_length_is_answered_or_refused) {
  std::string text = test_offer("firefox-simulcast-vp8.publish");
  for (size_t n = 0; n < text.size(); n += 7) {
    auto a = negotiate_publish(std::string_view(text).substr(0, n), test_local());
    if (!a) EXPECT_TRUE(a.error().sentence.ends_with('.')) << a.error().sentence;
  }
}

}  // namespace
}  // namespace footlight::sdp
