// Viewers whose source begins to send what they cannot show: let go, so that they come back for what there is.
#include <gtest/gtest.h>

#include "base/text_codec.h"
#include "codec/aac.h"
#include "codec/h264.h"
#include "relay/test_peer.h"
#include "token/hmac.h"

namespace footlight::relay {
namespace {

using test::Network;
using test::Peer;

struct SourceChangeTest : testing::Test {
  Network network;
  Peer viewer{network, "10.0.0.2:5000"};
  RtmpSession* encoder = nullptr;
  Duration at;  // of the encoder's timeline

  void SetUp() override {
    state::RelayDesired desired;
    desired.generation = 1;
    desired.rtmp_keys.push_back({to_hex(token::sha256("good")), "s"});
    network.core().apply(desired, network.now());
  }
  void watch() {
    ASSERT_TRUE(viewer.join("v", "s"));
    ASSERT_TRUE(viewer.connect());
  }
  void publish(Peer& publisher, const std::string& id) {
    ASSERT_TRUE(publisher.join(id, "s"));
    ASSERT_TRUE(publisher.connect());
    stream(publisher, Duration::millis(300));
  }
  void publish_and_watch(Peer& publisher) {
    publish(publisher, "p");
    watch();
  }
  void stream(Peer& publisher, Duration duration) {
    for (int64_t i = 0; i < duration.ms() / 33; ++i) {
      publisher.send_frame(i == 0);
      network.run(Duration::millis(33));
    }
  }
  void encode(const rtmp::Event& event) { network.core().on_rtmp(*encoder, event, network.now()); }
  void begin_encoder() {
    encoder = *network.core().open_rtmp(Secret("good"), network.now());
    encode(rtmp::VideoConfig{*from_hex("67640aff")});
  }
  void encode_pictures(int count, Duration composition = Duration::zero()) {
    for (int i = 0; i < count; ++i, at += Duration::millis(40)) {
      std::vector<uint8_t> data = *from_hex("0000000167640aff0000000168ee3cb0");
      if (i > 0) data.clear();
      data.insert(data.end(), std::begin(codec::kStartCode), std::end(codec::kStartCode));
      data.push_back(i == 0 ? 0x65 : 0x41);
      data.resize(data.size() + 500, 0x99);
      // P B P B: each second one is shown before the one that is sent before it.
      encode(rtmp::VideoFrame{at, at + (i % 2 == 0 ? composition * 2 : Duration::zero()), i == 0, data});
      network.run(Duration::millis(40));
    }
  }
  state::SessionObserved observed(const std::string& id) {
    for (auto& s : network.core().observed(network.now()).sessions)
      if (s.id == id) return s;
    return {};
  }
  void expect_let_go() {
    network.run(Duration::millis(2500));
    EXPECT_EQ(observed("v").state, "ended");
    EXPECT_EQ(observed("v").end_reason, "source_changed");
    EXPECT_TRUE(viewer.said_goodbye());
  }
};

TEST_F(SourceChangeTest, viewers_are_let_go_when_b_frames_come_late) {
  begin_encoder();
  encode_pictures(20);
  watch();
  encode_pictures(20);
  ASSERT_FALSE(viewer.video.empty());
  encode_pictures(20, Duration::millis(40));
  const size_t before = viewer.video.size();
  encode_pictures(20, Duration::millis(40));
  EXPECT_EQ(viewer.video.size(), before) << "none of the pictures out of their order";
  expect_let_go();
  Peer again(network, "10.0.0.4:5000");
  EXPECT_FALSE(again.join("v2", "s"));
  EXPECT_EQ(again.error->kind, SessionErrorKind::kNoCommonCodec);
}

TEST_F(SourceChangeTest, viewers_are_let_go_when_b_frames_come_by_takeover) {
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true});
  publish_and_watch(publisher);
  stream(publisher, Duration::millis(300));
  begin_encoder();
  encode_pictures(20, Duration::millis(40));
  expect_let_go();
}

TEST_F(SourceChangeTest, viewers_are_let_go_when_another_codec_takes_over) {
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true});
  publish_and_watch(publisher);
  Peer other(network, "10.0.0.3:5000", {.publishes = true, .video = "VP8"});
  publish(other, "p2");
  stream(other, Duration::millis(1000));
  EXPECT_NE(observed("v").state, "ended");
  expect_let_go();
}

TEST_F(SourceChangeTest, a_source_that_changes_and_comes_back_within_two_seconds_keeps_its_viewers) {
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true});
  publish_and_watch(publisher);
  Peer other(network, "10.0.0.3:5000", {.publishes = true, .video = "VP8"});
  publish(other, "p2");
  stream(other, Duration::millis(1000));
  Peer back(network, "10.0.0.5:5000", {.publishes = true});
  publish(back, "p3");
  const size_t before = viewer.video.size();
  stream(back, Duration::seconds(3));
  EXPECT_EQ(observed("v").state, "connected");
  EXPECT_GT(viewer.video.size(), before + 200);
}

// RFC 6184 §6.2: a receiver of mode 0 takes single units alone.
TEST_F(SourceChangeTest, viewers_of_single_units_are_let_go_when_a_source_in_pieces_takes_over) {
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true, .h264_mode = 0});
  Peer plain(network, "10.0.0.6:5000", {.h264_mode = 0});
  publish(publisher, "p");
  ASSERT_TRUE(plain.join("plain", "s"));
  ASSERT_TRUE(plain.connect());
  watch();
  stream(publisher, Duration::millis(300));
  Peer other(network, "10.0.0.3:5000", {.publishes = true});
  publish(other, "p2");
  stream(other, Duration::seconds(3));
  EXPECT_EQ(observed("plain").end_reason, "source_changed");
  EXPECT_EQ(observed("v").state, "connected");
}

TEST_F(SourceChangeTest, sound_that_does_not_fit_lets_nobody_go) {
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true});
  publish_and_watch(publisher);
  begin_encoder();
  const std::vector<uint8_t> config = *from_hex("1190");
  encode(rtmp::AudioConfig{*codec::AudioSpecificConfig::parse(config), config});
  encode_pictures(80);
  EXPECT_EQ(observed("v").state, "connected");
}

}  // namespace
}  // namespace footlight::relay
