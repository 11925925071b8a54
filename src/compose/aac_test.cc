// AAC of an RTMP source: packets to units to sound at 48 kHz.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "compose/aac_receiver.h"
#include "compose/aac_unpacker.h"
#include "compose/feed.h"
#include "compose/speech_buffer.h"

#ifndef FOOTLIGHT_RTP_TESTDATA  // CMakeLists.txt says where; this lets the file be read alone
#define FOOTLIGHT_RTP_TESTDATA "testdata"
#endif

namespace footlight::compose {
namespace {

constexpr Timestamp kNow = Timestamp::millis(1000);
constexpr std::string_view kFmtp =
    "streamtype=5;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1210";

// 997 Hz, 44.1 kHz stereo, by libavformat: each datagram behind its 16-bit length.
std::vector<std::vector<uint8_t>> captured() {
  std::ifstream in(FOOTLIGHT_RTP_TESTDATA "/aac.rtp", std::ios::binary);
  const std::vector<uint8_t> raw(std::istreambuf_iterator<char>(in), {});
  ByteReader r(raw);
  std::vector<std::vector<uint8_t>> out;
  uint16_t size = 0;
  for (ByteView packet; r.read_u16(size) && r.read_bytes(size, packet);) out.push_back({packet.begin(), packet.end()});
  return out;
}

struct Unit {
  int64_t place;  // samples at 48 kHz
  std::vector<uint8_t> data;
};

// The capture's units; every `skip`th packet never comes.
std::vector<Unit> units(size_t skip = 0) {
  AacReceiver receiver;
  rtp::SeqUnwrapper seqs;
  rtp::TimeUnwrapper times;
  std::vector<Unit> out;
  auto take = [&](Timestamp now) {
    while (auto unit = receiver.take(now)) out.push_back({unit->rtp_time * 48'000 / 44'100, std::move(unit->data)});
  };
  size_t n = 0;
  for (const auto& datagram : captured()) {
    if (skip > 0 && ++n % skip == 0) continue;
    auto packet = rtp::PacketView::parse(datagram);
    receiver.on_packet(*packet, seqs.unwrap(packet->seq()), times.unwrap(packet->time()), kNow);
    take(kNow);
  }
  take(kNow + Duration::seconds(1));
  return out;
}

double frequency_of(std::span<const float> stereo) {
  int crossings = 0;
  for (size_t i = 2; i < stereo.size(); i += 2) crossings += (stereo[i - 2] < 0) != (stereo[i] < 0) ? 1 : 0;
  return crossings / 2.0 / (static_cast<double>(stereo.size()) / 2 / 48'000);
}

TEST(AacTrack, sound_at_44100_hz_is_heard_at_its_pitch_without_a_seam) {
  SpeechBuffer buffer(std::make_unique<AacUnpacker>(*AacUnpacker::make(kFmtp, 44'100)));
  const auto all = units();
  ASSERT_GE(all.size(), 17U);
  for (const Unit& unit : all) buffer.insert(unit.place, unit.data);
  std::vector<float> block(1920), heard;
  const int64_t from = all[2].place;
  for (int64_t i = 0; i < 16; ++i) {
    EXPECT_TRUE(buffer.pull(static_cast<double>(from + i * 960), 0, block));
    heard.insert(heard.end(), block.begin(), block.end());
  }
  EXPECT_NEAR(frequency_of(heard), 997, 5);
  EXPECT_EQ(buffer.counters().concealed, 0U);
  float steepest = 0;
  for (size_t i = 2; i < heard.size(); i += 2) steepest = std::max(steepest, std::abs(heard[i] - heard[i - 2]));
  float loudest = 0;
  for (float v : heard) loudest = std::max(loudest, std::abs(v));
  EXPECT_GT(loudest, 0.05F);
  EXPECT_LT(steepest, loudest * 0.16F) << "997 Hz rises by 0.13 of its amplitude a sample; a seam would be steeper";
}

TEST(AacTrack, a_lost_unit_is_a_hole_of_its_length_and_no_more) {
  SpeechBuffer buffer(std::make_unique<AacUnpacker>(*AacUnpacker::make(kFmtp, 44'100)));
  const auto all = units();
  for (size_t i = 2; i < all.size(); ++i)
    if (i != 8) buffer.insert(all[i].place, all[i].data);
  std::vector<float> block(1920);
  for (int64_t i = 0; i < 14; ++i) buffer.pull(static_cast<double>(all[3].place + i * 960), 0, block);
  EXPECT_GE(buffer.counters().concealed + buffer.counters().recovered * 1114, 1100U);
  EXPECT_LE(buffer.counters().concealed, 1300U);
  EXPECT_EQ(buffer.counters().late, 0U);
}

TEST(AacTrack, units_with_lost_pieces_are_passed_over) {
  EXPECT_LT(units(5).size(), units().size());
  for (const Unit& unit : units(5)) EXPECT_FALSE(unit.data.empty());
}

TEST(AacTrack, damaged_units_are_silence_and_a_track_without_configuration_is_none) {
  auto unpacker = AacUnpacker::make(kFmtp, 44'100);
  std::vector<float> out;
  const std::vector<uint8_t> noise(200, 0x5a);
  for (int i = 0; i < 20; ++i) EXPECT_GT(unpacker->decode(noise, out), 0);
  EXPECT_FALSE(AacUnpacker::make("mode=AAC-hbr", 44'100));
  EXPECT_FALSE(AacUnpacker::make("config=zz", 44'100));
  EXPECT_FALSE(AacUnpacker::make("config=1210", 0));
}

TEST(AacTrack, a_feed_plays_it_by_its_own_clock) {
  std::vector<state::PipeTrack> tracks = {
      {.kind = "audio", .codec = "aac", .ssrc = 5, .clock_rate = 44'100, .channels = 2, .fmtp = std::string(kFmtp)}};
  const auto all = captured();
  tracks[0].ssrc = rtp::PacketView::parse(all[0])->ssrc().value();
  ManualClock clock(kNow);
  Feed feed("s", tracks, clock);
  feed.set_wanted(true);
  std::vector<float> block(1920);
  int heard = 0;
  int64_t blocks = 0;
  for (const auto& datagram : all) {
    auto packet = rtp::PacketView::parse(datagram);
    feed.on_rtp(*packet, clock.now());
    if (packet->marker()) clock.advance(Duration::micros(1'024'000'000 / 44'100));
    for (; kNow + Duration::millis(20 * blocks) <= clock.now(); ++blocks)
      heard += feed.pull_audio(kNow + Duration::millis(20 * blocks), block) ? 1 : 0;
  }
  EXPECT_GE(heard, 12);
}

}  // namespace
}  // namespace footlight::compose
