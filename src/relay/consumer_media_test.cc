// What a consumer makes of packets that cost other SFUs weeks: their reports are named at each test.
#include "relay/test_media.h"

namespace footlight::relay {
namespace {

using test::at;
using test::h264;
using test::kSlice;
using test::kSps;
using test::MediaTest;
using test::Sent;
using test::some_extensions;

// mediasoup #1431, #1580, #1403
TEST_F(MediaTest, padding_alone_is_left_out_and_leaves_no_gap) {
  Producer& producer = add(media::Codec::kH264);
  Consumer consumer(parameters(), transport, counters);
  consumer.set_track(&track, now);
  receive(producer, 10, 0, h264(kSps), false, {&consumer});
  receive(producer, 11, 0, h264(kSlice), true, {&consumer});
  for (uint16_t seq = 12; seq < 40; ++seq) receive(producer, seq, 0, {}, false, {&consumer});
  receive(producer, 40, 3000, h264(kSlice), true, {&consumer});
  ASSERT_EQ(transport.sent.size(), 3u);
  EXPECT_EQ(static_cast<uint16_t>(last().seq - transport.sent[1].seq), 1);
}

// mediasoup #1612
TEST_F(MediaTest, a_vp8_key_frame_without_the_extended_bit_goes_through_as_it_is) {
  Producer& producer = add(media::Codec::kVp8);
  Consumer consumer(parameters(), transport, counters);
  consumer.set_track(&track, now);
  const std::vector<uint8_t> key = {0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 1, 180, 0};
  receive(producer, 10, 0, key, true, {&consumer});
  ASSERT_EQ(transport.sent.size(), 1u);
  EXPECT_EQ(last().payload, key);
  EXPECT_EQ(producer.facts(at(1000)).size.width, 320);
}

// mediasoup #1550, #1555
TEST_F(MediaTest, packets_of_a_key_frame_out_of_order_at_a_switch_find_their_places) {
  Producer& low = add(media::Codec::kH264);
  Producer& high = add(media::Codec::kH264);
  Consumer consumer(parameters(), transport, counters);
  consumer.on_wish({{}, {}, 100, 100}, now);
  consumer.set_track(&track, now);
  auto picture = [&](Producer& producer, uint16_t seq, uint32_t time, bool key) {
    receive(producer, seq, time, h264(key ? kSps : kSlice), false, {&consumer});
    receive(producer, static_cast<uint16_t>(seq + 1), time,
            std::vector<uint8_t>(&producer == &high ? 900 : 100, kSlice), true, {&consumer});
  };
  for (uint16_t i = 0; i < 70; ++i, now += Duration::millis(33)) {
    picture(low, static_cast<uint16_t>(100 + 2 * i), 3000u * i, i == 0);
    picture(high, static_cast<uint16_t>(7000 + 2 * i), 50'000 + 3000u * i, i == 0);
    consumer.tick(now);
  }
  (void)high.take_key_frame_request(now);
  while (!consumer.awaits(high) && now < at(9000)) {
    low.request_key_frame(now);
    consumer.on_wish({{}, {}, 2000, 2000}, now);
    now += Duration::millis(100);
  }
  ASSERT_TRUE(consumer.awaits(high));
  const uint16_t before = last().seq;
  const uint32_t time = 50'000 + 3000u * 70;
  receive(high, 7142, time, h264(kSlice, 3), false, {&consumer});  // the third comes first: 7140 is not here yet
  receive(high, 7141, time, h264(0x65, 2), false, {&consumer});    // the slice that tells a key frame
  receive(high, 7140, time, h264(kSps, 1), false, {&consumer});    // what it needs, last
  std::map<uint16_t, std::vector<uint8_t>> received;
  for (const Sent& s : transport.sent) received[static_cast<uint16_t>(s.seq - before)] = s.payload;
  EXPECT_EQ(received[1], h264(kSps, 1));
  EXPECT_EQ(received[2], h264(0x65, 2));
  EXPECT_EQ(received[3], h264(kSlice, 3));
}

TEST_F(MediaTest, a_key_frame_far_behind_a_timestamp_that_jumped_is_no_place_to_begin_at) {
  Producer& producer = add(media::Codec::kH264);
  Consumer consumer(parameters(), transport, counters);
  consumer.set_track(&track, now);
  receive(producer, 10, 90'000'000, h264(kSlice), true, {&consumer});
  receive(producer, 11, 0, h264(kSps), true, {&consumer});
  EXPECT_TRUE(transport.sent.empty());
  receive(producer, 12, 90'003'000, h264(kSps), true, {&consumer});
  EXPECT_EQ(transport.sent.size(), 1u);
}

// mediasoup #1606, #1527
TEST_F(MediaTest, a_retransmission_has_the_marker_the_payload_and_the_time_of_its_packet) {
  Producer& producer = add(media::Codec::kH264);
  Consumer consumer(parameters(), transport, counters);
  consumer.set_track(&track, now);
  receive(producer, 10, 0, h264(kSps), false, {&consumer});
  receive(producer, 11, 0, h264(kSlice, 7), true, {&consumer});
  receive(producer, 12, 3000, h264(kSlice, 8), true, {&consumer});
  const Sent original = transport.sent[1];
  nack(consumer, original.seq);
  ASSERT_EQ(transport.sent.size(), 4u);
  EXPECT_EQ(last().ssrc, rtp::Ssrc(901));
  EXPECT_EQ(last().type, 97);
  EXPECT_TRUE(last().marker);
  EXPECT_EQ(last().time, original.time);
  EXPECT_EQ(last().payload[0] << 8 | last().payload[1], original.seq);
  EXPECT_EQ(std::vector<uint8_t>(last().payload.begin() + 2, last().payload.end()), original.payload);
  nack(consumer, original.seq);
  EXPECT_EQ(transport.sent.size(), 4u) << "at most once a round trip (livekit #440)";
}

TEST_F(MediaTest, numbers_of_a_source_that_began_anew_repair_nothing) {
  Producer& producer = add(media::Codec::kH264);
  Consumer consumer(parameters(), transport, counters);
  consumer.set_track(&track, now);
  receive(producer, 10, 0, h264(kSps), true, {&consumer});
  const uint16_t old = last().seq;
  producer.latch(rtp::Ssrc(77));
  receive(producer, 10, 0, h264(kSps, 9), true, {&consumer});
  ASSERT_EQ(transport.sent.size(), 2u);
  nack(consumer, old);
  EXPECT_EQ(transport.sent.size(), 2u);
  EXPECT_EQ(counters.resends_refused, 1u);
}

const std::vector<uint8_t> kOpusBefore = {0xfc, 1, 1};
const std::vector<uint8_t> kOpusNow = {0xfc, 2, 2, 2};

// RFC 2198 §3: a redundant block 20 ms (960 ticks) back, then the newest one.
std::vector<uint8_t> red(const std::vector<uint8_t>& before, const std::vector<uint8_t>& present) {
  std::vector<uint8_t> bytes = {0x80 | 96, 960 >> 6, static_cast<uint8_t>((960 & 0x3f) << 2),
                                static_cast<uint8_t>(before.size()), 96};
  bytes.insert(bytes.end(), before.begin(), before.end());
  bytes.insert(bytes.end(), present.begin(), present.end());
  return bytes;
}

TEST_F(MediaTest, red_goes_to_who_agreed_on_it_and_its_newest_block_to_all_others) {
  Producer& producer = add(media::Codec::kOpus);
  ConsumerParameters agreed = parameters();
  agreed.red_payload_type = rtp::PayloadType(64);
  ConsumerParameters other_type = agreed;
  other_type.payload_type = rtp::PayloadType(111);  // blocks would name a codec that it does not know
  Consumer takes(agreed, transport, counters);
  Consumer plain(parameters(), transport, counters);
  Consumer renamed(other_type, transport, counters);
  for (Consumer* consumer : {&takes, &plain, &renamed}) consumer->set_track(&track, now);
  receive(producer, 1, 960, red(kOpusBefore, kOpusNow), false, {&takes, &plain, &renamed}, {}, 63);
  ASSERT_EQ(transport.sent.size(), 3u);
  EXPECT_EQ(transport.sent[0].type, 64);
  EXPECT_EQ(transport.sent[0].payload, red(kOpusBefore, kOpusNow));
  EXPECT_EQ(transport.sent[1].type, 96);
  EXPECT_EQ(transport.sent[1].payload, kOpusNow);
  EXPECT_EQ(transport.sent[2].type, 111);
  EXPECT_EQ(transport.sent[2].payload, kOpusNow);
}

TEST_F(MediaTest, red_repairs_a_lost_packet_of_sound_for_everybody) {
  Producer& producer = add(media::Codec::kOpus);
  Consumer plain(parameters(), transport, counters);
  plain.set_track(&track, now);
  receive(producer, 1, 960, kOpusNow, false, {&plain});
  receive(producer, 3, 960, {}, false, {&plain}, {}, 63);  // padding, as Chromium sends it among them; 2 is lost
  receive(producer, 4, 2880, red(kOpusBefore, kOpusNow), false, {&plain}, {}, 63);
  ASSERT_EQ(transport.sent.size(), 3u);
  EXPECT_EQ(transport.sent[1].payload, kOpusBefore);
  EXPECT_EQ(transport.sent[1].time - transport.sent[0].time, 960u);
  EXPECT_EQ(transport.sent[2].payload, kOpusNow);
  EXPECT_EQ(counters.red_repairs, 1u);
  receive(producer, 5, 3840, red(kOpusNow, kOpusNow), false, {&plain}, {}, 63);
  EXPECT_EQ(counters.red_repairs, 1u) << "nothing was lost";
}

TEST_F(MediaTest, red_around_another_codec_is_dropped) {
  Producer& producer = add(media::Codec::kOpus);
  std::vector<uint8_t> other = red(kOpusBefore, kOpusNow);
  other[4] = 13;
  receive(producer, 1, 960, other, false, {}, {}, 63);
  receive(producer, 2, 960, {0x80, 0}, false, {}, {}, 63);
  EXPECT_EQ(counters.dropped(Drop::kUnknownPayload), 1u);
  EXPECT_EQ(counters.dropped(Drop::kMalformed), 1u);
}

TEST_F(MediaTest, extensions_of_the_source_reach_who_agreed_on_them) {
  Producer& producer = add(media::Codec::kOpus);
  ConsumerParameters without = parameters();
  without.extensions = {};
  Consumer agreed(parameters(), transport, counters);
  Consumer other(without, transport, counters);
  agreed.set_track(&track, now);
  other.set_track(&track, now);
  rtp::Extensions extensions;
  extensions.audio_level = rtp::AudioLevel{true, 40};
  extensions.abs_capture_time = rtp::AbsCaptureTime{rtp::NtpTime(0x1122334455667788), 5};
  receive(producer, 1, 960, kOpusNow, false, {&agreed, &other}, extensions);
  ASSERT_EQ(transport.sent.size(), 2u);
  const auto view = rtp::PacketView::parse(transport.sent[0].bytes);
  const auto read = rtp::read_extensions(*view, some_extensions());
  EXPECT_EQ(read.mid, "1");
  EXPECT_TRUE(read.transport_sequence && read.abs_send_time);
  ASSERT_TRUE(read.audio_level && read.abs_capture_time);
  EXPECT_EQ(read.audio_level->minus_dbov, 40);
  EXPECT_EQ(read.abs_capture_time->captured.value(), 0x1122334455667788u);
  EXPECT_EQ(read.abs_capture_time->clock_offset, 5);
  EXPECT_EQ(transport.sent[1].bytes.size(), 12 + kOpusNow.size());
}

TEST_F(MediaTest, playout_delay_is_handed_on_and_repeated_on_key_frames_for_those_who_come_later) {
  Producer& producer = add(media::Codec::kH264);
  Consumer present(parameters(), transport, counters);
  present.set_track(&track, now);
  rtp::Extensions delay;
  delay.playout_delay = rtp::PlayoutDelay{Duration::millis(10), Duration::millis(40)};
  receive(producer, 1, 0, h264(kSps), true, {&present});
  receive(producer, 2, 3000, h264(kSlice), true, {&present}, delay);
  receive(producer, 3, 6000, h264(kSlice), true, {&present});
  receive(producer, 4, 9000, h264(kSps), false, {&present});
  receive(producer, 5, 9000, h264(kSlice), true, {&present});
  auto delay_of = [](const Sent& sent) {
    return rtp::read_extensions(*rtp::PacketView::parse(sent.bytes), some_extensions()).playout_delay;
  };
  ASSERT_EQ(transport.sent.size(), 5u);
  EXPECT_FALSE(delay_of(transport.sent[0]));
  EXPECT_TRUE(delay_of(transport.sent[1]));
  EXPECT_FALSE(delay_of(transport.sent[2]));
  transport.sent.clear();
  Consumer later(parameters(), transport, counters);
  later.set_track(&track, now);
  ASSERT_EQ(transport.sent.size(), 2u);
  for (const Sent& sent : transport.sent) {
    ASSERT_TRUE(delay_of(sent));
    EXPECT_EQ(delay_of(sent)->max, Duration::millis(40));
  }
}

TEST_F(MediaTest, orientation_is_repeated_on_key_frames_for_those_who_come_later) {
  Producer& producer = add(media::Codec::kH264);
  rtp::Extensions turned;
  turned.video_orientation = rtp::VideoOrientation{false, false, 90};
  receive(producer, 1, 0, h264(kSps), false);
  receive(producer, 2, 0, h264(kSlice), true, {}, turned);
  receive(producer, 3, 3000, h264(kSlice), true);
  receive(producer, 4, 6000, h264(kSps), false);
  receive(producer, 5, 6000, h264(kSlice), true);
  Consumer consumer(parameters(), transport, counters);
  consumer.set_track(&track, now);
  ASSERT_EQ(transport.sent.size(), 2u);
  for (const Sent& s : transport.sent) {
    const auto view = rtp::PacketView::parse(s.bytes);
    const auto read = rtp::read_extensions(*view, some_extensions());
    ASSERT_TRUE(read.video_orientation);
    EXPECT_EQ(read.video_orientation->clockwise_degrees, 90);
  }
}

// mediasoup #962
TEST_F(MediaTest, what_the_publishers_side_lost_is_no_loss_of_the_viewers_path) {
  Producer& producer = add(media::Codec::kH264);
  SendPath path(false);
  Consumer consumer(parameters(), transport, counters, &path);
  consumer.set_track(&track, now);
  rtp::rtcp::ReportBlock block;
  block.source = rtp::Ssrc(900);
  for (uint16_t seq = 0; seq < 500; ++seq, now += Duration::millis(10)) {
    if (seq % 5 == 3) {
      ++block.cumulative_lost;  // never came, and is never repaired
      continue;
    }
    receive(producer, seq, 900u * seq, h264(seq == 0 ? kSps : kSlice), true, {&consumer});
    block.highest_seq = last().seq;
    if (seq % 100 == 99) consumer.on_report(block, now);
  }
  EXPECT_EQ(path.state().loss_ratio, 0);
  block.cumulative_lost += 20;
  for (uint16_t seq = 500; seq < 600; ++seq, now += Duration::millis(10))
    receive(producer, seq, 900u * seq, h264(kSlice), true, {&consumer});
  block.highest_seq = last().seq;
  consumer.on_report(block, now);
  EXPECT_GT(path.state().loss_ratio, 0.02);
}

// mediasoup #316
TEST_F(MediaTest, a_path_is_probed_with_recent_packets_and_with_padding_when_nothing_flows) {
  Producer& producer = add(media::Codec::kH264);
  SendPath path(false);
  Consumer consumer(parameters(), transport, counters, &path);
  EXPECT_FALSE(consumer.probe(1000, now)) << "nothing was sent yet";
  consumer.set_track(&track, now);
  receive(producer, 10, 0, h264(kSps), false, {&consumer});
  receive(producer, 11, 0, std::vector<uint8_t>(1000, kSlice), true, {&consumer});
  const Sent original = last();
  ASSERT_TRUE(consumer.probe(2500, now));
  EXPECT_EQ(last().ssrc, rtp::Ssrc(901));
  EXPECT_GE(transport.sent.size(), 5u);
  EXPECT_EQ(transport.sent[2].payload.size(), original.payload.size() + 2);
  now += Duration::seconds(5);
  const size_t before = transport.sent.size();
  ASSERT_TRUE(consumer.probe(500, now));
  EXPECT_EQ(transport.sent.size() - before, 2u);
  EXPECT_TRUE(last().payload.empty()) << "padding only";
  EXPECT_EQ(last().time, original.time);
  EXPECT_EQ(static_cast<uint16_t>(last().seq - transport.sent[before].seq), 1);
}

// RFC 7741 §4.2: a picture's packet of a temporal layer, with picture id and TL0PICIDX.
std::vector<uint8_t> vp8(uint16_t picture, uint8_t tl0, uint8_t tid, bool start, bool key = false) {
  std::vector<uint8_t> bytes(200, 1);
  bytes[0] = static_cast<uint8_t>(0x80 | (start ? 0x10 : 0));
  bytes[1] = 0xe0;
  bytes[2] = static_cast<uint8_t>(0x80 | picture >> 8);
  bytes[3] = static_cast<uint8_t>(picture);
  bytes[4] = tl0;
  bytes[5] = static_cast<uint8_t>(tid << 6);
  bytes[6] = key ? 0x10 : 0x11;
  if (key) std::ranges::copy(std::array<uint8_t, 3>{0x9d, 0x01, 0x2a}, bytes.begin() + 9);
  return bytes;
}

// mediasoup #1009, #1494
TEST_F(MediaTest, a_loss_inside_a_picture_that_is_left_out_leaves_no_hole_and_comes_no_more) {
  Producer& producer = add(media::Codec::kVp8);
  SendPath path(false);
  Consumer consumer(parameters(), transport, counters, &path);
  consumer.set_budget(DataRate::kbps(60));
  consumer.set_track(&track, now);
  // Pictures of two packets: T0 T2 T1 T2; each third T2 picture loses a packet.
  uint8_t tl0 = 0;
  std::vector<std::pair<uint16_t, std::vector<uint8_t>>> lost;
  for (uint16_t i = 0; i < 400; ++i, now += Duration::millis(20)) {
    const uint8_t tid = i % 4 == 0 ? 0 : i % 4 == 2 ? 1 : 2;
    if (tid == 0) ++tl0;
    for (uint16_t k = 0; k < 2; ++k) {
      const auto seq = static_cast<uint16_t>(2 * i + k);
      auto payload = vp8(i, tl0, tid, k == 0, i == 0);
      if (i > 200 && tid == 2 && i % 3 == 0 && k == (i / 3) % 2)
        lost.emplace_back(seq, std::move(payload));
      else
        receive(producer, seq, 1800u * i, payload, k == 1, {&consumer});
    }
    consumer.tick(now);
  }
  ASSERT_GT(lost.size(), 10u);
  const size_t sent = transport.sent.size();
  ASSERT_GT(sent, 150u);
  for (auto& [seq, payload] : lost) receive(producer, seq, 1800u * (seq / 2u), payload, seq % 2 == 1, {&consumer});
  EXPECT_EQ(transport.sent.size(), sent) << "repaired for nobody";
  for (size_t i = sent - 100; i < sent; ++i) {
    const Sent& a = transport.sent[i - 1];
    const Sent& b = transport.sent[i];
    ASSERT_EQ(static_cast<uint16_t>(b.seq - a.seq), 1);
    ASSERT_EQ(b.payload[5] >> 6, 0) << "the base layer only";
    const int pictures = (b.payload[2] << 8 | b.payload[3]) - (a.payload[2] << 8 | a.payload[3]);
    ASSERT_EQ(pictures, a.marker ? 1 : 0);
  }
}

}  // namespace
}  // namespace footlight::relay
