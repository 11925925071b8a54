// What encoders in the field do beside the common way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rtmp/testing_server.h"

namespace footlight::rtmp {
namespace {

using testing::HasSubstr;

TEST(RtmpEncoders, a_stream_may_end_and_begin_again_on_its_connection) {
  for (const char* word : {"deleteStream", "closeStream"}) {
    TestServer f;
    f.feed(publishing().picture(true, 700'000).sound(700'000).call("FCUnpublish", 6).call(word, 7));
    EXPECT_EQ(f.ends, 1) << word;
    EXPECT_FALSE(f.session.publishing());
    f.feed(TestPublisher().picture(false, 700'040));
    EXPECT_FALSE(f.closed) << "it was on its way";
    f.feed(TestPublisher().call("releaseStream", 8).call("createStream", 9).publish("second"));
    EXPECT_EQ(f.key, "second");
    EXPECT_TRUE(f.session.publishing());
    EXPECT_FALSE(f.session.said_goodbye());
    f.feed(TestPublisher().picture(true, 0).configurations().picture(true, 0).sound(0));
    EXPECT_EQ(f.video_configs, 2) << "the second stream has its own";
    ASSERT_EQ(f.pictures.size(), 2U);
    EXPECT_EQ(f.pictures[1].decode.ms(), 1) << "times begin anew, too: zero was the one before its configuration";
    EXPECT_EQ(f.session.media().discontinuities, 0U);
  }
}

TEST(RtmpEncoders, a_connection_without_a_stream_is_cut_after_ten_seconds) {
  TestServer f;
  f.now += Duration::seconds(60);
  f.feed(publishing().call("deleteStream", 7));
  EXPECT_FALSE(f.session.tick(f.now + Duration::seconds(9)));
  auto event = f.session.tick(f.now + Duration::seconds(10));
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<Closed>(*event).reason, CloseReason::kHandshakeTimeout);
}

TEST(RtmpEncoders, keys_come_with_slashes_and_queries_around_them) {
  for (const char* name : {"key", "/key", "key/", "//key/", "key?user=a&password=b", "/key/?x=/y/"}) {
    TestServer f;
    f.feed(TestPublisher().handshake().connect("/live/?x=1").publish(name));
    EXPECT_EQ(f.key, "key") << name;
  }
}

TEST(RtmpEncoders, record_and_append_are_ways_to_publish) {
  for (const char* type : {"record", "append", ""}) {
    TestServer f;
    f.feed(TestPublisher().handshake().connect().publish("key", type).configurations().picture(true, 0));
    EXPECT_EQ(f.pictures.size(), 1U) << type;
  }
}

TEST(RtmpEncoders, the_digest_form_of_the_handshake_is_answered_in_the_plain_one) {
  TestServer f;
  ByteBuffer c0c1;
  c0c1.u8(Handshake::kVersion);
  c0c1.u32(0x01020304);  // time
  c0c1.u32(0x80000702);  // version: of a Flash player, which puts its digest behind
  for (size_t i = 8; i < Handshake::kPacketSize; ++i) c0c1.u8(static_cast<uint8_t>(i * 7));
  f.feed(c0c1.view());
  ByteView answer = f.session.output();
  ASSERT_EQ(answer.size(), 1 + 2 * Handshake::kPacketSize);
  EXPECT_EQ(to_hex(answer.subspan(1, 8)), "0000000000000000") << "no version: no digest is expected";
  EXPECT_EQ(to_hex(answer.last(Handshake::kPacketSize)), to_hex(c0c1.view().subspan(1)));
  f.feed(c0c1.view().subspan(1));
  f.feed(TestPublisher().connect().publish("key"));
  EXPECT_EQ(f.key, "key");
}

TEST(RtmpEncoders, metadata_may_be_longer_than_many_chunks) {
  TestServer f;
  ByteBuffer body;
  Amf0Writer w(body);
  w.string("@setDataFrame");
  w.string("onMetaData");
  w.begin_object();
  w.name("description");
  w.string(std::string(3000, 'x'));
  w.name("encoder");
  w.string("Teststudio 7");
  w.end_object();
  f.feed(publishing().message(MessageType::kAmf0Data, body.view()).picture(true, 0));
  EXPECT_EQ(f.encoder, "Teststudio 7");
  EXPECT_EQ(f.pictures.size(), 1U);
}

TEST(RtmpEncoders, a_picture_may_be_padded_with_less_than_a_length) {
  TestServer f;
  TestPublisher p = publishing();
  for (const char* end : {"", "00", "0000", "000000"})
    p.message(MessageType::kVideo, *from_hex("170100000000000003658840" + std::string(end)));
  f.feed(p);
  EXPECT_EQ(f.pictures.size(), 4U);
  EXPECT_FALSE(f.closed);
  f.feed(TestPublisher().message(MessageType::kVideo, *from_hex("17010000000000000365884001")));
  ASSERT_TRUE(f.closed) << "which is no padding";
  EXPECT_EQ(f.closed->reason, CloseReason::kBadMedia);
}

TEST(RtmpEncoders, aac_that_names_its_channels_elsewhere_is_refused_for_what_it_is) {
  TestServer f;
  f.feed(publishing().message(MessageType::kAudio, *from_hex("af001180"), 0, 6));
  ASSERT_TRUE(f.closed);
  EXPECT_EQ(f.closed->reason, CloseReason::kUnsupportedCodec);
  EXPECT_THAT(f.closed->detail, HasSubstr("program config element"));
}

TEST(RtmpEncoders, other_parameter_sets_mid_stream_stand_before_the_next_key_frame) {
  TestServer f;
  TestPublisher p = publishing().picture(true, 0).picture(false, 40);
  p.message(MessageType::kVideo,
            *from_hex("170000000001640020ffe1000467640020010004"
                      "68ee3cb0"),
            80);
  f.feed(p.picture(true, 80).picture(false, 120));
  EXPECT_FALSE(f.closed);
  EXPECT_EQ(f.video_configs, 2);
  EXPECT_EQ(f.pictures.size(), 4U);
  EXPECT_TRUE(f.last_key.starts_with("0000000167640020")) << f.last_key;
}

// Type, size, time and its upper byte, stream id; payload; size of all that.
void add_part(ByteBuffer& out, uint8_t type, uint32_t time, std::string_view hex) {
  const auto payload = *from_hex(hex);
  out.u8(type);
  out.u24(static_cast<uint32_t>(payload.size()));
  out.u24(time & 0xffffff);
  out.u8(static_cast<uint8_t>(time >> 24));
  out.zeros(3);
  out.bytes(payload);
  out.u32(static_cast<uint32_t>(11 + payload.size()));
}

ByteBuffer aggregate() {
  ByteBuffer body;
  add_part(body, 9, 0x01fffff0, "170100000000000003658840");
  add_part(body, 8, 0x01fffff5, "af01211049");
  add_part(body, 20, 0x01fffff6, "00");  // a command has no place here
  add_part(body, 9, 0x02000018, "270100000000000003418840");
  return body;
}

TEST(RtmpEncoders, an_aggregate_message_is_taken_apart) {
  for (size_t step : {1UL, 7UL, 4096UL}) {
    TestServer f;
    f.feed(publishing()
               .picture(true, 4960)
               .message(MessageType::kAggregate, aggregate().view(), 5000)
               .sound(5040)
               .bytes.view(),
           step);
    EXPECT_FALSE(f.closed);
    ASSERT_EQ(f.pictures.size(), 3U);
    EXPECT_EQ(f.pictures[1].decode.ms(), 40);
    EXPECT_EQ(f.pictures[2].decode.ms(), 80);
    ASSERT_EQ(f.sounds.size(), 2U);
    EXPECT_EQ(f.sounds[0].time.ms(), 45);
  }
}

TEST(RtmpEncoders, an_aggregate_that_is_cut_short_closes_after_what_is_whole) {
  auto whole = aggregate().take();
  for (size_t n = 1; n < whole.size(); ++n) {
    TestServer f;
    f.feed(publishing().message(MessageType::kAggregate, ByteView(whole).first(n)));
    bool at_a_seam = n == 27 || n == 47 || n == 63;
    EXPECT_EQ(f.closed.has_value(), !at_a_seam) << n;
    EXPECT_EQ(f.pictures.size(), n < 27 ? 0U : 1U) << n;
  }
}

}  // namespace
}  // namespace footlight::rtmp
