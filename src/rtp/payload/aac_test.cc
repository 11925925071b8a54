#include "rtp/payload/aac_packetizer.h"
#include "rtp/payload/payload_fixture.h"

namespace footlight::rtp {
namespace {

// The raw access units of an ADTS file: a header of 7 bytes, whose bits 30 to 42 are the length with it, in front of
// each.
std::vector<Bytes> units_of_adts(ByteView adts) {
  std::vector<Bytes> out;
  while (adts.size() > 7) {
    size_t size = (adts[3] & 3U) << 11 | adts[4] << 3 | adts[5] >> 5;
    out.push_back(copy(adts.subspan(7, size - 7)));
    adts = adts.subspan(size);
  }
  out.pop_back();  // the muxer's capture ends one earlier
  return out;
}

TEST(AacDepacketizer, a_foreign_stream_comes_out_as_its_file) {
  Feed feed(media::Codec::kAac);
  for (const Bytes& d : datagrams("aac.rtp")) feed.push(d);
  auto units = units_of_adts(file("aac.adts"));
  ASSERT_EQ(feed.frames.size(), units.size());
  ASSERT_GE(units.size(), 18U);
  for (size_t i = 1; i < units.size(); ++i) {  // how the very first begins no one can know from a piece
    EXPECT_EQ(feed.frames[i].frame.data, units[i]);
    EXPECT_TRUE(feed.frames[i].intact);
    EXPECT_EQ(feed.frames[i].frame.rtp_time - feed.frames[i - 1].frame.rtp_time, 1024);
  }
}

TEST(AacPacketizer, cuts_as_libavformat_does) {
  std::vector<Bytes> expected;
  for (const Bytes& d : datagrams("aac.rtp")) expected.push_back(copy(PacketView::parse(d)->payload()));
  std::vector<Bytes> got;
  for (const Bytes& unit : units_of_adts(file("aac.adts"))) {
    AacPacketizer packetizer(unit, 208);
    Bytes slot(208);
    while (size_t n = packetizer.next(slot)) got.push_back(copy(ByteView(slot).first(n)));
    EXPECT_TRUE(packetizer.done());
  }
  EXPECT_EQ(got, expected);
}

TEST(AacDepacketizer, a_unit_with_a_lost_piece_is_told_as_damaged) {
  auto all = datagrams("aac.rtp");
  for (size_t lost : {2UL, 3UL}) {
    Feed feed(media::Codec::kAac);
    for (size_t i = 0; i < 8; ++i)
      if (i != lost) feed.push(all[i]);
    ASSERT_EQ(feed.frames.size(), 4U);
    EXPECT_FALSE(feed.frames[1].intact);
    EXPECT_TRUE(feed.frames[3].intact);
  }
}

TEST(AacPayload, what_is_cut_or_claims_otherwise_is_refused) {
  Bytes whole = hex("001000102122");
  EXPECT_TRUE(AacPayload::parse(whole));
  for (size_t n = 0; n <= 4; ++n) EXPECT_FALSE(AacPayload::parse(ByteView(whole).first(n))) << n;
  EXPECT_FALSE(AacPayload::parse(hex("002000100010212223"))) << "two units";
  EXPECT_FALSE(AacPayload::parse(hex("00100008212223"))) << "more bytes than the unit has";
}

}  // namespace
}  // namespace footlight::rtp
