// A viewer's congestion control takes nothing from the heap once it stands (STYLE §2.20). Not under sanitizers: they
// bring an operator new of their own, and the release suite counts.
#if !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer)
#include <gtest/gtest.h>

#include <vector>

#include "base/testing_heap.h"
#include "congestion/arrival_recorder.h"
#include "congestion/send_controller.h"
#include "rtp/rtcp/compound.h"

namespace footlight::congestion {
namespace {

TEST(SendController, takes_nothing_from_the_heap_for_packets_feedback_and_probes) {
  SendController controller({}, true);
  controller.set_may_probe(true);
  controller.set_wanted(DataRate::kbps(3000));
  ArrivalRecorder viewer;
  std::vector<uint8_t> raw(kMaxFeedbackSize);
  uint16_t seq = 0;
  Timestamp now = Timestamp::millis(1'000'000);
  Duration queue;
  auto send = [&] {
    controller.on_packet_sent(rtp::SeqNum(++seq), 1200, now);
    if (seq % 20 != 0) viewer.record(rtp::SeqNum(seq), now + Duration::millis(20) + queue, 1200);
  };
  for (int turn = 0; turn < 3000; ++turn, now += Duration::millis(10)) {
    g_counting = true;
    controller.on_tick(now);
    if (turn % 3 == 0)
      for (int i = 0; i < 8 && !controller.window_full(); ++i) send();
    while (controller.probe_bytes_due(now) > 0) send();
    g_counting = false;
    if (turn > 1000 && turn < 1100) queue += Duration::millis(3);  // overuse, and what follows it
    if (turn == 1500) queue = Duration::zero();
    ByteWriter writer(raw);
    if (!viewer.build_feedback(now, rtp::Ssrc(1), rtp::Ssrc(2), writer)) continue;
    g_counting = true;
    auto compound = rtp::rtcp::CompoundReader::parse(writer.written());
    for (rtp::rtcp::Block block; compound->next(block);)
      controller.on_transport_feedback(*rtp::rtcp::TransportFeedback::parse(block), now);
    g_counting = false;
  }
  EXPECT_EQ(g_allocations, 0);
  EXPECT_GT(controller.state().probes, 2u);
  EXPECT_GT(controller.state().loss_ratio, 0.01);
}

}  // namespace
}  // namespace footlight::congestion

#endif
