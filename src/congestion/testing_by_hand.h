#pragma once
// For tests: a controller, and feedback on what it sent, by hand.
#include <gtest/gtest.h>

#include <array>

#include "congestion/arrival_recorder.h"
#include "congestion/send_controller.h"
#include "rtp/rtcp/compound.h"

namespace footlight::congestion::test {

struct ByHand : testing::Test {
  void send(int packets, Timestamp now) {
    for (int i = 0; i < packets; ++i) controller.on_packet_sent(rtp::SeqNum(++seq), 1000, now);
  }
  // Packets that bear no number.
  void send_plain(int packets, Timestamp now) {
    for (int i = 0; i < packets; ++i) controller.on_packet_sent(std::nullopt, 1000, now);
  }
  // All that was sent from `from` on arrived; what came before did not.
  void report(uint16_t from, Timestamp now) {
    ArrivalRecorder recorder;
    recorder.record(rtp::SeqNum(1), now);
    for (uint16_t arrived = from; arrived <= seq; ++arrived) recorder.record(rtp::SeqNum(arrived), now);
    std::array<uint8_t, kMaxFeedbackSize> raw;
    ByteWriter writer(raw);
    ASSERT_TRUE(recorder.build_feedback(now + kMaxFeedbackInterval, rtp::Ssrc(1), rtp::Ssrc(2), writer));
    auto compound = rtp::rtcp::CompoundReader::parse(writer.written());
    for (rtp::rtcp::Block block; compound->next(block);)
      controller.on_transport_feedback(*rtp::rtcp::TransportFeedback::parse(block), now);
  }
  // Ticks of 10 ms, and what they ask for is sent; how many packets that was.
  int tick(Timestamp from, Timestamp until) {
    int asked = 0;
    for (Timestamp now = from; now < until; now += Duration::millis(10)) {
      controller.on_tick(now);
      for (; controller.probe_bytes_due(now) > 0; ++asked) send(1, now);
    }
    return asked;
  }

  SendController controller{{}, true};
  uint16_t seq = 0;
};

}  // namespace footlight::congestion::test
