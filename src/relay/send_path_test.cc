#include "relay/send_path.h"

#include <gtest/gtest.h>

#include <array>

#include "congestion/arrival_recorder.h"
#include "rtp/rtcp/compound.h"

namespace footlight::relay {
namespace {

constexpr Timestamp kStart = Timestamp::millis(1'000'000);
constexpr size_t kPacket = 1200;
Duration ms(int64_t v) { return Duration::millis(v); }

// Sends as a consumer does: as many of `packets` as may leave now.
class Viewer {
 public:
  int send(int packets, Timestamp now) {
    int sent = 0;
    for (; sent < packets && path.may_send(now); ++sent) send_one(now);
    return sent;
  }
  void send_one(Timestamp now) {
    path.on_sent(rtp::SeqNum(++seq_), kPacket, now);
    recorder_.record(rtp::SeqNum(seq_), now + ms(20));
  }
  void report(Timestamp now) {
    std::array<uint8_t, congestion::kMaxFeedbackSize> raw;
    ByteWriter writer(raw);
    if (!recorder_.build_feedback(now, rtp::Ssrc(1), rtp::Ssrc(2), writer)) return;
    auto compound = rtp::rtcp::CompoundReader::parse(writer.written());
    ASSERT_TRUE(compound);
    for (rtp::rtcp::Block block; compound->next(block);)
      path.on_feedback(*rtp::rtcp::TransportFeedback::parse(block), now);
  }

  SendPath path{true};

 private:
  uint16_t seq_ = 0;
  congestion::ArrivalRecorder recorder_;
};

TEST(SendPath, a_frame_leaves_in_one_turn_and_a_key_frame_over_several) {
  Viewer viewer;
  EXPECT_EQ(viewer.send(4, kStart), 4) << "a frame of 1 Mbit/s, at an estimate of 1 Mbit/s";
  int sent = 0;
  int turns = 0;
  for (Timestamp now = kStart + ms(33); sent < 30; now += ms(10), ++turns) sent += viewer.send(30 - sent, now);
  EXPECT_GT(turns, 4);
  EXPECT_LT(turns, 12) << "36 KB at 2.5 Mbit/s: 115 ms, less the burst";
}

TEST(SendPath, a_viewer_that_falls_silent_is_not_sent_more_than_the_line_holds) {
  Viewer viewer;
  Timestamp now = kStart;
  for (int frame = 0; frame < 60; ++frame, now += ms(33)) {
    EXPECT_EQ(viewer.send(4, now), 4) << frame;
    viewer.report(now + ms(30));
  }
  int sent = 0;
  for (int frame = 0; frame < 20; ++frame, now += ms(33)) sent += viewer.send(4, now);
  EXPECT_LT(sent, 60) << "no word for two thirds of a second";
}

TEST(SendPath, repairs_wait_while_more_is_on_its_way_than_the_line_holds) {
  Viewer viewer;
  Timestamp now = kStart;
  for (int frame = 0; frame < 60; ++frame, now += ms(33)) {
    (void)viewer.send(4, now);
    EXPECT_TRUE(viewer.path.may_repair()) << frame;
    viewer.report(now + ms(30));
  }
  for (int i = 0; i < 60; ++i) viewer.send_one(now);
  EXPECT_FALSE(viewer.path.may_repair());
  viewer.report(now + ms(250));
  EXPECT_TRUE(viewer.path.may_repair());
}

TEST(SendPath, audio_is_accounted_and_never_held) {
  Viewer viewer;
  for (int i = 0; i < 200; ++i) viewer.send_one(kStart);
  EXPECT_FALSE(viewer.path.may_send(kStart)) << "what sound took is not video's to spend";
}

TEST(SendPath, asks_for_probes_while_more_is_wanted_and_finds_what_gets_through) {
  Viewer viewer;
  viewer.path.set_may_probe(true);
  viewer.path.set_wanted(DataRate::kbps(3000));
  int probes = 0;
  Timestamp now = kStart;
  for (int turn = 0; turn < 100; ++turn, now += ms(10)) {
    viewer.path.tick(now);
    if (turn % 3 == 0) (void)viewer.send(2, now);
    for (; viewer.path.probe_bytes_due(now) > 0; ++probes) viewer.send_one(now);
    if (turn % 5 == 0) viewer.report(now);
  }
  EXPECT_GT(probes, 5);
  EXPECT_LT(probes, 80);
  EXPECT_GE(viewer.path.target(), DataRate::kbps(3000));
  EXPECT_EQ(viewer.path.probe_bytes_due(now), 0u);
}

TEST(SendPath, a_viewer_without_transport_wide_feedback_is_judged_by_its_reports) {
  SendPath path(false);
  path.set_wanted(DataRate::kbps(3000));
  Timestamp now = kStart;
  for (int second = 0; second < 20; ++second) {
    for (int i = 0; i < 100; ++i, now += ms(10)) path.on_sent(std::nullopt, kPacket, now);
    path.on_report({100, 1}, ms(40), now);
  }
  DataRate before = path.target();
  EXPECT_GT(before, DataRate::kbps(1000));
  for (int second = 0; second < 10; ++second) {
    for (int i = 0; i < 100; ++i, now += ms(10)) path.on_sent(std::nullopt, kPacket, now);
    path.on_report({100, 45}, ms(40), now);
  }
  EXPECT_LT(path.target().bps(), before.bps() / 2);
}

}  // namespace
}  // namespace footlight::relay
