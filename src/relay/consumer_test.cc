// One consumer beside its producer, without sessions.
#include "relay/consumer.h"

#include <gtest/gtest.h>

#include "rtp/packet_writer.h"

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
  void send_rtcp(ByteView) override {}
  int packets = 0;

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
