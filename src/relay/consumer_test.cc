// One consumer beside its producer, without sessions.
#include "relay/consumer.h"

#include <gtest/gtest.h>

#include "rtp/packet_writer.h"
#include "rtp/rtcp/compound.h"
#include "rtp/rtcp/sender_report.h"

namespace footlight::relay {
namespace {

Timestamp at(int64_t ms) { return Timestamp::millis(1000 + ms); }

class CountingTransport final : public RtpTransport {
 public:
  [[nodiscard]] bool writable() const override { return true; }
  [[nodiscard]] MutableByteView rtp_slot() override { return slot_; }
  size_t send_rtp(size_t header_size, ByteView payload) override {
    ++packets;
    return header_size + payload.size();
  }
  void send_rtcp(ByteView compound) override {
    auto reader = rtp::rtcp::CompoundReader::parse(compound);
    rtp::rtcp::Block block;
    if (!reader || !reader->next(block)) return;
    if (auto parsed = rtp::rtcp::SenderReport::parse(block)) report = *parsed;
  }
  int packets = 0;
  std::optional<rtp::rtcp::SenderReport> report;

 private:
  std::array<uint8_t, 1500> slot_{};
};

struct ConsumerTest : testing::Test {
  Counters counters;
  CountingTransport transport;
  Publication::Track track;
  Producer& producer = add_layer();
  Consumer consumer{{.codec = media::Codec::kH264, .clock_rate = 90000, .ssrc = rtp::Ssrc(9)}, transport, counters};

  Producer& add_layer() {
    track.kind = media::Kind::kVideo;
    track.layers.push_back(
        {{},
         std::make_unique<Producer>(
             ProducerParameters{
                 .codec = media::Codec::kH264, .payload_type = rtp::PayloadType(96), .clock_rate = 90000, .pli = true},
             counters)});
    return *track.layers.back().producer;
  }
  bool receive(uint32_t ssrc, uint16_t seq, std::vector<uint8_t> payload) {
    std::array<uint8_t, 1600> bytes{};
    const rtp::Header header{false, rtp::PayloadType(96), rtp::SeqNum(seq), rtp::RtpTime(90000), rtp::Ssrc(ssrc)};
    const size_t size = rtp::write_packet(bytes, header, payload);
    const auto packet = rtp::PacketView::parse(ByteView(bytes).first(size));
    return packet && producer.on_rtp(*packet, at(0));
  }
};

TEST_F(ConsumerTest, a_jump_of_the_sources_wall_clock_is_no_round_trip) {
  producer.latch(rtp::Ssrc(1));
  ASSERT_TRUE(receive(1, 0, {0x67, 5}));
  consumer.set_track(&track, at(0));
  const auto source_reports = [&](int64_t seconds, int64_t ms) {
    rtp::rtcp::SenderReport report;
    report.ntp = rtp::NtpTime(static_cast<uint64_t>(seconds) << 32);
    report.rtp_time = rtp::RtpTime(90000);
    producer.on_sender_report(report, at(ms));
  };
  source_reports(1000, 0);
  consumer.tick(at(10));
  ASSERT_TRUE(transport.report);
  rtp::rtcp::ReportBlock block{.source = rtp::Ssrc(9)};
  block.last_sr = rtp::compact_from_ntp(transport.report->ntp);
  source_reports(1030, 20);  // half a minute on, in 20 ms
  consumer.on_report(block, at(90));
  ASSERT_TRUE(consumer.round_trip());
  EXPECT_LT(std::abs(consumer.round_trip()->us() - 80'000), 100);
}

TEST_F(ConsumerTest, loss_counts_before_the_source_has_ever_sent_a_report) {
  producer.latch(rtp::Ssrc(1));
  ASSERT_TRUE(receive(1, 0, {0x67, 5}));
  consumer.set_track(&track, at(0));
  rtp::rtcp::ReportBlock block{.source = rtp::Ssrc(9)};
  block.fraction_lost = 128;
  block.jitter = 900;
  block.last_sr = rtp::CompactNtp(77);
  consumer.on_report(block, at(50));
  EXPECT_EQ(consumer.loss_ratio(), 0.5);
  EXPECT_EQ(consumer.jitter().ms(), 10);
  EXPECT_FALSE(consumer.round_trip());
}

TEST_F(ConsumerTest, a_source_that_begins_anew_in_mid_replay_is_asked_for_a_key_frame) {
  producer.latch(rtp::Ssrc(1));
  for (uint16_t seq = 0; seq < 100; ++seq) ASSERT_TRUE(receive(1, seq, {seq == 0 ? uint8_t{0x67} : uint8_t{0x7c}, 5}));
  producer.clear_fresh();
  consumer.set_track(&track, at(0));
  const int begun = transport.packets;
  ASSERT_GT(begun, 0);
  ASSERT_LT(begun, 100) << "the rest of the past waits for the next tick";
  (void)producer.take_key_frame_request(at(0));

  producer.latch(rtp::Ssrc(2));
  EXPECT_FALSE(receive(2, 0, std::vector<uint8_t>(PacketBuffer::kMaxPayload + 1))) << "too large to keep";
  consumer.tick(at(600));
  EXPECT_EQ(transport.packets, begun);
  EXPECT_TRUE(producer.take_key_frame_request(at(600)));
}

}  // namespace
}  // namespace footlight::relay
