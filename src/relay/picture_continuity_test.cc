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

// Two spatial layers of AV1 as Chromium sends them, a packet or two each.
struct Av1Layers {
  MediaTest& test;
  Producer& producer;
  uint16_t seq = 100;
  uint16_t frame = 0;

  void send(uint8_t layer, bool start, bool end, bool marker, bool key, Consumer& consumer) {
    const uint8_t first = static_cast<uint8_t>((start ? 0x80 : 0) | (end ? 0x40 : 0) | layer);
    std::vector<uint8_t> descriptor{first, static_cast<uint8_t>(frame >> 8), static_cast<uint8_t>(frame)};
    if (key && start && layer == 0) descriptor.insert(descriptor.end(), {0x80, 0x01, 0xb0});  // frame_layers_test
    rtp::Extensions extensions;
    extensions.dependency_descriptor = descriptor;
    // N on a key frame's first packet; W = 1; a sequence header or a frame; which layer.
    const bool first_of_all = key && start && layer == 0;
    test.receive(producer, seq++, 3000u * frame,
                 {static_cast<uint8_t>(first_of_all ? 0x18 : 0x10), static_cast<uint8_t>(first_of_all ? 0x08 : 0x30),
                  layer, 0, 0},
                 marker, {&consumer}, extensions);
  }
  void picture(bool key, Consumer& consumer) {
    send(0, true, false, false, key, consumer);
    send(0, false, true, false, key, consumer);
    send(1, true, true, true, key, consumer);
    ++frame;
  }
};

TEST_F(MediaTest, av1_goes_whole_to_who_agreed_on_its_descriptor_and_to_pipes) {
  Av1Layers source{*this, add(media::Codec::kAv1)};
  SendPath path(false);
  Consumer agreed(parameters(), transport, counters, &path);
  agreed.set_track(&track, now);
  for (int i = 0; i < 4; ++i) source.picture(i == 0, agreed);
  EXPECT_EQ(transport.sent.size(), 12u);
  transport.sent.clear();
  auto without = parameters();
  without.extensions.set(rtp::ExtensionType::kDependencyDescriptor, 0);
  Consumer pipe(without, transport, counters);
  pipe.set_track(&track, now);
  for (int i = 0; i < 4; ++i) source.picture(i == 0, pipe);
  EXPECT_GE(transport.sent.size(), 12u);
}

// Chromium 156 shows nothing of the whole stream, and asked for 27 key frames in 7 s.
TEST_F(MediaTest, av1s_lowest_spatial_layer_goes_to_viewers_without_its_descriptor) {
  Av1Layers source{*this, add(media::Codec::kAv1)};
  auto without = parameters();
  without.extensions.set(rtp::ExtensionType::kDependencyDescriptor, 0);
  SendPath path(false);
  Consumer viewer(without, transport, counters, &path);
  viewer.set_track(&track, now);
  for (int i = 0; i < 10; ++i) {
    if (i == 5) {  // the upper layer's packet comes late: its number has been kept for it
      source.send(0, true, false, false, false, viewer);
      source.send(0, false, true, false, false, viewer);
      const uint16_t late = source.seq++;
      ++source.frame;
      source.picture(false, viewer);
      const uint16_t next = source.seq;
      source.seq = late;
      source.frame -= 2;
      source.send(1, true, true, true, false, viewer);
      source.seq = next;
      source.frame += 2;
      continue;
    }
    source.picture(i == 0, viewer);
  }
  ASSERT_EQ(transport.sent.size(), 23u);
  std::map<uint16_t, const Sent*> by_number;
  for (const Sent& s : transport.sent) by_number[static_cast<uint16_t>(s.seq - transport.sent[0].seq)] = &s;
  EXPECT_EQ(by_number.size(), 23u);
  EXPECT_EQ(by_number.rbegin()->first, 22u) << "without a gap";
  int padding = 0, pictures = 0;
  for (const auto& [number, s] : by_number) {
    if (s->payload.empty()) {
      ++padding;
      EXPECT_FALSE(s->marker);
      continue;
    }
    EXPECT_EQ(s->payload[2], 0) << "of the lowest layer";
    pictures += s->marker ? 1 : 0;
  }
  EXPECT_EQ(padding, 1);
  EXPECT_EQ(pictures, 11);
  EXPECT_EQ(viewer.observe(now).height, 0) << "not the size of the layer that is not sent";
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
