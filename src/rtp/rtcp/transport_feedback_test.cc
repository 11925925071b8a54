#include "rtp/rtcp/transport_feedback.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "base/text_codec.h"

namespace footlight::rtp::rtcp {
namespace {

using Bytes = std::vector<uint8_t>;
Bytes hex(std::string_view text) { return from_hex(text).value(); }

Block only_block(ByteView raw) {
  auto compound = CompoundReader::parse(raw);
  EXPECT_TRUE(compound);
  Block block;
  EXPECT_TRUE(compound->next(block));
  return block;
}

Bytes written(const TransportFeedbackBuilder& builder) {
  uint8_t raw[1500];
  ByteWriter w(raw);
  builder.write(w);
  EXPECT_TRUE(w.ok());
  return {w.written().begin(), w.written().end()};
}

struct Seen {
  uint16_t seq;
  std::optional<int64_t> us;
  bool operator==(const Seen&) const = default;
};
std::vector<Seen> seen(ByteView raw) {
  auto feedback = TransportFeedback::parse(only_block(raw));
  EXPECT_TRUE(feedback);
  std::vector<Seen> out;
  auto reader = feedback->packets();
  for (TransportFeedback::Packet p; reader.next(p);)
    out.push_back({p.seq.value(), p.arrival ? std::optional(p.arrival->us()) : std::nullopt});
  EXPECT_EQ(out.size(), feedback->packet_count());
  return out;
}

TEST(TransportFeedbackBuilder, arrivals_and_losses_are_read_back_in_ticks) {
  TransportFeedbackBuilder b;
  b.begin(Ssrc(1), Ssrc(2), 7, UnwrappedSeq(65535));
  ASSERT_TRUE(b.add(UnwrappedSeq(65535), Timestamp::micros(1'000'000)));
  ASSERT_TRUE(b.add(UnwrappedSeq(65536), Timestamp::micros(1'001'100)));
  ASSERT_TRUE(b.add(UnwrappedSeq(65538), Timestamp::micros(1'000'300)));  // overtaken: a negative delta
  ASSERT_TRUE(b.add(UnwrappedSeq(65539), Timestamp::micros(1'500'000)));
  Bytes raw = written(b);
  auto feedback = TransportFeedback::parse(only_block(raw));
  ASSERT_TRUE(feedback);
  EXPECT_EQ(feedback->sender(), Ssrc(1));
  EXPECT_EQ(feedback->media(), Ssrc(2));
  EXPECT_EQ(feedback->base_seq(), SeqNum(65535));
  EXPECT_EQ(feedback->feedback_number(), 7);
  EXPECT_EQ(feedback->reference_time(), Duration::millis(960));
  EXPECT_EQ(seen(raw),
            (std::vector<Seen>{{65535, 1'000'000}, {0, 1'001'000}, {1, {}}, {2, 1'000'250}, {3, 1'500'000}}));
}

// The draft's own forms, by hand: base 0x0010, 9 packets, reference 2 (128 ms), number 0;
// run of 7 small deltas (2007), two-bit vector: large, lost (c000 | 2<<12 = e000); 7 x 4 ticks, then −8 ticks.
TEST(TransportFeedback, run_length_and_vector_chunks_are_understood) {
  Bytes raw =
      hex("8fcd0008"
          "00000001"
          "00000002"
          "00100009"
          "00000200"
          "2007e000"
          "04040404"
          "040404"
          "fff8"
          "000000");
  EXPECT_EQ(seen(raw), (std::vector<Seen>{{16, 129'000},
                                          {17, 130'000},
                                          {18, 131'000},
                                          {19, 132'000},
                                          {20, 133'000},
                                          {21, 134'000},
                                          {22, 135'000},
                                          {23, 133'000},
                                          {24, {}}}));
}

TEST(TransportFeedback, reserved_symbols_empty_runs_and_no_packets_are_refused) {
  auto reason = [](std::string_view text) { return TransportFeedback::parse(only_block(hex(text))).error(); };
  EXPECT_EQ(reason("8fcd0005"
                   "00000001"
                   "00000002"
                   "00100001"
                   "00000200"
                   "60010000"),
            MessageError::kBadValue);
  EXPECT_EQ(reason("8fcd0005"
                   "00000001"
                   "00000002"
                   "00100001"
                   "00000200"
                   "20000000"),
            MessageError::kBadValue);
  EXPECT_EQ(reason("8fcd0005"
                   "00000001"
                   "00000002"
                   "00100000"
                   "00000200"
                   "20000000"),
            MessageError::kBadValue);
  EXPECT_EQ(reason("8fcd0005"
                   "00000001"
                   "00000002"
                   "0010ffff"
                   "00000200"
                   "3fff3fff"),
            MessageError::kTruncated);
}

TEST(TransportFeedback, truncation_at_every_length_is_refused) {
  TransportFeedbackBuilder b;
  b.begin(Ssrc(1), Ssrc(2), 0, UnwrappedSeq(10));
  for (int i = 0; i < 20; i += 2) ASSERT_TRUE(b.add(UnwrappedSeq(10 + i), Timestamp::millis(1000 + i * 40)));
  Bytes raw = written(b);
  Block whole = only_block(raw);
  size_t padding = 0;
  while (whole.body[whole.body.size() - 1 - padding] == 0) ++padding;
  for (size_t n = 0; n + 4 <= whole.body.size(); ++n) {
    Bytes body(whole.body.begin(), whole.body.begin() + static_cast<ptrdiff_t>(n));
    EXPECT_FALSE(TransportFeedback::parse(Block{whole.count, whole.type, body})) << n;
  }
}

TEST(TransportFeedbackBuilder, refuses_what_does_not_fit_and_stays_good) {
  TransportFeedbackBuilder b;
  b.begin(Ssrc(1), Ssrc(2), 0, UnwrappedSeq(100));
  EXPECT_TRUE(b.empty());
  ASSERT_TRUE(b.add(UnwrappedSeq(102), Timestamp::millis(1)));
  EXPECT_FALSE(b.add(UnwrappedSeq(101), Timestamp::millis(2))) << "not rising";
  EXPECT_FALSE(b.add(UnwrappedSeq(102), Timestamp::millis(2))) << "twice";
  EXPECT_FALSE(b.add(UnwrappedSeq(100 + 512), Timestamp::millis(2))) << "too many";
  EXPECT_FALSE(b.add(UnwrappedSeq(103), Timestamp::millis(8194))) << "a delta of more than 8.19 s";
  ASSERT_TRUE(b.add(UnwrappedSeq(103), Timestamp::millis(2)));
  EXPECT_EQ(b.packet_count(), 4u);
  EXPECT_EQ(seen(written(b)), (std::vector<Seen>{{100, {}}, {101, {}}, {102, 1000}, {103, 2000}}));
}

TEST(TransportFeedbackBuilder, random_arrivals_round_trip_and_fit_one_datagram) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    TransportFeedbackBuilder b;
    UnwrappedSeq base(65536 + static_cast<int64_t>(random() % 65536));
    b.begin(Ssrc(1), Ssrc(2), 0, base);
    int64_t now = static_cast<int64_t>(random() % 100'000'000);
    unsigned loss = random() % 4;
    std::vector<Seen> expected;
    for (int64_t i = 0; i < 512; ++i) {
      now += random() % (round % 2 ? 2'000 : 300'000);
      int64_t arrival = std::max<int64_t>(0, now - static_cast<int64_t>(random() % 20'000));
      if (random() % 8 < loss) {
        expected.push_back({base.plus(i).wrapped().value(), {}});
        continue;
      }
      if (!b.add(base.plus(i), Timestamp::micros(arrival))) break;
      expected.push_back({base.plus(i).wrapped().value(), arrival / 250 * 250});
    }
    while (!expected.empty() && !expected.back().us) expected.pop_back();
    if (b.empty()) continue;
    Bytes raw = written(b);
    EXPECT_LE(raw.size(), 1192u);
    EXPECT_EQ(seen(raw), expected);
  }
}

}  // namespace
}  // namespace footlight::rtp::rtcp
