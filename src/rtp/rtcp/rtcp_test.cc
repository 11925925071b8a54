#include <gtest/gtest.h>

#include <random>

#include "base/text_codec.h"
#include "rtp/rtcp/bye.h"
#include "rtp/rtcp/fir.h"
#include "rtp/rtcp/layer_wish.h"
#include "rtp/rtcp/nack.h"
#include "rtp/rtcp/pli.h"
#include "rtp/rtcp/receiver_report.h"
#include "rtp/rtcp/sdes.h"
#include "rtp/rtcp/sender_report.h"

namespace footlight::rtp::rtcp {
namespace {

using Bytes = std::vector<uint8_t>;
Bytes hex(std::string_view text) { return from_hex(text).value(); }
Bytes copy(ByteView v) { return {v.begin(), v.end()}; }

template <class Fn>
Bytes written(Fn&& fn) {
  uint8_t raw[1500];
  ByteWriter w(raw);
  fn(w);
  EXPECT_TRUE(w.ok());
  return copy(w.written());
}

Block only_block(ByteView raw) {
  auto compound = CompoundReader::parse(raw);
  EXPECT_TRUE(compound);
  Block block;
  EXPECT_TRUE(compound->next(block));
  return block;
}

// Cuts the body at every length: a parser must refuse, or give something that can be walked without harm.
template <class Parse>
void refuses_every_truncation(const Bytes& raw, Parse&& parse) {
  Block whole = only_block(raw);
  for (size_t n = 0; n < whole.body.size(); ++n) {
    Bytes body = copy(whole.body.first(n));
    EXPECT_FALSE(parse(Block{whole.count, whole.type, body})) << n;
  }
  EXPECT_FALSE(parse(Block{whole.count, static_cast<BlockType>(99), whole.body}));
}

TEST(Compound, a_chromium_style_compound_is_walked_block_by_block) {
  // SR without reports, SDES with CNAME "abc", PLI
  Bytes raw =
      hex("80c80006"
          "00000001"
          "e0000000"
          "80000000"
          "00001000"
          "00000005"
          "000003e8"
          "81ca0003"
          "00000001"
          "0103616263"
          "000000"
          "81ce0002"
          "00000001"
          "00000002");
  auto compound = CompoundReader::parse(raw);
  ASSERT_TRUE(compound);
  Block block;
  ASSERT_TRUE(compound->next(block));
  auto report = SenderReport::parse(block);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->sender, Ssrc(1));
  EXPECT_EQ(report->ntp, NtpTime(0xe000000080000000));
  EXPECT_EQ(report->rtp_time, RtpTime(0x1000));
  EXPECT_EQ(report->packets, 5u);
  EXPECT_EQ(report->octets, 1000u);
  EXPECT_EQ(report->reports.size(), 0u);
  ASSERT_TRUE(compound->next(block));
  auto sdes = Sdes::parse(block);
  ASSERT_TRUE(sdes);
  SdesChunk chunk;
  ASSERT_TRUE(sdes->next(chunk));
  EXPECT_EQ(chunk.cname, "abc");
  EXPECT_FALSE(sdes->next(chunk));
  ASSERT_TRUE(compound->next(block));
  EXPECT_EQ(Pli::parse(block)->media, Ssrc(2));
  EXPECT_FALSE(compound->next(block));
}

TEST(Compound, each_fault_has_its_reason) {
  auto reason = [](std::string_view text) { return CompoundReader::parse(hex(text)).error(); };
  EXPECT_EQ(reason(""), CompoundError::kEmpty);
  EXPECT_EQ(reason("80c9"), CompoundError::kTruncated);
  EXPECT_EQ(reason("80c9000100"), CompoundError::kTruncated);
  EXPECT_EQ(reason("40c9000100000001"), CompoundError::kBadVersion);
  EXPECT_EQ(reason("a0c9000100000000"), CompoundError::kBadPadding);
  EXPECT_EQ(reason("a0c9000100000005"), CompoundError::kBadPadding);
  EXPECT_EQ(reason("a0c90000"), CompoundError::kBadPadding);
  EXPECT_EQ(reason("80c900010000000180"), CompoundError::kTruncated) << "a good block, then half a one";
}

TEST(Reports, blocks_round_trip_with_their_signs) {
  ReportBlock a{Ssrc(7), 25, -3, 0x0001fffe, 90, CompactNtp(0x11223344), CompactNtp(65536)};
  ReportBlock b{Ssrc(8), 0, 0x7fffff, 5, 0, {}, {}};
  Bytes sr = written(
      [&](ByteWriter& w) { SenderReport{Ssrc(1), NtpTime(2), RtpTime(3), 4, 5, {}}.write(w, std::array{a, b}); });
  auto report = SenderReport::parse(only_block(sr));
  ASSERT_TRUE(report);
  ASSERT_EQ(report->reports.size(), 2u);
  EXPECT_EQ(report->reports.at(0), a);
  EXPECT_EQ(report->reports.at(1), b);
  refuses_every_truncation(sr, [](const Block& x) { return SenderReport::parse(x).has_value(); });

  ReportBlock flood = b;
  flood.cumulative_lost = 1 << 30;
  Bytes rr = written([&](ByteWriter& w) { ReceiverReport{Ssrc(1), {}}.write(w, std::array{flood}); });
  EXPECT_EQ(ReceiverReport::parse(only_block(rr))->reports.at(0).cumulative_lost, 0x7fffff);
  refuses_every_truncation(rr, [](const Block& x) { return ReceiverReport::parse(x).has_value(); });
}

TEST(Reports, an_empty_receiver_report_is_eight_bytes) {
  Bytes raw = written([](ByteWriter& w) { ReceiverReport{Ssrc(0x01020304), {}}.write(w); });
  EXPECT_EQ(raw, hex("80c9000101020304"));
}

TEST(Sdes, names_of_every_length_round_trip) {
  for (size_t n = 0; n <= 255; ++n) {
    std::string name(n, 'n');
    Bytes raw = written([&](ByteWriter& w) { write_sdes_cname(w, Ssrc(9), name); });
    EXPECT_EQ(raw.size() % 4, 0u);
    auto sdes = Sdes::parse(only_block(raw));
    ASSERT_TRUE(sdes) << n;
    SdesChunk chunk;
    ASSERT_TRUE(sdes->next(chunk));
    EXPECT_EQ(chunk.cname, name);
    EXPECT_EQ(chunk.source, Ssrc(9));
  }
  Bytes raw = written([&](ByteWriter& w) { write_sdes_cname(w, Ssrc(9), "name"); });
  refuses_every_truncation(raw, [](const Block& x) { return Sdes::parse(x).has_value(); });
}

TEST(Bye, sources_and_reason_are_read) {
  Bytes raw =
      hex("82cb0004"
          "00000001"
          "00000002"
          "046c656674"
          "000000");
  auto bye = Bye::parse(only_block(raw));
  ASSERT_TRUE(bye);
  ASSERT_EQ(bye->size(), 2u);
  EXPECT_EQ(bye->at(1), Ssrc(2));
  EXPECT_EQ(bye->reason(), "left");
  EXPECT_EQ(written([](ByteWriter& w) { write_bye(w, std::array{Ssrc(1), Ssrc(2)}); }), hex("82cb0002"
                                                                                            "00000001"
                                                                                            "00000002"));
  EXPECT_FALSE(Bye::parse(Block{2, BlockType::kBye, hex("00000001000000")}));
}

std::vector<uint16_t> named(const Bytes& raw) {
  std::vector<uint16_t> out;
  auto nack = Nack::parse(only_block(raw));
  EXPECT_TRUE(nack);
  nack->for_each([&](SeqNum s) { out.push_back(s.value()); });
  return out;
}

TEST(Nack, lost_packets_are_packed_into_pairs_across_the_wrap) {
  std::vector<SeqNum> lost = {SeqNum(65530), SeqNum(65535), SeqNum(0), SeqNum(10), SeqNum(27)};
  Bytes raw = written([&](ByteWriter& w) { EXPECT_EQ(write_nack(w, Ssrc(1), Ssrc(2), lost), 5u); });
  // 65530 with bits 5 (65535), 6 (0) and 16 (10), then 27 alone
  EXPECT_EQ(raw, hex("81cd0004"
                     "00000001"
                     "00000002"
                     "fffa8030"
                     "001b0000"));
  EXPECT_EQ(named(raw), (std::vector<uint16_t>{65530, 65535, 0, 10, 27}));
  refuses_every_truncation(raw.size() > 16 ? Bytes(hex("81cd0003"
                                                       "00000001"
                                                       "00000002"
                                                       "fffa8030"))
                                           : raw,
                           [](const Block& x) { return Nack::parse(x).has_value(); });
}

TEST(Nack, what_exceeds_the_bound_is_left_for_the_next_message) {
  std::vector<SeqNum> lost;
  for (uint16_t i = 0; i < 300; ++i) lost.push_back(SeqNum(static_cast<uint16_t>(i * 20)));
  uint8_t raw[2000];
  ByteWriter w(raw);
  EXPECT_EQ(write_nack(w, Ssrc(1), Ssrc(2), lost), kMaxNackPairs);
  EXPECT_EQ(w.size(), 12 + 4 * kMaxNackPairs);
  ByteWriter none(raw);
  EXPECT_EQ(write_nack(none, Ssrc(1), Ssrc(2), {}), 0u);
  EXPECT_EQ(none.size(), 0u);
}

TEST(Nack, random_losses_round_trip) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<SeqNum> lost;
    std::vector<uint16_t> expected;
    auto at = static_cast<uint16_t>(random());
    for (size_t n = 1 + random() % 60; n > 0; --n) {
      at = static_cast<uint16_t>(at + 1 + random() % 30);
      lost.push_back(SeqNum(at));
      expected.push_back(at);
    }
    EXPECT_EQ(named(written([&](ByteWriter& w) { write_nack(w, Ssrc(1), Ssrc(2), lost); })), expected);
  }
}

