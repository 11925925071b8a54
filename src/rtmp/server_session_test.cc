#include "rtmp/server_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "rtmp/testing_server.h"

namespace footlight::rtmp {
namespace {

using testing::HasSubstr;
using Fixture = TestServer;

std::vector<uint8_t> captured(const char* name) {
  std::ifstream file(std::string(FOOTLIGHT_TESTDATA "/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(RtmpServer, a_session_captured_from_ffmpeg_becomes_frames) {
  auto bytes = captured("ffmpeg_h264_aac.bin");
  for (size_t step : {1UL, 100UL, 4096UL}) {
    Fixture f;
    f.feed(bytes, step);
    EXPECT_EQ(f.key, "secret-key");
    EXPECT_EQ(f.encoder, "Lavf59.27.100");
    EXPECT_EQ(f.video_configs, 1);
    EXPECT_EQ(f.audio, (codec::AudioSpecificConfig{2, 48000, 2, 1024}));
    ASSERT_EQ(f.pictures.size(), 25U);
    EXPECT_TRUE(f.pictures[0].key);
    EXPECT_TRUE(f.first_picture.starts_with("0000000167")) << "parameter sets stand in front of an IDR";
    for (size_t i = 0; i < 25; ++i) {
      EXPECT_EQ(f.pictures[i].decode, f.pictures[i].present);
      EXPECT_EQ(f.pictures[i].decode.ms() - f.pictures[0].decode.ms(), static_cast<int64_t>(i) * 40);
    }
    EXPECT_GE(f.sounds.size(), 46U);
    EXPECT_EQ(f.ends, 1);
    EXPECT_TRUE(f.session.said_goodbye());
    EXPECT_EQ(f.session.media().discontinuities, 0U);
    EXPECT_THAT(f.said(), HasSubstr("NetStream.Publish.Start"));
  }
}

TEST(RtmpServer, sessions_captured_from_librtmp_and_gstreamer_become_frames_too) {
  for (const char* name : {"librtmp_h264_aac.bin", "gstreamer_rtmp2_h264_aac.bin"}) {
    Fixture f;
    f.feed(captured(name));
    EXPECT_EQ(f.key.size(), 35U) << name;
    EXPECT_EQ(f.encoders, 1) << "told once, though it comes with every tag";
    EXPECT_EQ(f.audio.sample_rate, 44100U);
    EXPECT_EQ(f.pictures.size(), 25U);
    EXPECT_GE(f.sounds.size(), 42U);
    EXPECT_EQ(f.session.media().discontinuities, 0U);
    EXPECT_EQ(f.ends, 1);
    EXPECT_TRUE(f.session.said_goodbye());
  }
}

TEST(RtmpServer, b_frames_keep_their_own_order_of_presentation) {
  Fixture f;
  f.feed(captured("ffmpeg_b_frames_44100.bin"));
  EXPECT_EQ(f.audio.sample_rate, 44100U);
  ASSERT_EQ(f.pictures.size(), 25U);
  bool reordered = false;
  for (size_t i = 1; i < f.pictures.size(); ++i) {
    EXPECT_GT(f.pictures[i].decode, f.pictures[i - 1].decode);
    reordered = reordered || f.pictures[i].present < f.pictures[i - 1].present;
  }
  EXPECT_TRUE(reordered);
}

// OBS Studio 29, simple output as it comes: B-frames, filler to a constant rate, a key frame each 250.
TEST(RtmpServer, a_session_captured_from_obs_becomes_frames) {
  for (size_t step : {1UL, 4096UL}) {
    Fixture f;
    f.feed(captured("obs_29_h264_aac.bin"), step);
    EXPECT_EQ(f.encoder, "obs-output module (libobs version 29.0.2.1-1+b1)");
    EXPECT_EQ(f.video_configs, 1);
    EXPECT_EQ(f.audio, (codec::AudioSpecificConfig{2, 48000, 2, 1024}));
    ASSERT_EQ(f.pictures.size(), 29U);
    EXPECT_TRUE(f.pictures[0].key);
    for (size_t i = 1; i < f.pictures.size(); ++i) EXPECT_GT(f.pictures[i].decode, f.pictures[i - 1].decode);
    EXPECT_GE(f.sounds.size(), 90U);
    EXPECT_EQ(f.session.media().discontinuities, 0U);
  }
}

TEST(RtmpServer, a_refused_key_is_told_and_closes) {
  Fixture f;
  f.accepts = false;
  f.feed(TestPublisher().handshake().connect().publish("wrong"));
  EXPECT_THAT(f.said(), HasSubstr("NetStream.Publish.BadName"));
  EXPECT_THAT(f.said(), HasSubstr("This stream key is not valid now."));
  ASSERT_TRUE(f.closed);
  EXPECT_EQ(f.closed->reason, CloseReason::kRefused);
  EXPECT_THAT(f.closed->detail, testing::Not(HasSubstr("wrong")));
}

TEST(RtmpServer, a_server_without_room_does_not_blame_the_key) {
  Fixture f;
  f.accepts = false;
  f.refusal = CloseReason::kUnavailable;
  f.feed(TestPublisher().handshake().connect().publish("right"));
  EXPECT_THAT(f.said(), HasSubstr("NetStream.Publish.Denied"));
  ASSERT_TRUE(f.closed);
  EXPECT_EQ(f.closed->reason, CloseReason::kUnavailable);
}

TEST(RtmpServer, another_application_is_refused) {
  Fixture f;
  f.feed(TestPublisher().handshake().connect("vod"));
  EXPECT_THAT(f.said(), HasSubstr("NetConnection.Connect.InvalidApp"));
  EXPECT_EQ(f.closed->reason, CloseReason::kUnknownApp);
}

TEST(RtmpServer, enhanced_codecs_are_refused_by_name) {
  for (auto [hex, name] : {std::pair{"9068766331", "HEVC (hvc1)"},
                           {"9061763031", "AV1 (av01)"},
                           {"9076703039", "VP9 (vp09)"},
                           {"1c00000000", "HEVC"},
                           {"22", "Sorenson H.263"}}) {
    Fixture f;
    auto publisher = TestPublisher().handshake().connect().publish("key");
    f.feed(publisher.message(MessageType::kVideo, *from_hex(hex)));
    ASSERT_TRUE(f.closed) << name;
    EXPECT_EQ(f.closed->reason, CloseReason::kUnsupportedCodec);
    EXPECT_THAT(f.said(), HasSubstr(name));
  }
  for (auto [hex, name] : {std::pair{"2fff", "MP3"}, {"904f707573", "Opus"}, {"b200", "Speex"}}) {
    Fixture f;
    auto publisher = TestPublisher().handshake().connect().publish("key");
    f.feed(publisher.message(MessageType::kAudio, *from_hex(hex)));
    EXPECT_THAT(f.said(), HasSubstr(name));
  }
}

TEST(RtmpServer, commands_in_amf3_messages_are_read_as_the_amf0_they_hold) {
  Fixture f;
  ByteBuffer body;
  body.u8(0);
  Amf0Writer w(body);
  w.string("publish");
  w.number(5);
  w.null();
  w.string("key");
  f.feed(TestPublisher().handshake().connect().message(MessageType::kAmf3Command, body.view()));
  EXPECT_EQ(f.key, "key");
}

TEST(RtmpServer, pings_are_answered_and_bytes_acknowledged) {
  Fixture f;
  TestPublisher p;
  p.handshake().connect().message(MessageType::kWindowAcknowledgementSize, *from_hex("00010000"), 0, 2);
  p.message(MessageType::kUserControl, *from_hex("000612345678"), 0, 2);
  f.feed(p);
  EXPECT_THAT(to_hex(f.session.output()), HasSubstr("000712345678"));
  f.session.clear_output();
  TestPublisher more = TestPublisher().publish("key").configurations();
  for (uint32_t i = 0; i < 5000; ++i) more.picture(false, i * 40);
  f.feed(more);
  EXPECT_THAT(to_hex(f.session.output()), HasSubstr("0200000000000403000000000001"));
}

TEST(RtmpServer, silence_is_cut_before_and_after_publish) {
  Fixture f;
  EXPECT_FALSE(f.session.tick(f.now + Duration::seconds(9)));
  auto event = f.session.tick(f.now + Duration::seconds(10));
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<Closed>(*event).reason, CloseReason::kHandshakeTimeout);

  Fixture g;
  g.feed(publishing());
  EXPECT_FALSE(g.session.tick(g.now + Duration::seconds(29)));
  event = g.session.tick(g.now + Duration::seconds(30));
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<Closed>(*event).reason, CloseReason::kMediaTimeout);
  EXPECT_TRUE(g.session.closed());
}

TEST(RtmpServer, our_own_end_is_told_to_the_peer) {
  Fixture f;
  f.feed(publishing());
  f.session.end("Another publisher took over.");
  EXPECT_TRUE(f.session.closed());
  EXPECT_THAT(f.said(), HasSubstr("NetStream.Unpublish.Success"));
  EXPECT_THAT(f.said(), HasSubstr("Another publisher took over."));
}

TEST(RtmpServer, a_configuration_that_comes_again_is_no_change) {
  Fixture f;
  f.feed(publishing().configurations().picture(true, 0).sound(0));
  EXPECT_EQ(f.video_configs, 1);
  EXPECT_EQ(f.audio_configs, 1);
  EXPECT_EQ(f.pictures.size(), 1U);
  EXPECT_EQ(f.first_picture,
            "0000000167640aff"
            "0000000168ee3cb0"
            "00000001658840");
}

TEST(RtmpServer, a_configuration_that_says_the_same_in_other_bytes_is_no_change) {
  Fixture f;
  f.feed(publishing());
  TestPublisher p;
  for (const char* hex : {"af00119056e500", "af00119000", "af0011900000", "af001190"})
    p.message(MessageType::kAudio, *from_hex(hex), 0, 6);
  f.feed(p);
  EXPECT_EQ(f.audio_configs, 1);
  f.feed(TestPublisher().message(MessageType::kAudio, *from_hex("af00119056e598"), 0, 6));
  EXPECT_EQ(f.audio_configs, 2) << "with SBR twice the rate comes out of a decoder";
  f.feed(TestPublisher().message(MessageType::kAudio, *from_hex("af001210"), 0, 6));
  EXPECT_EQ(f.audio_configs, 3);
}

TEST(RtmpServer, pictures_before_their_configuration_are_counted_and_passed_over) {
  Fixture f;
  f.feed(TestPublisher().handshake().connect().publish("key").picture(true, 0).sound(0));
  EXPECT_TRUE(f.pictures.empty());
  EXPECT_EQ(f.session.media().skipped, 2U);
  EXPECT_FALSE(f.closed);
}

// What libavformat writes at the head of a file whose configurations it does not know yet.
TEST(RtmpServer, empty_configurations_are_passed_over_until_the_real_ones_come) {
  Fixture f;
  TestPublisher p = TestPublisher().handshake().connect().publish("key");
  p.message(MessageType::kVideo, *from_hex("1700000000")).message(MessageType::kAudio, *from_hex("af00"), 0, 6);
  f.feed(p.picture(true, 0).sound(0));
  EXPECT_FALSE(f.closed);
  EXPECT_EQ(f.session.media().skipped, 4U);
  TestPublisher real;
  real.configurations().message(MessageType::kVideo, *from_hex("1700000000")).picture(true, 40).sound(40);
  f.feed(real.message(MessageType::kAudio, *from_hex("af00"), 0, 6).sound(61));
  EXPECT_FALSE(f.closed);
  EXPECT_EQ(f.video_configs, 1);
  EXPECT_EQ(f.audio_configs, 1);
  EXPECT_EQ(f.pictures.size(), 1U);
  EXPECT_EQ(f.sounds.size(), 2U);
}

TEST(RtmpServer, sound_that_never_gets_a_configuration_is_counted_and_leaves_the_picture_going) {
  Fixture f;
  TestPublisher p = TestPublisher().handshake().connect().publish("key");
  p.message(MessageType::kVideo, *from_hex("17000000000164000affe1000467640aff01000468ee3cb0"));
  const auto adts = *from_hex("af01fff14c80017ffc2110");
  for (uint32_t at = 0; at < 400; at += 40) p.picture(at == 0, at).message(MessageType::kAudio, adts, at, 6);
  f.feed(p);
  EXPECT_FALSE(f.closed);
  EXPECT_EQ(f.pictures.size(), 10U);
  EXPECT_EQ(f.session.media().skipped, 10U);
}

TEST(RtmpServer, broken_media_closes_with_a_sentence) {
  for (const char* hex : {"17", "1701000000000000ff65", "170000000001640aff"}) {
    Fixture f;
    f.feed(publishing().message(MessageType::kVideo, *from_hex(hex)));
    ASSERT_TRUE(f.closed) << hex;
    EXPECT_EQ(f.closed->reason, CloseReason::kBadMedia) << hex;
  }
}

TEST(RtmpServer, large_messages_are_for_publishers_with_a_key) {
  Fixture f;
  std::vector<uint8_t> large(100'000);
  f.feed(TestPublisher().handshake().connect().message(MessageType::kAmf0Data, large));
  EXPECT_EQ(f.closed->reason, CloseReason::kTooLarge);
  Fixture g;
  large[0] = 0x17;
  large[1] = 2;
  g.feed(publishing().message(MessageType::kVideo, large));
  EXPECT_FALSE(g.closed);
}

TEST(RtmpServer, a_peer_that_asks_and_never_reads_is_cut) {
  Fixture f;
  TestPublisher p;
  p.handshake().connect();
  for (int i = 0; i < 10'000; ++i) p.call("createStream", i);
  f.feed(p);
  ASSERT_TRUE(f.closed);
  EXPECT_EQ(f.closed->reason, CloseReason::kTooLarge);
}

TEST(RtmpServer, a_stream_cut_anywhere_does_no_harm) {
  auto bytes = captured("ffmpeg_h264_aac.bin");
  for (size_t n = 0; n < bytes.size(); n += n < 5000 ? 1 : 37) {
    Fixture f;
    f.feed(ByteView(bytes).first(n));
    EXPECT_FALSE(f.closed) << n;
  }
}

TEST(RtmpServer, rtmpe_and_other_first_bytes_are_refused) {
  Fixture f;
  f.feed(*from_hex("06"));
  EXPECT_EQ(f.closed->reason, CloseReason::kBadHandshake);
}

TEST(RtmpServer, every_way_out_has_a_name) {
  for (int i = 0; i <= static_cast<int>(CloseReason::kEnded); ++i)
    EXPECT_FALSE(name_of(static_cast<CloseReason>(i)).empty()) << i;
}

}  // namespace
}  // namespace footlight::rtmp
