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
  PublishAnswer a = publish(test_offer("chromium_publish_h264"));
  ASSERT_EQ(a.tracks.size(), 2u);
  const PublishTrack& audio = a.tracks[0];
  EXPECT_EQ(audio.mid, "0");
  EXPECT_EQ(audio.codec.codec, media::Codec::kOpus);
  EXPECT_EQ(audio.codec.payload_type, PayloadType(111));
  EXPECT_EQ(audio.codec.channels, 2);
  EXPECT_EQ(audio.codec.fmtp, "minptime=10;useinbandfec=1;stereo=1");
  EXPECT_TRUE(audio.codec.feedback.transport_cc);
  EXPECT_FALSE(audio.codec.feedback.nack);
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
  EXPECT_EQ(video.sources[0].media, Ssrc(1601478990));
  EXPECT_EQ(video.sources[0].rtx, Ssrc(888057473));
  EXPECT_TRUE(video.extensions.has(ExtensionType::kTransportSequence));
  EXPECT_TRUE(video.extensions.has(ExtensionType::kMid));
  EXPECT_FALSE(video.extensions.has(ExtensionType::kVideoOrientation)) << "the sender turns the picture itself";
  EXPECT_EQ(a.remote.fingerprints.at(0).algorithm, "sha-256");
  EXPECT_FALSE(a.remote.ice_ufrag.empty());
}

TEST(NegotiatePublish, the_answer_is_this_text) {
  PublishAnswer a = publish(test_offer("obs"));
  EXPECT_EQ(replaced(a.answer, "\r\n", "\n"), R"(v=0
o=- 1234567890 1 IN IP4 127.0.0.1
s=-
t=0 0
a=ice-lite
a=group:BUNDLE 0 1
a=msid-semantic:WMS *
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=ice-ufrag:Lufr
a=ice-pwd:LocalPasswordOf24Chars+/
a=ice-options:trickle
a=fingerprint:sha-256 AB:CD:EF
a=setup:passive
a=mid:0
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1
a=candidate:1 1 udp 2130706431 127.0.0.1 7000 typ host
a=candidate:2 1 udp 2130706175 192.0.2.7 7000 typ host
a=end-of-candidates
a=recvonly
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=ice-ufrag:Lufr
a=ice-pwd:LocalPasswordOf24Chars+/
a=ice-options:trickle
a=fingerprint:sha-256 AB:CD:EF
a=setup:passive
a=mid:1
a=rtcp-mux
a=rtpmap:96 H264/90000
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=fmtp:96 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1
a=recvonly
)");
  EXPECT_EQ(a.remote.fingerprints.at(0).value.substr(0, 5), "8A:2C") << "upper case, whatever the offer wrote";
}

TEST(NegotiatePublish, the_offers_order_decides_between_codecs) {
  EXPECT_EQ(publish(test_offer("chromium_publish_vp8")).tracks[1].codec.codec, media::Codec::kVp8);
  std::string mode_0_first = replaced(test_offer("chromium_publish_h264"), "SAVPF 102 103 104", "SAVPF 104 103 102");
  EXPECT_EQ(publish(mode_0_first).tracks[1].codec.payload_type, PayloadType(102)) << "mode 1 is preferred";
  std::string only_mode_0 = replaced(test_offer("obs"), "packetization-mode=1;", "");
  EXPECT_EQ(publish(only_mode_0).tracks[1].codec.codec, media::Codec::kH264);
}

TEST(NegotiatePublish, one_simulcast_layer_is_taken_and_the_rest_is_told) {
  PublishAnswer a = publish(test_offer("chromium_publish_simulcast"));
  const PublishTrack& video = a.tracks.at(1);
  EXPECT_EQ(video.rids, (std::vector<std::string>{"q", "h", "f"}));
  EXPECT_EQ(video.rid, "f");
  EXPECT_TRUE(video.sources.empty()) << "Chromium's simulcast names no SSRC";
  EXPECT_TRUE(video.extensions.has(ExtensionType::kRid));
  EXPECT_TRUE(video.extensions.has(ExtensionType::kRepairedRid));
  EXPECT_NE(a.answer.find("a=rid:f recv\r\na=simulcast:recv f\r\n"), std::string::npos);
  EXPECT_EQ(a.answer.find("a=rid:q"), std::string::npos);
}

TEST(NegotiatePublish, firefox_with_rids_and_ssrcs_and_mdns_candidates) {
  PublishAnswer a = publish(test_offer("firefox_publish"));
  const PublishTrack& video = a.tracks.at(1);
  EXPECT_EQ(video.codec.codec, media::Codec::kVp8);
  EXPECT_EQ(video.codec.rtx_payload_type, PayloadType(124));
  EXPECT_EQ(video.rid, "hi");
  ASSERT_EQ(video.sources.size(), 2u);
  EXPECT_EQ(video.sources[1].rtx, Ssrc(3990125410));
  EXPECT_EQ(a.remote.fingerprints.size(), 1u) << "from session level";
  EXPECT_EQ(a.answer.find(".local"), std::string::npos);
}

TEST(NegotiatePublish, gstreamer_audio_without_bundle_works) {
  PublishAnswer a = publish(test_offer("gstreamer_audio"));
  ASSERT_EQ(a.tracks.size(), 1u);
  EXPECT_EQ(a.answer.find("BUNDLE"), std::string::npos);
  EXPECT_NE(a.answer.find("a=mid:audio0"), std::string::npos);
  EXPECT_NE(a.answer.find("a=rtpmap:96 opus/48000/2"), std::string::npos);
}

TEST(NegotiatePublish, several_transports_are_refused_with_the_mend) {
  NegotiateError e = refusal(test_offer("gstreamer_unbundled"));
  EXPECT_EQ(e.kind, NegotiateErrorKind::kUnsupported);
  EXPECT_EQ(e.http_status(), 422);
  EXPECT_NE(e.sentence.find("max-bundle"), std::string::npos);
}

TEST(NegotiatePublish, rejected_sections_have_port_0_and_stay_out_of_the_bundle) {
  std::string offer = replaced(test_offer("obs"), "BUNDLE 0 1", "BUNDLE 0 1 2");
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
  std::string without = replaced(test_offer("chromium_publish_h264"), "a=rtcp-fb:102 transport-cc\n", "");
  const PublishTrack video = publish(without).tracks[1];
  EXPECT_FALSE(video.codec.feedback.transport_cc);
  EXPECT_FALSE(video.extensions.has(ExtensionType::kTransportSequence));
  std::string no_extension = replaced(test_offer("chromium_publish_h264"), "transport-wide-cc-extensions-01", "other");
  EXPECT_FALSE(publish(no_extension).tracks[1].codec.feedback.transport_cc);
}

TEST(NegotiatePublish, offers_that_cannot_be_taken_are_refused_with_their_status) {
  std::string obs = test_offer("obs");
  NegotiateError e = refusal(replaced(obs, "H264/90000", "H265/90000"));
  EXPECT_EQ(e.http_status(), 422);
  EXPECT_EQ(e.sentence,
            "The offer's video has no codec that can be taken: H.264 or VP8 is needed, and it offers H265.");
  EXPECT_EQ(refusal(replaced(obs, "opus/48000/2", "PCMU/8000")).kind, NegotiateErrorKind::kNoUsableCodec);
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
  std::string text = test_offer("firefox_publish");
  for (size_t n = 0; n < text.size(); n += 7) {
    auto a = negotiate_publish(std::string_view(text).substr(0, n), test_local());
    if (!a) EXPECT_TRUE(a.error().sentence.ends_with('.')) << a.error().sentence;
  }
}

}  // namespace
}  // namespace footlight::sdp
