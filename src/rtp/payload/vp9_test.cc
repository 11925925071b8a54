#include "codec/vp9.h"
#include "rtp/payload/key_frame.h"
#include "rtp/payload/payload_fixture.h"
#include "rtp/payload/picture_size.h"
#include "rtp/payload/vp9_descriptor.h"

namespace footlight::rtp {
namespace {

constexpr PayloadType kVp9(98);

// The first payload of vp9.rtp:
//   9b          I, F, B, V, Z: a key picture's first packet, flexible mode
//   89 fb       picture id 0x9fb, 15 bits
//   10 0280 0168    one layer, 640x360
//   82 49 83 42 …   frame marker, key frame, shown; sync code
TEST(Vp9Descriptor, the_first_packet_of_a_captured_key_frame) {
  const Bytes packet = datagrams("vp9.rtp", kVp9).front();
  const ByteView payload = PacketView::parse(packet)->payload();
  auto d = Vp9Descriptor::parse(payload);
  ASSERT_TRUE(d);
  EXPECT_FALSE(d->predicted);
  EXPECT_TRUE(d->flexible);
  EXPECT_TRUE(d->layer_start);
  EXPECT_FALSE(d->layer_end);
  EXPECT_TRUE(d->not_for_upper);
  EXPECT_EQ(d->picture_id, 0x9fb);
  EXPECT_TRUE(d->long_picture_id);
  EXPECT_FALSE(d->has_layers);
  EXPECT_EQ(d->spatial_layers, 1);
  EXPECT_EQ(d->largest, (codec::PictureSize{640, 360}));
  EXPECT_EQ(d->size, 8u);
  EXPECT_TRUE(d->key_picture_start());
  auto header = codec::Vp9FrameHeader::parse(payload.subspan(d->size));
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->key);
  EXPECT_TRUE(header->shown);
  EXPECT_EQ(header->size, (codec::PictureSize{640, 360}));
  EXPECT_EQ(picture_size(media::Codec::kVp9, payload), (codec::PictureSize{640, 360}));
}

TEST(Vp9Descriptor, layers_references_and_a_whole_structure) {
  // I, P, L, F with two references: the second P_DIFF has no N
  auto flexible = Vp9Descriptor::parse(hex("f8050302030455"));
  ASSERT_TRUE(flexible);
  EXPECT_EQ(flexible->picture_id, 5);
  EXPECT_FALSE(flexible->long_picture_id);
  EXPECT_EQ(flexible->spatial_id, 1);
  EXPECT_TRUE(flexible->inter_layer);
  EXPECT_FALSE(flexible->tl0_pic_idx) << "flexible mode has none";
  EXPECT_EQ(flexible->size, 4u);
  EXPECT_FALSE(flexible->picture_start()) << "an upper layer";
  // I, L, B, V, not flexible: TID 2, U, SID 0; TL0PICIDX 7; two layers with sizes; two pictures with one and no
  // reference
  auto structure =
      Vp9Descriptor::parse(hex("aa"
                               "8123"
                               "5007"
                               "38"
                               "014000b4"
                               "02800168"
                               "02"
                               "0401"
                               "20"
                               "99"));
  ASSERT_TRUE(structure);
  EXPECT_EQ(structure->picture_id, 0x123);
  EXPECT_EQ(structure->temporal_id, 2);
  EXPECT_TRUE(structure->switching_up);
  EXPECT_EQ(structure->tl0_pic_idx, 7);
  EXPECT_EQ(structure->spatial_layers, 2);
  EXPECT_EQ(structure->largest, (codec::PictureSize{640, 360}));
  EXPECT_EQ(structure->size, 18u);
}

TEST(Vp9Descriptor, cut_anywhere_it_is_truncated) {
  const Bytes whole = hex("aa8123500738014000b40280016802040120");
  for (size_t n = 0; n <= whole.size(); ++n)
    EXPECT_FALSE(Vp9Descriptor::parse(ByteView(whole).first(n))) << n << " bytes describe nothing";
}

TEST(Vp9Descriptor, numbers_are_rewritten_in_place) {
  Bytes payload = hex("a8812350075555");
  auto before = Vp9Descriptor::parse(payload);
  ASSERT_TRUE(before);
  rewrite_vp9_descriptor(payload, *before, 0x7ffe, 9);
  auto after = Vp9Descriptor::parse(payload);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->picture_id, 0x7ffe);
  EXPECT_EQ(after->tl0_pic_idx, 9);
  EXPECT_EQ(after->size, before->size);
  EXPECT_EQ(payload.back(), 0x55);
  Bytes small = hex("a803500755");
  auto d = Vp9Descriptor::parse(small);
  rewrite_vp9_descriptor(small, *d, 0x181, 0);
  EXPECT_EQ(Vp9Descriptor::parse(small)->picture_id, 1);
}

