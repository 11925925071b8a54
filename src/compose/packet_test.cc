// Packets in and out: loss, order, and the programme as RTP.
#include <gtest/gtest.h>

#include "compose/loss_tracker.h"
#include "compose/reorder_buffer.h"
#include "compose/rtp_output.h"
#include "rtp/packet_view.h"
#include "rtp/payload/frame_assembler.h"
#include "rtp/rtcp/compound.h"
#include "rtp/rtcp/sender_report.h"

namespace footlight::compose {
namespace {

constexpr Timestamp kNow = Timestamp::millis(1000);
rtp::UnwrappedSeq seq(int64_t n) { return rtp::UnwrappedSeq(n); }

TEST(LossTracker, gap_is_asked_for_three_times_with_patience) {
  LossTracker t;
  EXPECT_TRUE(t.on_packet(seq(100), kNow));
  EXPECT_TRUE(t.on_packet(seq(103), kNow));
  std::vector<rtp::SeqNum> due;
  t.take_due(kNow, due);
  EXPECT_TRUE(due.empty()) << "reordering gets 5 ms";
  std::vector<size_t> asked;
  for (int ms = 1; ms <= 300; ++ms) {
    due.clear();
    t.take_due(kNow + Duration::millis(ms), due);
    asked.push_back(due.size());
  }
  EXPECT_EQ(std::count(asked.begin(), asked.end(), 2U), 3);
  EXPECT_EQ(asked[4], 2U);
}

TEST(LossTracker, repaired_and_repeated_packets_are_told_apart) {
  LossTracker t;
  t.on_packet(seq(10), kNow);
  t.on_packet(seq(12), kNow);
  EXPECT_TRUE(t.missing(seq(11)));
  EXPECT_TRUE(t.on_packet(seq(11), kNow));
  EXPECT_FALSE(t.missing(seq(11)));
  EXPECT_FALSE(t.on_packet(seq(11), kNow)) << "a duplicate";
  EXPECT_FALSE(t.on_packet(seq(12), kNow));
  EXPECT_EQ(t.received(), 3U);
}

TEST(LossTracker, a_jump_of_thousands_is_not_asked_for) {
  LossTracker t;
  t.on_packet(seq(10), kNow);
  t.on_packet(seq(9000), kNow);
  std::vector<rtp::SeqNum> due;
  t.take_due(kNow + Duration::seconds(1), due);
  EXPECT_TRUE(due.empty());
  EXPECT_EQ(t.lost(), 8989U);
}

WaitingPacket packet(int64_t n, Timestamp at) { return {.seq = seq(n), .arrival = at, .payload = {1}}; }

TEST(ReorderBuffer, order_is_restored_and_a_gap_is_skipped_after_its_patience) {
  ReorderBuffer buffer(Duration::millis(200));
  buffer.push(packet(1, kNow));
  buffer.push(packet(3, kNow));
  buffer.push(packet(4, kNow));
  EXPECT_EQ(buffer.pop(kNow)->seq, seq(1));
  EXPECT_FALSE(buffer.pop(kNow));
  buffer.push(packet(2, kNow + Duration::millis(50)));
  EXPECT_EQ(buffer.pop(kNow)->seq, seq(2));
  EXPECT_EQ(buffer.pop(kNow)->seq, seq(3));
  EXPECT_EQ(buffer.pop(kNow)->seq, seq(4));
  buffer.push(packet(7, kNow));
  EXPECT_FALSE(buffer.pop(kNow + Duration::millis(199)));
  EXPECT_EQ(buffer.pop(kNow + Duration::millis(200))->seq, seq(7));
  buffer.push(packet(6, kNow));  // too late
  EXPECT_FALSE(buffer.waiting());
}

struct Recorder final : PacketSender {
  void send_rtp(ByteView p) override { rtp.emplace_back(p.begin(), p.end()); }
  void send_rtcp(ByteView p) override { rtcp.emplace_back(p.begin(), p.end()); }
  std::vector<std::vector<uint8_t>> rtp, rtcp;
};

std::vector<state::PipeTrack> tracks() {
  return {{.kind = "video", .codec = "h264", .ssrc = 7, .payload_type = 96, .clock_rate = 90'000},
          {.kind = "audio", .codec = "opus", .ssrc = 8, .payload_type = 111, .clock_rate = 48'000}};
}
std::vector<uint8_t> big_idr() {
  std::vector<uint8_t> frame = {0, 0,    0,    1,    0x67, 0x4d, 0x40, 0x1e, 1, 0,    0,   0,
                                1, 0x68, 0xee, 0x3c, 0x80, 0,    0,    0,    1, 0x65, 0x88};
  for (int i = 0; i < 5000; ++i) frame.push_back(static_cast<uint8_t>(i % 251 + 1));
  return frame;
}

TEST(RtpOutput, a_frame_becomes_packets_of_one_time_with_a_marker_at_the_end) {
  Recorder sent;
  RtpOutput output(sent);
  output.set_tracks(tracks());
  const auto frame = big_idr();
  output.send_video(frame, 3000, {});
  ASSERT_GT(sent.rtp.size(), 4U);
  auto assembler = rtp::make_frame_assembler(media::Codec::kH264);
  rtp::SeqUnwrapper unwrap;
  for (size_t i = 0; i < sent.rtp.size(); ++i) {
    const auto view = rtp::PacketView::parse(sent.rtp[i]);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->ssrc(), rtp::Ssrc(7));
    EXPECT_EQ(view->marker(), i + 1 == sent.rtp.size());
    EXPECT_LE(view->payload().size(), 1100U);
    EXPECT_EQ(view->time(), rtp::PacketView::parse(sent.rtp[0])->time());
    assembler->push({unwrap.unwrap(view->seq()), rtp::UnwrappedTime(3000), view->marker(), view->payload(), {}});
  }
  const auto whole = assembler->take();
  ASSERT_TRUE(whole);
  EXPECT_TRUE(whole->intact);
  EXPECT_TRUE(whole->frame.key);
}

TEST(RtpOutput, sender_reports_tie_both_tracks_to_one_wall_clock) {
  Recorder sent;
  RtpOutput output(sent);
  output.set_tracks(tracks());
  const WallTime wall = WallTime::millis(1'700'000'000'000);
  const std::vector<uint8_t> opus = {0xfc, 1, 2, 3};
  for (int i = 0; i < 150; ++i) {
    const Moment moment{wall + Duration::millis(20 * i), 1800 * i, 960 * i};
    output.send_audio(opus, 960 * i, moment);
    output.send_video(big_idr(), 1800 * i, moment);
  }
  ASSERT_EQ(sent.rtcp.size(), 6U) << "one a second and track";
  // RTP time less the track's offset is the timeline: the difference between report and packets shows it.
  for (const uint32_t ssrc : {7U, 8U}) {
    std::optional<uint32_t> first_rtp;
    for (const auto& p : sent.rtp) {
      const auto view = rtp::PacketView::parse(p);
      if (view->ssrc() == rtp::Ssrc(ssrc) && !first_rtp) first_rtp = view->time().value();
    }
    int seconds = 0;
    for (const auto& p : sent.rtcp) {
      auto compound = rtp::rtcp::CompoundReader::parse(p);
      rtp::rtcp::Block block;
      ASSERT_TRUE(compound->next(block));
      const auto report = rtp::rtcp::SenderReport::parse(block);
      ASSERT_TRUE(report);
      if (report->sender != rtp::Ssrc(ssrc)) continue;
      EXPECT_EQ(report->rtp_time.value() - *first_rtp,
                static_cast<uint32_t>(seconds) * (ssrc == 7 ? 90'000U : 48'000U));
      EXPECT_EQ(rtp::wall_from_ntp(report->ntp), wall + Duration::seconds(seconds));
      ++seconds;
    }
    EXPECT_EQ(seconds, 3);
  }
}

TEST(RtpOutput, lost_packets_come_again_byte_for_byte_and_forgotten_ones_do_not) {
  Recorder sent;
  RtpOutput output(sent);
  output.set_tracks(tracks());
  output.send_video(big_idr(), 0, {});
  const auto original = sent.rtp[2];
  const auto number = rtp::PacketView::parse(original)->seq();
  sent.rtp.clear();
  output.on_nack(rtp::Ssrc(7), number);
  ASSERT_EQ(sent.rtp.size(), 1U);
  EXPECT_EQ(sent.rtp[0], original);
  output.on_nack(rtp::Ssrc(8), number);
  output.on_nack(rtp::Ssrc(9), number);
  output.on_nack(rtp::Ssrc(7), number.plus(40'000));
  EXPECT_EQ(sent.rtp.size(), 1U);
  for (int i = 0; i < 500; ++i) output.send_video(big_idr(), i * 3000, {});
  sent.rtp.clear();
  output.on_nack(rtp::Ssrc(7), number);
  EXPECT_TRUE(sent.rtp.empty()) << "two seconds and more ago";
}

}  // namespace
}  // namespace footlight::compose
