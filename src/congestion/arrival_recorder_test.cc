#include "congestion/arrival_recorder.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>

#include "rtp/rtcp/compound.h"

namespace footlight::congestion {
namespace {

using rtp::SeqNum;
using rtp::Ssrc;

const Timestamp kStart = Timestamp::millis(5'000'000);

// What a browser would learn: each number's arrival on the recorder's clock, in 250 µs ticks; lost ones are absent.
struct Report {
  size_t messages = 0;
  std::map<uint16_t, int64_t> received;
  std::map<uint16_t, bool> named;
};

void read_message(ByteView bytes, Report& report) {
  auto compound = rtp::rtcp::CompoundReader::parse(bytes);
  ASSERT_TRUE(compound);
  rtp::rtcp::Block block;
  while (compound->next(block)) {
    auto feedback = rtp::rtcp::TransportFeedback::parse(block);
    ASSERT_TRUE(feedback);
    ++report.messages;
    auto reader = feedback->packets();
    rtp::rtcp::TransportFeedback::Packet packet;
    while (reader.next(packet)) {
      report.named[packet.seq.value()] = true;
      if (packet.arrival) report.received[packet.seq.value()] = packet.arrival->us() / 250;
    }
  }
}

Report report_at(ArrivalRecorder& recorder, Timestamp now) {
  Report report;
  std::array<uint8_t, 1500> buffer{};
  for (;;) {
    ByteWriter out(buffer);
    if (!recorder.build_feedback(now, Ssrc(1), Ssrc(2), out)) return report;
    EXPECT_TRUE(out.ok());
    EXPECT_LE(out.size(), kMaxFeedbackSize);
    read_message(out.written(), report);
  }
}

TEST(ArrivalRecorder, tells_every_50_ms_what_came_and_what_did_not) {
  ArrivalRecorder recorder;
  EXPECT_FALSE(recorder.next_timeout());
  recorder.record(SeqNum(10), kStart);
  recorder.record(SeqNum(11), kStart + Duration::millis(5));
  recorder.record(SeqNum(13), kStart + Duration::millis(15));
  EXPECT_EQ(recorder.next_timeout(), kStart + Duration::millis(50));
  EXPECT_EQ(report_at(recorder, kStart + Duration::millis(49)).messages, 0U);
  auto report = report_at(recorder, kStart + Duration::millis(50));
  EXPECT_EQ(report.messages, 1U);
  EXPECT_EQ(report.named.size(), 4U);
  ASSERT_EQ(report.received.size(), 3U);
  EXPECT_EQ(report.received[11] - report.received[10], 20);
  EXPECT_EQ(report.received[13] - report.received[10], 60);
  EXPECT_FALSE(recorder.next_timeout());
}

// Sends `packets` of `bytes` in a second and counts the messages of the following one.
size_t messages_a_second(int packets, size_t bytes) {
  ArrivalRecorder recorder;
  size_t messages = 0;
  for (int i = 0; i < 2 * packets; ++i) {
    Timestamp now = kStart + Duration::micros(int64_t{1'000'000} * i / packets);
    size_t told = report_at(recorder, now).messages;
    if (i >= packets) messages += told;
    recorder.record(SeqNum(static_cast<uint16_t>(i)), now, bytes);
  }
  return messages;
}

TEST(ArrivalRecorder, feedback_takes_a_twentieth_of_what_comes_in_at_most) {
  EXPECT_NEAR(static_cast<double>(messages_a_second(300, 1100)), 19, 2)
      << "2.6 Mbit/s: each 50 ms and the wait for one";
  EXPECT_NEAR(static_cast<double>(messages_a_second(50, 100)), 4, 1) << "a voice";
}

TEST(ArrivalRecorder, the_next_message_goes_on_where_the_last_one_ended) {
  ArrivalRecorder recorder;
  recorder.record(SeqNum(65534), kStart);
  (void)report_at(recorder, kStart + Duration::millis(50));
  recorder.record(SeqNum(1), kStart + Duration::millis(60));
  auto report = report_at(recorder, kStart + Duration::millis(110));
  EXPECT_EQ(report.named.size(), 3U);  // 65535, 0 lost; 1 received
  EXPECT_EQ(report.received.size(), 1U);
  EXPECT_TRUE(report.received.contains(1));
}

TEST(ArrivalRecorder, a_late_packet_that_was_reported_lost_is_reported_again) {
  ArrivalRecorder recorder;
  recorder.record(SeqNum(1), kStart);
  recorder.record(SeqNum(3), kStart + Duration::millis(1));
  EXPECT_FALSE(report_at(recorder, kStart + Duration::millis(50)).received.contains(2));
  recorder.record(SeqNum(2), kStart + Duration::millis(52));
  EXPECT_TRUE(report_at(recorder, kStart + Duration::millis(110)).received.contains(2));
  recorder.record(SeqNum(2), kStart + Duration::millis(120));  // a duplicate is no news
  EXPECT_FALSE(recorder.next_timeout());
}

TEST(ArrivalRecorder, a_burst_takes_as_many_messages_as_it_needs) {
  ArrivalRecorder recorder;
  for (uint16_t i = 0; i < 1500; ++i) recorder.record(SeqNum(i), kStart + Duration::micros(20 * i));
  auto report = report_at(recorder, kStart + Duration::millis(60));
  EXPECT_GE(report.messages, 3U);
  EXPECT_EQ(report.received.size(), 1500U);
}

TEST(ArrivalRecorder, outages_longer_than_a_message_or_the_window_are_survived) {
  for (int gap : {500, 600, 5000, 20000}) {
    ArrivalRecorder recorder;
    recorder.record(SeqNum(0), kStart);
    recorder.record(SeqNum(static_cast<uint16_t>(gap)), kStart + Duration::millis(10));
    auto report = report_at(recorder, kStart + Duration::millis(50));
    EXPECT_TRUE(report.received.contains(static_cast<uint16_t>(gap))) << gap;
    recorder.record(SeqNum(static_cast<uint16_t>(gap + 1)), kStart + Duration::seconds(20));
    EXPECT_TRUE(report_at(recorder, kStart + Duration::seconds(21)).received.contains(static_cast<uint16_t>(gap + 1)));
  }
}

TEST(ArrivalRecorder, random_loss_and_disorder_is_told_truly) {
  ArrivalRecorder recorder;
  std::minstd_rand random(3);
  Report all;
  std::map<uint16_t, bool> truth;
  Timestamp now = kStart;
  uint32_t seq = 60000;
  for (int i = 0; i < 20000; ++i) {
    now += Duration::micros(static_cast<int64_t>(random() % 4000));
    uint32_t at = seq + random() % 4;  // disorder
    ++seq;
    if (random() % 10 != 0) {
      recorder.record(SeqNum(static_cast<uint16_t>(at)), now);
      truth[static_cast<uint16_t>(at)] = true;
    }
    if (recorder.next_timeout() && *recorder.next_timeout() <= now) {
      auto report = report_at(recorder, now);
      all.received.merge(report.received);
    }
  }
  auto report = report_at(recorder, now + Duration::seconds(1));
  all.received.merge(report.received);
  EXPECT_EQ(all.received.size(), truth.size());
}

}  // namespace
}  // namespace footlight::congestion
