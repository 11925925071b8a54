#pragma once
// For tests: one track, its producers fed packet by packet, and a transport that keeps what consumers send.
#include <gtest/gtest.h>

#include "relay/consumer.h"
#include "rtp/packet_writer.h"

namespace footlight::relay::test {

inline Timestamp at(int64_t ms) { return Timestamp::millis(100'000 + ms); }

// H.264 packets by their first byte (RFC 6184 §1.3).
inline std::vector<uint8_t> h264(uint8_t type, uint8_t filler = 1) { return {type, filler, filler, filler}; }
inline constexpr uint8_t kSps = 0x67;
inline constexpr uint8_t kSlice = 0x41;

struct Sent {
  rtp::Ssrc ssrc;
  uint16_t seq = 0;
  uint32_t time = 0;
  uint8_t type = 0;
  bool marker = false;
  std::vector<uint8_t> payload;
  std::vector<uint8_t> bytes;
  Timestamp at;
};

class KeepingTransport final : public RtpTransport {
 public:
  [[nodiscard]] bool writable() const override { return true; }
  [[nodiscard]] MutableByteView rtp_slot() override { return slot_; }
  size_t send_rtp(size_t header_size, ByteView payload) override {
    ++packets;
    if (!keeps) return header_size + payload.size();
    std::copy(payload.begin(), payload.end(), slot_.begin() + static_cast<ptrdiff_t>(header_size));
    const ByteView bytes = ByteView(slot_).first(header_size + payload.size());
    const auto p = rtp::PacketView::parse(bytes);
    EXPECT_TRUE(p);
    sent.push_back({p->ssrc(),
                    p->seq().value(),
                    p->time().value(),
                    p->payload_type().value(),
                    p->marker(),
                    {p->payload().begin(), p->payload().end()},
                    {bytes.begin(), bytes.end()},
                    now});
    return bytes.size() + 16;
  }
  void send_rtcp(ByteView) override {}
  std::vector<Sent> sent;
  bool keeps = true;  // else they are counted only
  size_t packets = 0;
  Timestamp now;

 private:
  std::array<uint8_t, 1500> slot_{};
};

inline rtp::ExtensionMap some_extensions() {
  rtp::ExtensionMap map;
  map.set(rtp::ExtensionType::kMid, 4);
  map.set(rtp::ExtensionType::kAbsSendTime, 2);
  map.set(rtp::ExtensionType::kTransportSequence, 3);
  map.set(rtp::ExtensionType::kAudioLevel, 7);
  map.set(rtp::ExtensionType::kAbsCaptureTime, 8);
  map.set(rtp::ExtensionType::kVideoOrientation, 9);
  map.set(rtp::ExtensionType::kPlayoutDelay, 10);
  map.set(rtp::ExtensionType::kDependencyDescriptor, 11);
  map.allow_two_byte(true);
  return map;
}

// One track of one or more encodings, and whoever receives it.
struct MediaTest : testing::Test {
  Counters counters;
  KeepingTransport transport;
  Publication::Track track;
  Timestamp now = at(0);

  Producer& add(media::Codec codec) {
    ProducerParameters p;
    p.codec = codec;
    p.payload_type = rtp::PayloadType(96);
    p.clock_rate = media::kind_of(codec) == media::Kind::kVideo ? 90000 : 48000;
    p.pli = true;
    if (codec == media::Codec::kOpus) p.red_payload_type = rtp::PayloadType(63);
    track.kind = media::kind_of(codec);
    track.layers.push_back({std::string(1, static_cast<char>('a' + track.layers.size())),
                            std::make_unique<Producer>(std::move(p), counters)});
    Producer& producer = *track.layers.back().producer;
    producer.latch(rtp::Ssrc(static_cast<uint32_t>(track.layers.size())));
    return producer;
  }
  [[nodiscard]] ConsumerParameters parameters() const {
    const ProducerParameters& source = track.layers[0].producer->parameters();
    ConsumerParameters p;
    p.codec = source.codec;
    p.clock_rate = source.clock_rate;
    p.ssrc = rtp::Ssrc(900);
    p.payload_type = rtp::PayloadType(96);
    p.rtx_ssrc = rtp::Ssrc(901);
    p.rtx_payload_type = rtp::PayloadType(97);
    p.mid = "1";
    p.extensions = some_extensions();
    return p;
  }
  // A packet as it comes, handed to `consumers`.
  void receive(Producer& producer, uint16_t seq, uint32_t time, const std::vector<uint8_t>& payload,
               bool marker = false, std::initializer_list<Consumer*> consumers = {},
               const rtp::Extensions& extensions = {}, uint8_t type = 96) {
    std::array<uint8_t, 1600> bytes{};
    const rtp::Header header{marker, rtp::PayloadType(type), rtp::SeqNum(seq), rtp::RtpTime(time), *producer.ssrc()};
    const auto packet = rtp::PacketView::parse(ByteView(bytes).first(rtp::write_packet(bytes, header, payload)));
    ASSERT_TRUE(packet);
    transport.now = now;
    if (!producer.on_rtp(*packet, now, extensions)) return;
    for (Consumer* consumer : consumers) {
      if (consumer->producer() == &producer)
        consumer->forward(producer.fresh(), now);
      else if (producer.fresh_key() && consumer->awaits(producer))
        consumer->on_layer_key(now);
    }
    producer.clear_fresh();
  }
  void nack(Consumer& consumer, uint16_t seq) {
    std::array<uint8_t, 100> buffer{};
    ByteWriter writer(buffer);
    const std::array lost{rtp::SeqNum(seq)};
    rtp::rtcp::write_nack(writer, rtp::Ssrc(1), rtp::Ssrc(900), lost);
    auto reader = rtp::rtcp::CompoundReader::parse(writer.written());
    rtp::rtcp::Block block;
    ASSERT_TRUE(reader && reader->next(block));
    transport.now = now;
    consumer.on_nack(*rtp::rtcp::Nack::parse(block), now);
  }
  [[nodiscard]] const Sent& last() const { return transport.sent.back(); }
};

}  // namespace footlight::relay::test
