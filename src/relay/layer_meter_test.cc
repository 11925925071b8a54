// What one encoding is told to cost, and whether it is there, by its packets.
#include "relay/layer_meter.h"

#include <gtest/gtest.h>

namespace footlight::relay {
namespace {

struct LayerMeterTest : testing::Test {
  LayerMeter meter;
  Timestamp now = Timestamp::millis(100'000);
  int64_t time = 0;
  std::vector<uint8_t> bytes = std::vector<uint8_t>(1000);

  // Asked each 100 ms, as consumers do.
  void run(Duration duration) {
    for (const Timestamp end = now + duration; now < end; now += Duration::millis(100)) (void)meter.facts(now);
  }
  void picture(int packets) {
    time += 3000;
    StoredPacket packet;
    packet.time = rtp::UnwrappedTime(time);
    packet.payload = bytes;
    for (int i = 0; i < packets; ++i) meter.on_packet(packet, now);
  }
};

TEST_F(LayerMeterTest, a_still_picture_forgets_its_key_frames_peak) {
  picture(100);
  for (int i = 0; i < 20; ++i) {
    run(Duration::seconds(1));
    picture(1);
  }
  EXPECT_LT(meter.facts(now).whole(), 20'000) << "8 kbit/s, after 800";
}

TEST_F(LayerMeterTest, pictures_that_come_in_pairs_forget_the_peak_as_well) {
  picture(100);
  for (int i = 0; i < 20; ++i) {
    run(Duration::millis(1500));
    picture(1);
    run(Duration::millis(100));
    picture(1);
  }
  EXPECT_LT(meter.facts(now).whole(), 40'000);
}

TEST_F(LayerMeterTest, one_picture_a_second_is_alive_all_the_time_and_since_its_beginning) {
  picture(1);
  run(Duration::seconds(1));
  picture(1);
  run(Duration::seconds(1));
  picture(1);
  const Timestamp since = meter.facts(now).alive_since;
  for (int i = 0; i < 20; ++i) {
    run(Duration::millis(1100));
    EXPECT_TRUE(meter.facts(now).alive);
    picture(1);
  }
  EXPECT_EQ(meter.facts(now).alive_since, since);
  EXPECT_GE(meter.facts(now).interval.ms(), 1095);
}

TEST_F(LayerMeterTest, thirty_pictures_a_second_are_gone_after_a_second_and_begin_anew) {
  for (int i = 0; i < 60; ++i, now += Duration::millis(33)) picture(1);
  run(Duration::millis(900));
  EXPECT_TRUE(meter.facts(now).alive);
  run(Duration::millis(200));
  EXPECT_FALSE(meter.facts(now).alive);
  picture(1);
  EXPECT_EQ(meter.facts(now).alive_since, now);
  for (int i = 0; i < 3; ++i, now += Duration::millis(33)) picture(1);
  EXPECT_LT(meter.facts(now).interval.ms(), 40);
}

}  // namespace
}  // namespace footlight::relay
