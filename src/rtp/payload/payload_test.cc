#include "rtp/payload/key_frame.h"
#include "rtp/payload/payload_fixture.h"
#include "rtp/payload/vp8_descriptor.h"

namespace footlight::rtp {
namespace {

TEST(Vp8Depacketizer, a_foreign_stream_comes_out_as_its_file) {
  Feed feed(media::Codec::kVp8);
  for (const Bytes& d : datagrams("vp8.rtp")) feed.push(d);
  Bytes ivf = file("vp8.ivf");
  size_t at = 32;  // IVF header; then |size: 4, little endian|time: 8| before each frame
  size_t frames = 0;
  for (; at + 12 <= ivf.size(); ++frames) {
    size_t size = ivf[at] | ivf[at + 1] << 8 | ivf[at + 2] << 16;
    Bytes expected(ivf.begin() + static_cast<ptrdiff_t>(at + 12), ivf.begin() + static_cast<ptrdiff_t>(at + 12 + size));
    ASSERT_LT(frames, feed.frames.size());
    EXPECT_EQ(feed.frames[frames].frame.data, expected);
    EXPECT_EQ(feed.frames[frames].frame.key, (expected[0] & 1) == 0);
    EXPECT_TRUE(feed.frames[frames].intact);
    at += 12 + size;
  }
  EXPECT_EQ(frames, feed.frames.size());
  EXPECT_GE(frames, 12u);
}

TEST(Vp8Depacketizer, a_frame_whose_beginning_is_lost_is_told) {
  Feed feed(media::Codec::kVp8);
  feed.push(1, 3000, true,
            hex("10"
                "d10200"));
  feed.push(3, 6000, true,
            hex("00"
                "aabb"));
  feed.push(4, 9000, true,
            hex("10"
                "d10200"));
  ASSERT_EQ(feed.frames.size(), 3u);
  EXPECT_FALSE(feed.frames[1].intact);
  EXPECT_TRUE(feed.frames[1].gap_before);
  EXPECT_TRUE(feed.frames[2].intact);
  EXPECT_FALSE(feed.frames[2].gap_before);
}

TEST(OpusDepacketizer, each_packet_is_a_frame) {
  Feed feed(media::Codec::kOpus);
  auto all = datagrams("opus.rtp");
  for (const Bytes& d : all) feed.push(d);
  ASSERT_EQ(feed.frames.size(), all.size());
  for (size_t i = 1; i < feed.frames.size(); ++i) {
    EXPECT_TRUE(feed.frames[i].intact);
    EXPECT_TRUE(feed.frames[i].frame.key);
    EXPECT_EQ(feed.frames[i].frame.rtp_time - feed.frames[i - 1].frame.rtp_time, 960);
  }
}

TEST(Vp8Descriptor, every_field_is_read_and_rewritten_in_place) {
  // X N S; I L T K; 15-bit picture id 0x1234, tl0 0x56, tid 2 Y keyidx 5
  Bytes raw =
      hex("b0"
          "f0"
          "9234"
          "56"
          "a5"
          "d00c00");
  auto d = Vp8Descriptor::parse(raw);
  ASSERT_TRUE(d);
  EXPECT_TRUE(d->non_reference);
  EXPECT_TRUE(d->frame_start());
  EXPECT_EQ(d->picture_id, 0x1234);
  EXPECT_TRUE(d->long_picture_id);
  EXPECT_EQ(d->tl0_pic_idx, 0x56);
  EXPECT_EQ(d->temporal_id, 2);
  EXPECT_TRUE(d->layer_sync);
  EXPECT_EQ(d->key_index, 5);
  EXPECT_EQ(d->size, 6u);
  rewrite_vp8_descriptor(raw, *d, 0x7fff, 9);
  EXPECT_EQ(raw, hex("b0"
                     "f0"
                     "ffff"
                     "09"
                     "a5"
                     "d00c00"));
  Bytes small =
      hex("90"
          "80"
          "12"
          "d00c00");
  auto s = Vp8Descriptor::parse(small);
  EXPECT_EQ(s->picture_id, 0x12);
  rewrite_vp8_descriptor(small, *s, 0x1ff, 9);
  EXPECT_EQ(small, hex("90"
                       "80"
                       "7f"
                       "d00c00"));
  for (size_t n = 0; n <= 6; ++n) EXPECT_FALSE(Vp8Descriptor::parse(ByteView(raw).first(n))) << n;
}

TEST(KeyFrame, parameter_sets_alone_are_told_from_those_before_a_picture_in_the_same_packet) {
  auto alone = [](std::string_view text) { return holds_only_parameters(media::Codec::kH264, hex(text)); };
  EXPECT_TRUE(alone("6742e01f"));
  EXPECT_TRUE(alone("68ce3c80"));
  EXPECT_FALSE(alone("65888420"));
  EXPECT_FALSE(alone("7c858884"));
  EXPECT_FALSE(alone(""));
  EXPECT_TRUE(alone("7800046742e01f000468ce3c80"));
  EXPECT_FALSE(alone("7800046742e01f000465888420"));
  EXPECT_FALSE(alone("78")) << "of nothing";
  EXPECT_FALSE(holds_only_parameters(media::Codec::kVp8, hex("6742e01f")));
}

TEST(KeyFrame, is_found_in_every_form_a_payload_has) {
  auto h264 = [](std::string_view text) { return starts_key_frame(media::Codec::kH264, hex(text)); };
  EXPECT_TRUE(h264("6742001f"));
  EXPECT_TRUE(h264("65b800"));
  EXPECT_TRUE(
      h264("18"
           "0002"
           "09f0"
           "0004"
           "6742001f"
           "0003"
           "65b800"))
      << "STAP-A with SPS and IDR";
  EXPECT_TRUE(h264("7c85b800")) << "FU-A, start of an IDR";
  EXPECT_FALSE(h264("7c05b800")) << "FU-A, middle";
  EXPECT_FALSE(h264("7c81e000")) << "FU-A, start of another slice";
  EXPECT_FALSE(h264("6540")) << "second slice of an IDR picture";
  EXPECT_FALSE(h264("41e000"));
  EXPECT_FALSE(
      h264("18"
           "00"));
  EXPECT_FALSE(h264("7c85"));
  auto vp8 = [](std::string_view text) { return starts_key_frame(media::Codec::kVp8, hex(text)); };
  EXPECT_TRUE(
      vp8("10"
          "d00c009d012aa0006000"));
  EXPECT_TRUE(
      vp8("9080"
          "12"
          "d00c009d012aa0006000"));
  EXPECT_FALSE(
      vp8("00"
          "d00c009d012aa0006000"))
      << "not the first packet";
  EXPECT_FALSE(
      vp8("10"
          "d10200"));
  auto vp9 = [](std::string_view text) { return starts_key_frame(media::Codec::kVp9, hex(text)); };
  EXPECT_TRUE(
      vp9("8c"
          "8123"
          "aa"));
  EXPECT_TRUE(
      vp9("ac"
          "8123"
          "0001"
          "aa"));
  EXPECT_FALSE(
      vp9("ac"
          "8123"
          "0201"
          "aa"))
      << "upper spatial layer";
  EXPECT_FALSE(
      vp9("cc"
          "8123"
          "aa"))
      << "predicted";
  EXPECT_TRUE(starts_key_frame(media::Codec::kAv1, hex("180a0b")));
  EXPECT_FALSE(starts_key_frame(media::Codec::kAv1, hex("100a0b")));
  EXPECT_TRUE(starts_key_frame(media::Codec::kOpus, hex("fc")));
  EXPECT_FALSE(starts_key_frame(media::Codec::kOpus, {}));
  size_t keys = 0;
  for (const Bytes& d : datagrams("h264.rtp"))
    keys += starts_key_frame(media::Codec::kH264, PacketView::parse(d)->payload());
  EXPECT_GE(keys, 2u);
}

}  // namespace
}  // namespace footlight::rtp
