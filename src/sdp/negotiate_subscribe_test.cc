#include "sdp/answer.h"
#include "sdp/session_description.h"
#include "sdp/test_offer.h"

namespace footlight::sdp {
namespace {

using rtp::ExtensionType;
using rtp::PayloadType;
using rtp::Ssrc;

AvailableStream programme(const std::string& fmtp = "profile-level-id=4d401f;packetization-mode=1") {
  return {
      {{media::Codec::kH264, 90000, 0, fmtp, Ssrc(11), Ssrc(12)}, {media::Codec::kOpus, 48000, 2, "", Ssrc(13), {}}},
      "footlight",
      "programme"};
}
Result<SubscribeAnswer, NegotiateError> subscribe(const std::string& offer, const AvailableStream& stream) {
  return negotiate_subscribe(offer, test_local(), stream);
}

TEST(NegotiateSubscribe, chromium_is_sent_the_programme) {
  auto a = subscribe(test_offer("chromium.receive"), programme());
  ASSERT_TRUE(a) << a.error().sentence;
  ASSERT_EQ(a->tracks.size(), 2u);
  const SubscribeTrack& video = a->tracks[1];
  EXPECT_EQ(video.mid, "1");
  EXPECT_EQ(video.track, 0u);
  EXPECT_EQ(video.codec.fmtp, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f")
      << "the Main entry";
  EXPECT_TRUE(video.sends_rtx);
  EXPECT_TRUE(video.codec.rtx_payload_type);
  EXPECT_TRUE(video.extensions.has(ExtensionType::kMid));
  EXPECT_TRUE(video.extensions.has(ExtensionType::kTransportSequence));
  EXPECT_TRUE(video.extensions.has(ExtensionType::kAbsSendTime));
  EXPECT_TRUE(video.extensions.has(ExtensionType::kPlayoutDelay));
  EXPECT_FALSE(video.extensions.has(ExtensionType::kRid));
  const SubscribeTrack& audio = a->tracks[0];
  EXPECT_EQ(audio.track, 1u);
  EXPECT_FALSE(audio.sends_rtx);
  EXPECT_EQ(audio.codec.fmtp, "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1");
  EXPECT_EQ(audio.codec.red_payload_type, PayloadType(63));
  EXPECT_TRUE(audio.extensions.has(ExtensionType::kAudioLevel));
  EXPECT_TRUE(video.extensions.has(ExtensionType::kVideoOrientation));
  for (auto line :
       {"a=sendonly\r\n", "a=ssrc-group:FID 11 12\r\n", "a=ssrc:11 cname:footlight\r\n",
        "a=ssrc:12 msid:programme video\r\n", "a=ssrc:13 cname:footlight\r\n", "a=msid:programme audio\r\n"})
    EXPECT_NE(a->answer.find(line), std::string::npos) << line;
}

TEST(NegotiateSubscribe, a_higher_profile_or_level_is_sent_to_the_nearest_entry) {
  auto a = subscribe(test_offer("chromium.receive"), programme("profile-level-id=640034;packetization-mode=1"));
  ASSERT_TRUE(a) << a.error().sentence;
  EXPECT_NE(a->tracks[1].codec.fmtp.find("profile-level-id=f4001f"), std::string::npos) << "it decodes High, too";
  std::string main_at_most = replaced(test_offer("chromium.receive"), "f4001f", "42e01f");
  auto b = subscribe(main_at_most, programme("profile-level-id=640034;packetization-mode=1"));
  ASSERT_TRUE(b);
  EXPECT_NE(b->tracks[1].codec.fmtp.find("profile-level-id=4d001f"), std::string::npos) << b->tracks[1].codec.fmtp;
}

TEST(NegotiateSubscribe, packetization_mode_1_is_never_sent_to_a_mode_0_receiver) {
  std::string offer = replaced(test_offer("chromium.receive"), "packetization-mode=1", "packetization-mode=0");
  auto refused = subscribe(offer, programme());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().http_status(), 406);
  EXPECT_TRUE(refused.error().sentence.starts_with(
      "This stream's video is H264 (packetization-mode 1), and the offer's video has only VP8"))
      << refused.error().sentence;
  EXPECT_TRUE(subscribe(offer, programme("profile-level-id=42e01f"))) << "mode 0 to mode 0";
  std::string only_1 = replaced(test_offer("chromium.receive"), "packetization-mode=0", "packetization-mode=1");
  EXPECT_TRUE(subscribe(only_1, programme("profile-level-id=42e01f"))) << "a mode 1 receiver takes mode 0";
}

TEST(NegotiateSubscribe, a_viewer_without_the_codec_hears_why) {
  std::string no_h264 = replaced(test_offer("chromium.receive"), "H264/90000", "H263/90000");
  auto a = subscribe(no_h264, programme());
  ASSERT_FALSE(a);
  EXPECT_EQ(a.error().kind, NegotiateErrorKind::kNoCommonCodec);
  AvailableStream vp8 = programme();
  vp8.tracks[0] = {media::Codec::kVp8, 90000, 0, "", Ssrc(11), {}};
  auto b = subscribe(no_h264, vp8);
  ASSERT_TRUE(b);
  EXPECT_FALSE(b->tracks[1].sends_rtx);
  EXPECT_EQ(b->answer.find("rtx/90000"), std::string::npos);
}

TEST(NegotiateSubscribe, vp9_goes_to_its_profile_and_av1_to_its_own_or_a_higher_one) {
  AvailableStream stream = programme();
  stream.tracks[0] = {media::Codec::kVp9, 90000, 0, "profile-id=2", Ssrc(11), {}};
  auto vp9 = subscribe(test_offer("chromium.receive"), stream);
  ASSERT_TRUE(vp9);
  EXPECT_EQ(vp9->tracks[1].codec.payload_type, PayloadType(100));
  EXPECT_FALSE(subscribe(test_offer("firefox.receive"), stream)) << "its VP9 has no profile-id: 0";
  stream.tracks[0] = {media::Codec::kAv1, 90000, 0, "level-idx=19;profile=0;tier=0", Ssrc(11), {}};
  auto av1 = subscribe(test_offer("chromium.receive"), stream);
  ASSERT_TRUE(av1);
  EXPECT_EQ(av1->tracks[1].codec.payload_type, PayloadType(45)) << "profile 0 before 1, whatever the level";
  std::string only_high = replaced(test_offer("chromium.receive"), "profile=0", "profile=1");
  EXPECT_TRUE(subscribe(only_high, stream));
  stream.tracks[0].fmtp = "profile=2";
  EXPECT_FALSE(subscribe(test_offer("chromium.receive"), stream));
}

TEST(NegotiateSubscribe, extensions_that_a_viewer_only_sends_are_not_written) {
  std::string offer = replaced(test_offer("chromium.receive"), "a=extmap:5 ", "a=extmap:5/sendonly ");
  offer = replaced(offer, "a=extmap:13 ", "a=extmap:13/recvonly ");
  auto a = subscribe(offer, programme());
  ASSERT_TRUE(a);
  EXPECT_FALSE(a->tracks[1].extensions.has(ExtensionType::kPlayoutDelay));
  EXPECT_TRUE(a->tracks[1].extensions.has(ExtensionType::kVideoOrientation));
  EXPECT_NE(a->answer.find("a=extmap:13/sendonly urn:3gpp:video-orientation\r\n"), std::string::npos);
}

TEST(NegotiateSubscribe, an_id_that_stands_for_two_extensions_is_given_to_the_first) {
  AvailableStream stream = programme();
  stream.tracks[0].codec = media::Codec::kVp8;
  auto a = subscribe(test_offer("aiortc-vp8.receive"), stream);
  ASSERT_TRUE(a) << a.error().sentence;
  const auto& sound = a->tracks[0].extensions;
  const auto& picture = a->tracks[1].extensions;
  EXPECT_EQ(sound.id_of(ExtensionType::kAudioLevel), 2);
  EXPECT_FALSE(picture.has(ExtensionType::kAbsSendTime)) << "offered with id 2, which sound has";
  EXPECT_EQ(picture.id_of(ExtensionType::kMid), sound.id_of(ExtensionType::kMid));
}

TEST(NegotiateSubscribe, tcp_candidates_stand_behind_those_of_udp) {
  LocalParameters local = test_local();
  local.candidates.push_back({"192.0.2.7", 7000, true});
  std::vector<std::string> values = candidate_values(local);
  ASSERT_EQ(values.size(), 3u);
  EXPECT_EQ(values[2], "3 1 tcp 1520434687 192.0.2.7 7000 typ host tcptype passive");
}

TEST(NegotiateSubscribe, what_the_stream_or_the_viewer_lacks_is_left_out) {
  AvailableStream silent = programme();
  silent.tracks.pop_back();
  auto a = subscribe(test_offer("chromium.receive"), silent);
  ASSERT_TRUE(a);
  EXPECT_EQ(a->tracks.size(), 1u);
  EXPECT_NE(a->answer.find("a=group:BUNDLE 1\r\n"), std::string::npos);
  EXPECT_NE(a->answer.find("m=audio 0 "), std::string::npos);
  auto none = subscribe(test_offer("obs.publish"), programme());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().http_status(), 406) << "a publisher's offer receives nothing";
  EXPECT_EQ(subscribe("v=1", programme()).error().http_status(), 400);
}

}  // namespace
}  // namespace footlight::sdp