TEST(Vp9Depacketizer, a_captured_stream_comes_out_in_whole_frames) {
  Feed feed(media::Codec::kVp9);
  for (const Bytes& d : datagrams("vp9.rtp", kVp9)) feed.push(d);
  ASSERT_GE(feed.frames.size(), 10u);
  for (size_t i = 0; i < feed.frames.size(); ++i) {
    const AssembledFrame& f = feed.frames[i];
    auto header = codec::Vp9FrameHeader::parse(f.frame.data);
    ASSERT_TRUE(header) << i;
    EXPECT_EQ(f.frame.key, header->key) << i;
    EXPECT_TRUE(f.intact) << i;
  }
  EXPECT_TRUE(feed.frames.front().frame.key);
}

// The sizes of the frames in a superframe (VP9 annex B.2), by the bytes at its end.
std::vector<size_t> superframe_sizes(const Bytes& frame) {
  const uint8_t marker = frame.back();
  if ((marker & 0xe0) != 0xc0) return {};
  const size_t count = (marker & 7) + 1;
  const size_t bytes = (marker >> 3 & 3) + 1;
  std::vector<size_t> out;
  size_t at = frame.size() - 1 - count * bytes;
  EXPECT_EQ(frame[at - 1], marker);
  for (size_t i = 0; i < count; ++i) {
    size_t size = 0;
    for (size_t b = 0; b < bytes; ++b) size |= size_t{frame[at++]} << (8 * b);
    out.push_back(size);
  }
  return out;
}

TEST(Vp9Depacketizer, spatial_layers_become_one_superframe) {
  Feed feed(media::Codec::kVp9);
  feed.push(1, 3000, false,
            hex("2c00"
                "00"
                "8349aabb"));  // lower layer, whole
  feed.push(2, 3000, false,
            hex("2802"
                "00"
                "86cc"));  // upper layer, begins
  feed.push(3, 3000, true,
            hex("2402"
                "00"
                "dd"));  // and ends
  ASSERT_EQ(feed.frames.size(), 1u);
  EXPECT_TRUE(feed.frames[0].intact);
  const Bytes& data = feed.frames[0].frame.data;
  EXPECT_EQ(superframe_sizes(data), (std::vector<size_t>{4, 3}));
  EXPECT_EQ(copy(ByteView(data).first(7)), hex("8349aabb86ccdd"));
}

TEST(Vp9Depacketizer, a_captured_stream_with_layers_is_whole) {
  Feed feed(media::Codec::kVp9);
  bool layers = false;
  for (const Bytes& d : datagrams("vp9_svc.rtp", kVp9)) feed.push(d);
  ASSERT_GE(feed.frames.size(), 8u);
  for (const AssembledFrame& f : feed.frames) {
    EXPECT_TRUE(f.intact);
    auto sizes = superframe_sizes(f.frame.data);
    if (sizes.empty()) continue;
    layers = true;
    size_t sum = 0;
    for (size_t size : sizes) sum += size;
    EXPECT_EQ(sum + 2 + 4 * sizes.size(), f.frame.data.size());
  }
  EXPECT_TRUE(layers) << "no superframe in the capture";
}

TEST(Vp9Depacketizer, a_picture_whose_beginning_is_lost_is_told) {
  Feed feed(media::Codec::kVp9);
  feed.push(1, 3000, true,
            hex("0c"
                "82498342"));
  feed.push(3, 6000, true,
            hex("44"
                "aabb"));
  feed.push(4, 9000, true,
            hex("4c"
                "86"));
  ASSERT_EQ(feed.frames.size(), 3u);
  EXPECT_FALSE(feed.frames[1].intact);
  EXPECT_TRUE(feed.frames[1].gap_before);
  EXPECT_TRUE(feed.frames[2].intact);
}

}  // namespace
}  // namespace footlight::rtp
