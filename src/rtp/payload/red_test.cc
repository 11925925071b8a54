#include "rtp/payload/red.h"

#include "rtp/payload/payload_fixture.h"

namespace footlight::rtp {
namespace {

// Chromium's second packet of red.rtp, 20 ms after its first:
//   ef 0f0063    a block of type 111, 960 units earlier, 99 bytes
//   6f           the new one, type 111
TEST(RedView, a_captured_packet_repeats_the_one_before) {
  std::vector<Bytes> packets;
  for (Bytes& d : datagrams("red.rtp", PayloadType(63)))
    if (!PacketView::parse(d)->payload().empty()) packets.push_back(std::move(d));
  ASSERT_GE(packets.size(), 8u);
  auto first = RedView::parse(PacketView::parse(packets[0])->payload());
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->redundant().empty());
  EXPECT_EQ(first->primary_type(), PayloadType(111));
  EXPECT_EQ(first->primary().size(), 99u);
  for (size_t i = 1; i < packets.size(); ++i) {
    auto before = PacketView::parse(packets[i - 1]);
    auto packet = PacketView::parse(packets[i]);
    auto red = RedView::parse(packet->payload());
    ASSERT_TRUE(red) << i;
    ASSERT_EQ(red->redundant().size(), 1u) << i;
    EXPECT_EQ(red->redundant()[0].payload_type, PayloadType(111));
    EXPECT_EQ(red->redundant()[0].time_offset, packet->time().value() - before->time().value());
    EXPECT_EQ(copy(red->redundant()[0].data), copy(RedView::parse(before->payload())->primary())) << i;
  }
}

TEST(RedView, blocks_are_the_oldest_first_and_the_tail_is_the_new_one) {
  const Bytes payload =
      hex("ef1e0002"
          "ef0f0001"
          "6f"
          "aaaa"
          "bb"
          "cccccc");
  auto red = RedView::parse(payload);
  ASSERT_TRUE(red);
  ASSERT_EQ(red->redundant().size(), 2u);
  EXPECT_EQ(red->redundant()[0].time_offset, 1920);
  EXPECT_EQ(copy(red->redundant()[0].data), hex("aaaa"));
  EXPECT_EQ(red->redundant()[1].time_offset, 960);
  EXPECT_EQ(copy(red->redundant()[1].data), hex("bb"));
  EXPECT_EQ(copy(red->primary()), hex("cccccc"));
}

TEST(RedView, cut_within_its_headers_or_older_blocks_it_is_truncated) {
  const Bytes whole = hex("ef1e0002ef0f00016faaaabb");
  for (size_t n = 0; n < whole.size(); ++n) {
    auto red = RedView::parse(ByteView(whole).first(n));
    ASSERT_FALSE(red) << n;
    EXPECT_EQ(red.error(), RedError::kTruncated);
  }
  EXPECT_TRUE(RedView::parse(whole)->primary().empty());
}

TEST(RedView, more_blocks_than_anyone_sends_are_refused) {
  Bytes many;
  for (size_t i = 0; i <= RedView::kMaxRedundant; ++i) many.insert(many.end(), {0xef, 0, 0, 0});
  many.push_back(0x6f);
  EXPECT_EQ(RedView::parse(many).error(), RedError::kTooManyBlocks);
}

}  // namespace
}  // namespace footlight::rtp
