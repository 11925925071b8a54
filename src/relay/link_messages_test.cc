#include "relay/link_messages.h"

#include <gtest/gtest.h>

namespace footlight::relay {
namespace {

LinkAnnouncement announcement() {
  LinkAnnouncement a;
  a.sender = rtp::Ssrc(7);
  a.version = 3;
  a.stream = "s";
  a.owner = "session";
  a.track_count = 2;
  a.tracks[0] = {media::Codec::kH264,
                 rtp::PayloadType(96),
                 std::nullopt,
                 0,
                 90000,
                 rtp::Ssrc(5),
                 96,
                 "packetization-mode=1",
                 2,
                 {{{"q", rtp::Ssrc(8)}, {"f", rtp::Ssrc(9)}, {}}}};
  a.tracks[1] = {media::Codec::kOpus,
                 rtp::PayloadType(111),
                 rtp::PayloadType(63),
                 2,
                 48000,
                 rtp::Ssrc(6),
                 111,
                 "",
                 1,
                 {{{"", rtp::Ssrc(10)}, {}, {}}}};
  return a;
}

rtp::rtcp::Block block_of(ByteView bytes) {
  rtp::rtcp::Block block;
  auto reader = rtp::rtcp::CompoundReader::parse(bytes);
  EXPECT_TRUE(reader && reader->next(block));
  return block;
}

TEST(LinkAnnouncement, goes_there_and_back) {
  std::array<uint8_t, 400> buffer{};
  ByteWriter writer(buffer);
  ASSERT_TRUE(announcement().write(writer));
  auto back = LinkAnnouncement::parse(block_of(writer.written()));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->version, 3u);
  EXPECT_EQ(back->stream, "s");
  EXPECT_EQ(back->owner, "session");
  ASSERT_EQ(back->track_count, 2u);
  EXPECT_EQ(back->tracks[0].fmtp, "packetization-mode=1");
  ASSERT_EQ(back->tracks[0].layer_count, 2u);
  EXPECT_EQ(back->tracks[0].layers[1].rid, "f");
  EXPECT_EQ(back->tracks[0].layers[1].ssrc, rtp::Ssrc(9));
  EXPECT_EQ(back->tracks[1].codec, media::Codec::kOpus);
  EXPECT_EQ(back->tracks[1].red_payload_type, rtp::PayloadType(63));
  EXPECT_EQ(back->tracks[1].channels, 2);
}

TEST(LinkAnnouncement, cut_short_anywhere_is_refused) {
  std::array<uint8_t, 400> buffer{};
  ByteWriter writer(buffer);
  ASSERT_TRUE(announcement().write(writer));
  rtp::rtcp::Block block = block_of(writer.written());
  ByteView whole = block.body;
  for (size_t size = 0; size + 4 < whole.size(); ++size) {  // the last four may be padding
    block.body = whole.first(size);
    EXPECT_FALSE(LinkAnnouncement::parse(block)) << size;
  }
}

TEST(LinkWants, go_there_and_back_and_are_refused_when_cut_short) {
  LinkWants wants;
  wants.sender = rtp::Ssrc(7);
  wants.count = 2;
  wants.entries[0] = {"one", false};
  wants.entries[1] = {"another", true};
  std::array<uint8_t, 100> buffer{};
  ByteWriter writer(buffer);
  ASSERT_TRUE(wants.write(writer));
  rtp::rtcp::Block block = block_of(writer.written());
  auto back = LinkWants::parse(block);
  ASSERT_TRUE(back);
  ASSERT_EQ(back->count, 2u);
  EXPECT_EQ(back->entries[0].stream, "one");
  EXPECT_FALSE(back->entries[0].watched);
  EXPECT_EQ(back->entries[1].stream, "another");
  EXPECT_TRUE(back->entries[1].watched);
  EXPECT_FALSE(LinkAnnouncement::parse(block));
  ByteView whole = block.body;
  for (size_t size = 0; size + 4 < whole.size(); ++size) {
    block.body = whole.first(size);
    EXPECT_FALSE(LinkWants::parse(block)) << size;
  }
}

}  // namespace
}  // namespace footlight::relay