TEST(Pli, is_twelve_bytes) {
  Bytes raw = written([](ByteWriter& w) { Pli{Ssrc(1), Ssrc(2)}.write(w); });
  EXPECT_EQ(raw, hex("81ce0002"
                     "00000001"
                     "00000002"));
  refuses_every_truncation(raw, [](const Block& x) { return Pli::parse(x).has_value(); });
}

TEST(Fir, names_its_source_in_the_entry) {
  Bytes raw = written([](ByteWriter& w) { write_fir(w, Ssrc(1), {Ssrc(2), 9}); });
  EXPECT_EQ(raw, hex("84ce0004"
                     "00000001"
                     "00000000"
                     "00000002"
                     "09000000"));
  auto fir = Fir::parse(only_block(raw));
  ASSERT_TRUE(fir);
  ASSERT_EQ(fir->size(), 1u);
  EXPECT_EQ(fir->at(0).media, Ssrc(2));
  EXPECT_EQ(fir->at(0).number, 9);
  refuses_every_truncation(raw, [](const Block& x) { return Fir::parse(x).has_value(); });
}

TEST(LayerWish, is_an_application_packet_of_twenty_bytes) {
  const LayerWish wish{Ssrc(1), Ssrc(2), 640, 360};
  Bytes raw = written([&](ByteWriter& w) { wish.write(w); });
  EXPECT_EQ(raw, hex("80cc0004"
                     "00000001"
                     "464c5952"
                     "00000002"
                     "02800168"));
  EXPECT_EQ(LayerWish::parse(only_block(raw)), wish);
  refuses_every_truncation(raw, [](const Block& x) { return LayerWish::parse(x).has_value(); });
  Block other = only_block(raw);
  other.count = 1;
  EXPECT_FALSE(LayerWish::parse(other)) << "a subtype of another meaning";
}

}  // namespace
}  // namespace footlight::rtp::rtcp
