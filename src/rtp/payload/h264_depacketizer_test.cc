#include "rtp/payload/h264_depacketizer.h"

#include <random>

#include "rtp/payload/payload_fixture.h"

namespace footlight::rtp {
namespace {

TEST(H264Depacketizer, a_foreign_stream_comes_out_as_its_file) {
  Feed feed(media::Codec::kH264);
  Bytes joined;
  for (const Bytes& d : datagrams("h264.rtp")) feed.push(d);
  ASSERT_EQ(feed.frames.size(), 12u);
  for (size_t i = 0; i < feed.frames.size(); ++i) {
    const AssembledFrame& f = feed.frames[i];
    EXPECT_TRUE(f.intact);
    EXPECT_EQ(f.gap_before, i == 0);
    EXPECT_EQ(f.frame.key, i % 6 == 0);
    if (i > 0) EXPECT_EQ(f.frame.rtp_time - feed.frames[i - 1].frame.rtp_time, 3000);
    joined.insert(joined.end(), f.frame.data.begin(), f.frame.data.end());
  }
  EXPECT_EQ(nals_of(joined), nals_of(file("h264.annexb")));
}

TEST(H264Depacketizer, any_lost_packet_is_told_and_the_stream_goes_on) {
  std::vector<Bytes> all = datagrams("h264.rtp");
  for (size_t lost = 0; lost < all.size(); ++lost) {
    Feed feed(media::Codec::kH264);
    for (size_t i = 0; i < all.size(); ++i)
      if (i != lost) feed.push(all[i]);
    size_t told = 0;
    for (size_t i = 1; i < feed.frames.size(); ++i)
      if (feed.frames[i].gap_before || !feed.frames[i].intact) ++told;
    bool ends_cut = lost == 0 || lost + 1 == all.size();  // nobody can know what was before the first or after the last
    if (!ends_cut) EXPECT_GE(told + (feed.frames[0].intact ? 0 : 1), 1u) << lost;
    EXPECT_LE(told, 2u) << lost;
    EXPECT_GE(feed.frames.size(), 11u) << lost;
  }
}

TEST(H264Depacketizer, single_units_of_mode_0_share_a_frame_until_the_marker) {
  Feed feed(media::Codec::kH264);
  feed.push(1, 3000, false, hex("6742001f"));
  feed.push(2, 3000, false, hex("68ce3c80"));
  feed.push(3, 3000, true, hex("65b800"));
  feed.push(4, 6000, true, hex("41e000"));
  ASSERT_EQ(feed.frames.size(), 2u);
  EXPECT_EQ(feed.frames[0].frame.data, hex("000000016742001f"
                                           "0000000168ce3c80"
                                           "0000000165b800"));
  EXPECT_TRUE(feed.frames[0].frame.key);
  EXPECT_TRUE(feed.frames[0].intact) << "an SPS opens a frame for sure";
  EXPECT_EQ(feed.frames[0].first, UnwrappedSeq(1));
  EXPECT_EQ(feed.frames[0].last, UnwrappedSeq(3));
  EXPECT_EQ(feed.frames[0].frame.arrival, Timestamp::millis(1));
  EXPECT_FALSE(feed.frames[1].gap_before);
}

TEST(H264Depacketizer, an_idr_without_parameter_sets_gets_the_last_ones) {
  Feed feed(media::Codec::kH264);
  feed.push(1, 3000, false,
            hex("18"
                "0004"
                "6742001f"
                "0004"
                "68ce3c80"));
  feed.push(2, 3000, true, hex("65b800"));
  feed.push(3, 6000, true, hex("65b801"));
  ASSERT_EQ(feed.frames.size(), 2u);
  EXPECT_EQ(feed.frames[1].frame.data, hex("000000016742001f"
                                           "0000000168ce3c80"
                                           "0000000165b801"));
}

TEST(H264Depacketizer, parameter_sets_with_their_own_time_or_marker_join_the_picture_that_follows) {
  Feed feed(media::Codec::kH264);
  feed.push(1, 1000, true, hex("6742001f"));
  feed.push(2, 1000, true, hex("68ce3c80"));
  feed.push(3, 3000, true, hex("65b800"));
  ASSERT_EQ(feed.frames.size(), 1u);
  EXPECT_EQ(feed.frames[0].frame.rtp_time, 3000);
  EXPECT_EQ(nals_of(feed.frames[0].frame.data).size(), 3u);
}

TEST(H264Depacketizer, a_sender_without_markers_is_understood_one_frame_later) {
  Feed feed(media::Codec::kH264);
  feed.push(1, 3000, false, hex("65b800"));
  feed.push(2, 6000, false, hex("41e000"));
  feed.push(3, 9000, false, hex("41e001"));
  ASSERT_EQ(feed.frames.size(), 2u);
  EXPECT_TRUE(feed.frames[0].intact);
  EXPECT_TRUE(feed.frames[1].intact);
}

TEST(H264Depacketizer, fragments_without_a_beginning_or_an_end_leave_nothing_half) {
  Feed feed(media::Codec::kH264);
  feed.push(1, 3000, true, hex("65b800"));
  feed.push(2, 6000, false, hex("7c05aaaa"));  // middle of a unit that never began
  feed.push(3, 6000, true, hex("41e000"));
  feed.push(4, 9000, false, hex("7c85b8aa"));  // begins and is cut by another unit
  feed.push(5, 9000, true, hex("41e001"));
  feed.push(6, 12000, true, hex("7c81e0aa"));  // begins and ends with the frame
  ASSERT_EQ(feed.frames.size(), 4u);
  EXPECT_FALSE(feed.frames[1].intact);
  EXPECT_EQ(feed.frames[1].frame.data, hex("0000000141e000"));
  EXPECT_FALSE(feed.frames[2].intact);
  EXPECT_EQ(feed.frames[2].frame.data, hex("0000000141e001"));
  EXPECT_FALSE(feed.frames[3].intact);
  EXPECT_TRUE(feed.frames[3].frame.data.empty());
}

TEST(H264Depacketizer, late_repeated_and_padding_packets_change_nothing) {
  Feed feed(media::Codec::kH264);
  feed.push(1, 3000, true, hex("65b800"));
  feed.push(1, 3000, true, hex("65b800"));
  feed.push(0, 0, true, hex("41e0"));
  feed.push(2, 3000, false, {});
  feed.push(3, 6000, true, hex("41e000"));
  ASSERT_EQ(feed.frames.size(), 2u);
  EXPECT_FALSE(feed.frames[1].gap_before);
}

TEST(H264Depacketizer, a_frame_beyond_the_bound_is_cut_and_told) {
  Feed feed(media::Codec::kH264);
  Bytes big(60'000, 0xaa);
  big[0] = 0x41;
  big[1] = 0xe0;
  for (int i = 0; i < 80; ++i) feed.push(i, 3000, i == 79, big);
  ASSERT_EQ(feed.frames.size(), 1u);
  EXPECT_FALSE(feed.frames[0].intact);
  EXPECT_LE(feed.frames[0].frame.data.size(), FrameAssembler::kMaxFrameBytes);
}

TEST(H264Depacketizer, mutated_payloads_never_harm) {
  std::mt19937 random(3);
  std::vector<Bytes> all = datagrams("h264.rtp");
  for (int round = 0; round < 50; ++round) {
    Feed feed(media::Codec::kH264);
    for (Bytes d : all) {
      if (random() % 4 == 0) d[12 + random() % (d.size() - 12)] ^= static_cast<uint8_t>(random());
      if (random() % 8 == 0) d.resize(12 + random() % (d.size() - 12));
      feed.push(d);
    }
    EXPECT_LE(feed.frames.size(), all.size() + 1);
  }
}

}  // namespace
}  // namespace footlight::rtp
