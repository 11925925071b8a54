#include "rtp/payload/h264_packetizer.h"

#include <random>

#include "rtp/payload/payload_fixture.h"

namespace footlight::rtp {
namespace {

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

}  // namespace
}  // namespace footlight::rtp
