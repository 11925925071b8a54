#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>

#include "base/text_codec.h"
#include "codec/h264.h"
#include "rtp/packet_view.h"
#include "rtp/payload/frame_assembler.h"
#include "rtp/payload/h264_packetizer.h"
#include "rtp/payload/key_frame.h"
#include "rtp/payload/vp8_descriptor.h"

// testdata: 160x96 at 30 fps by libx264 and libvpx, 997 Hz by libopus, sent by libavformat's RTP muxer to a socket
// (each datagram behind its 16-bit length), and the same frames as files: an independent packetizer is the oracle.
namespace footlight::rtp {
namespace {

using Bytes = std::vector<uint8_t>;
Bytes hex(std::string_view text) { return from_hex(text).value(); }
Bytes copy(ByteView v) { return {v.begin(), v.end()}; }

Bytes file(const std::string& name) {
  std::ifstream in(std::string(FOOTLIGHT_TESTDATA "/") + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

std::vector<Bytes> datagrams(const std::string& name) {
  Bytes raw = file(name);
  ByteReader r(raw);
  std::vector<Bytes> out;
  uint16_t size = 0;
  for (ByteView packet; r.read_u16(size) && r.read_bytes(size, packet);) out.push_back(copy(packet));
  return out;
}

std::vector<Bytes> nals_of(ByteView annex_b) {
  std::vector<Bytes> out;
  codec::NalReader reader(annex_b);
  for (ByteView nal; reader.next(nal);) out.push_back(copy(nal));
  return out;
}

// Pushes packets as a jitter buffer would.
class Feed {
 public:
  explicit Feed(media::Codec codec) : assembler_(make_frame_assembler(codec)) {}
  void push(ByteView datagram) {
    auto p = PacketView::parse(datagram);
    ASSERT_TRUE(p);
    push(seq_.unwrap(p->seq()).value(), time_.unwrap(p->time()).value(), p->marker(), p->payload());
  }
  void push(int64_t seq, int64_t time, bool marker, ByteView payload) {
    assembler_->push({UnwrappedSeq(seq), UnwrappedTime(time), marker, payload, Timestamp::millis(++packets_)});
    while (auto frame = assembler_->take()) frames.push_back(std::move(*frame));
  }
  std::vector<AssembledFrame> frames;

 private:
  std::unique_ptr<FrameAssembler> assembler_;
  SeqUnwrapper seq_;
  TimeUnwrapper time_;
  int64_t packets_ = 0;
};

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

std::vector<Bytes> packetize(ByteView au, size_t max) {
  std::vector<Bytes> out;
  Bytes slot(max);
  H264Packetizer packetizer(au, max);
  while (size_t n = packetizer.next(slot)) {
    EXPECT_LE(n, max);
    out.emplace_back(slot.begin(), slot.begin() + static_cast<ptrdiff_t>(n));
    if (packetizer.done()) EXPECT_EQ(packetizer.next(slot), 0u);
  }
  return out;
}

TEST(H264Packetizer, small_units_travel_together_and_large_ones_in_equal_pieces) {
  Bytes au =
      hex("0000000109f0"
          "000000016742001f"
          "0000000168ce3c80"
          "0000000165");
  for (int i = 0; i < 40; ++i) au.push_back(static_cast<uint8_t>(0x80 + i));
  auto payloads = packetize(au, 20);
  ASSERT_EQ(payloads.size(), 4u);
  EXPECT_EQ(payloads[0], hex("78"
                             "0004"
                             "6742001f"
                             "0004"
                             "68ce3c80"))
      << "STAP-A without the delimiter";
  EXPECT_EQ(payloads[1].size(), 16u);
  EXPECT_EQ(payloads[1][0], 0x7c);
  EXPECT_EQ(payloads[1][1], 0x85);
  EXPECT_EQ(payloads[2][1], 0x05);
  EXPECT_EQ(payloads[3][1], 0x45);
  EXPECT_TRUE(packetize({}, 100).empty());
  EXPECT_TRUE(packetize(hex("0000000109f0"), 100).empty());
}

TEST(H264Packetizer, what_it_cuts_the_depacketizer_joins) {
  std::mt19937 random(5);
  for (int round = 0; round < 100; ++round) {
    Feed feed(media::Codec::kH264);
    Bytes au;
    for (size_t units = 1 + random() % 6; units > 0; --units) {
      au.insert(au.end(), codec::kStartCode, codec::kStartCode + 4);
      au.push_back(units == 1 ? 0x65 : 0x06);
      for (size_t n = 1 + random() % 3000; n > 0; --n) au.push_back(static_cast<uint8_t>(1 + random() % 255));
    }
    auto payloads = packetize(au, 16 + random() % 1200);
    int64_t seq = 0;
    for (size_t i = 0; i < payloads.size(); ++i) feed.push(seq++, 0, i + 1 == payloads.size(), payloads[i]);
    ASSERT_EQ(feed.frames.size(), 1u);
    EXPECT_EQ(feed.frames[0].frame.data, au);
  }
}

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

TEST(FrameAssembler, only_codecs_that_are_decoded_have_one) {
  EXPECT_EQ(make_frame_assembler(media::Codec::kAv1), nullptr);
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
          "00"
          "aa"));
  EXPECT_FALSE(
      vp9("ac"
          "8123"
          "02"
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
