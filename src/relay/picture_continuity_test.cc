// Running numbers of pictures as a receiver gets them: each one more than the last, whatever is sent from where.
#include "relay/test_media.h"
#include "rtp/payload/vp9_descriptor.h"

namespace footlight::relay {
namespace {

using test::MediaTest;
using test::Sent;
using test::some_extensions;

TEST_F(MediaTest, av1_keeps_its_descriptor_and_its_frame_numbers_go_on_across_sources) {
  Producer& producer = add(media::Codec::kAv1);
  Consumer consumer(parameters(), transport, counters);
  consumer.set_track(&track, now);
  auto send = [&](uint16_t seq, uint16_t frame, size_t size) {
    std::vector<uint8_t> descriptor(size, 0x55);
    descriptor[1] = static_cast<uint8_t>(frame >> 8);
    descriptor[2] = static_cast<uint8_t>(frame);
    rtp::Extensions extensions;
    extensions.dependency_descriptor = descriptor;
    // N: a new coded video sequence (AV1 RTP §4.4); W = 1; a sequence header.
    receive(producer, seq, 3000u * seq, {0x18, 0x08, 0, 0, 0}, true, {&consumer}, extensions);
  };
  send(1, 500, 40);  // too long for the one-byte form
  send(2, 501, 3);
  producer.latch(rtp::Ssrc(78));
  send(9, 60'000, 40);
  ASSERT_EQ(transport.sent.size(), 3u);
  uint16_t expected = 500;
  for (const Sent& s : transport.sent) {
    const auto view = rtp::PacketView::parse(s.bytes);
    const auto descriptor = rtp::read_extensions(*view, some_extensions()).dependency_descriptor;
    ASSERT_GE(descriptor.size(), 3u);
    EXPECT_EQ(descriptor[1] << 8 | descriptor[2], expected++);
    EXPECT_EQ(descriptor[0], 0x55);
  }
}

// A VP9 source of one layer, as RFC 9628 §4.2 has it: I, P, L, B, E; a 15-bit picture id; TID, U, SID, D; TL0PICIDX;
// V on key frames, with a structure of one layer that tells its size.
struct Vp9Source {
  Producer& producer;
  size_t size;  // of a picture: one packet
  uint8_t width;
  uint16_t seq = 0;
  uint32_t time = 0;
  uint16_t picture = 0;
  uint8_t tl0 = 0;

  std::vector<uint8_t> next(bool key) {
    std::vector<uint8_t> payload(size, 0x86);
    payload[0] = key ? 0xae : 0xec;
    payload[1] = static_cast<uint8_t>(0x80 | picture >> 8);
    payload[2] = static_cast<uint8_t>(picture);
    payload[3] = 0;
    payload[4] = tl0++;
    const std::array<uint8_t, 5> structure{0x10, 0, width, 0, 90};
    if (key) std::ranges::copy(structure, payload.begin() + 5);
    picture = static_cast<uint16_t>((picture + 1) & 0x7fff);
    return payload;
  }
};

// mediasoup #1009
TEST_F(MediaTest, vp9_picture_ids_go_on_over_switches_of_layer_their_wrap_and_another_source) {
  Vp9Source low{add(media::Codec::kVp9), 100, 80, 100, 0, 0x7ff0, 250};
  Vp9Source high{add(media::Codec::kVp9), 900, 160, 7000, 50'000, 40, 3};
  Consumer consumer(parameters(), transport, counters);
  consumer.on_wish({{}, {}, 80, 90}, now);
  consumer.set_track(&track, now);
  auto pictures = [&](const Vp9Source* key, int count) {
    for (int i = 0; i < count; ++i, now += Duration::millis(33)) {
      for (Vp9Source* source : {&low, &high})
        receive(source->producer, source->seq++, source->time += 3000, source->next(key == source), true, {&consumer});
      consumer.tick(now);
    }
  };
  auto go_to = [&](const Vp9Source& source, uint16_t wish) {
    for (int i = 0; i < 300 && consumer.producer() != &source.producer; ++i) {
      consumer.on_wish({{}, {}, wish, 90}, now);
      pictures(consumer.awaits(source.producer) ? &source : nullptr, 1);
    }
    ASSERT_EQ(consumer.producer(), &source.producer);
    pictures(nullptr, 5);
  };
  pictures(&high, 1);
  pictures(&low, 1);
  pictures(nullptr, 70);
  ASSERT_EQ(consumer.producer(), &low.producer);
  go_to(high, 160);
  go_to(low, 80);
  go_to(high, 160);
  high.producer.latch(rtp::Ssrc(78));
  high.picture = 5;
  high.tl0 = 77;
  pictures(&high, 1);
  pictures(nullptr, 10);
  ASSERT_GT(transport.sent.size(), 80u);
  for (size_t i = 1; i < transport.sent.size(); ++i) {
    const auto before = rtp::Vp9Descriptor::parse(transport.sent[i - 1].payload);
    const auto present = rtp::Vp9Descriptor::parse(transport.sent[i].payload);
    EXPECT_EQ(*present->picture_id, (*before->picture_id + 1) & 0x7fff) << i;
    EXPECT_EQ(*present->tl0_pic_idx, (*before->tl0_pic_idx + 1) & 0xff) << i;
    EXPECT_EQ(transport.sent[i].seq, static_cast<uint16_t>(transport.sent[i - 1].seq + 1)) << i;
  }
}

}  // namespace
}  // namespace footlight::relay
