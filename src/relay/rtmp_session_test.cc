// RTMP publishers in the core: keys, tracks, take-over, and what compose receives of them.
#include <gtest/gtest.h>

#include "base/text_codec.h"
#include "codec/h264.h"
#include "relay/test_pipe_end.h"
#include "rtp/payload/aac_payload.h"
#include "token/hmac.h"

namespace footlight::relay {
namespace {

using test::Network;
using test::Peer;
using test::PipeEnd;

// 64x48, High; AAC-LC.
const std::vector<uint8_t> kSps = *from_hex("67640aff");
const std::vector<uint8_t> kConfig48 = *from_hex("1190");
const std::vector<uint8_t> kConfig44 = *from_hex("1210");

struct RtmpTest : testing::Test {
  Network network;
  PipeEnd compose{network, "127.0.0.1:6000", "pipe1"};
  RtmpSession* session = nullptr;
  int64_t generation = 0;
  Duration at;  // of the publisher's timeline

  void apply(const std::vector<std::string>& keys) {
    state::RelayDesired desired;
    desired.generation = ++generation;
    for (const std::string& key : keys) desired.rtmp_keys.push_back({to_hex(token::sha256(key)), "feed"});
    desired.pipes = {compose.desired};
    network.core().apply(desired, network.now());
  }
  void SetUp() override {
    compose.desired.consume = {"feed"};
    apply({"good"});
    network.run(Duration::millis(120));
    open();
  }
  void open() { session = *network.core().open_rtmp(Secret("good"), network.now()); }
  void tell(const rtmp::Event& event) { network.core().on_rtmp(*session, event, network.now()); }
  void configure(bool video = true, ByteView audio = kConfig48) {
    if (video) tell(rtmp::VideoConfig{kSps});
    if (!audio.empty()) tell(rtmp::AudioConfig{*codec::AudioSpecificConfig::parse(audio), audio});
  }
  void picture(bool key, Duration composition = Duration::zero(), size_t size = 3000) {
    std::vector<uint8_t> data = *from_hex("0000000167640aff0000000168ee3cb0");
    if (!key) data.clear();
    data.insert(data.end(), std::begin(codec::kStartCode), std::end(codec::kStartCode));
    data.push_back(key ? 0x65 : 0x41);
    data.resize(data.size() + size, 0x99);
    tell(rtmp::VideoFrame{at, at + composition, key, data});
  }
  void sound(size_t size = 200) {
    const std::vector<uint8_t> unit(size, 0x21);
    tell(rtmp::AudioFrame{at, unit});
  }
  void stream(int pictures, bool key_first = true) {
    for (int i = 0; i < pictures; ++i) {
      picture(key_first && i == 0);
      sound();
      at += Duration::millis(40);
      network.run(Duration::millis(40));
    }
  }
  state::SessionObserved observed() {
    for (auto& s : network.core().observed(network.now()).sessions)
      if (s.id == session->id()) return s;
    return {};
  }
  const std::vector<test::Received>& received(const char* kind) {
    for (const auto& track : observed().tracks)
      if (track.kind == kind) return compose.received[track.ssrc];
    return compose.received[0];
  }
};

TEST_F(RtmpTest, a_publisher_becomes_ordinary_tracks_that_compose_receives) {
  configure();
  stream(25);
  auto o = observed();
  EXPECT_EQ(o.kind, "publish");
  EXPECT_EQ(o.transport, "rtmp");
  EXPECT_EQ(o.state, "connected");
  ASSERT_EQ(o.tracks.size(), 2U);
  EXPECT_EQ(o.tracks[0].fmtp, "packetization-mode=1;profile-level-id=640aff");
  EXPECT_EQ(o.tracks[1].codec, "aac");
  EXPECT_EQ(o.tracks[1].clock_rate, 48'000);
  const auto& video = received("video");
  ASSERT_FALSE(video.empty());
  EXPECT_EQ(video[0].payload[0] & 0x1f, 24) << "parameter sets, together in a STAP-A";
  int pictures = 0;
  for (size_t i = 0; i < video.size(); ++i) pictures += video[i].marker ? 1 : 0;
  EXPECT_EQ(pictures, 25);
  const auto& audio = received("audio");
  ASSERT_GE(audio.size(), 24U);
  auto unit = rtp::AacPayload::parse(audio[0].payload);
  ASSERT_TRUE(unit);
  EXPECT_EQ(unit->bytes.size(), 200U);
  EXPECT_EQ(compose.sender_reports.empty(), false) << "lip sync";
}

TEST_F(RtmpTest, only_a_key_that_desired_state_names_opens_a_session) {
  EXPECT_FALSE(network.core().open_rtmp(Secret("bad"), network.now()));
  EXPECT_FALSE(network.core().open_rtmp(Secret(""), network.now()));
  EXPECT_FALSE(network.core().open_rtmp(Secret(to_hex(token::sha256("good"))), network.now()));
}

TEST_F(RtmpTest, a_second_publisher_takes_over) {
  configure();
  stream(5);
  RtmpSession* first = session;
  open();
  ASSERT_NE(session, nullptr);
  EXPECT_TRUE(first->ended());
  EXPECT_EQ(first->end_reason(), "taken_over");
  configure();
  stream(5);
  EXPECT_FALSE(received("video").empty());
}

TEST_F(RtmpTest, a_key_that_is_named_no_more_ends_its_session) {
  configure();
  stream(5);
  apply({"other"});
  EXPECT_TRUE(session->ended());
  EXPECT_EQ(session->end_reason(), "revoked");
  EXPECT_FALSE(network.core().open_rtmp(Secret("good"), network.now()));
}

TEST_F(RtmpTest, b_frames_are_named_before_anybody_receives_them) {
  configure();
  picture(true, Duration::millis(80));
  auto o = observed();
  ASSERT_EQ(o.tracks.size(), 2U);
  EXPECT_TRUE(o.tracks[0].b_frames);
  EXPECT_TRUE(o.media[0].b_frames);
  Peer viewer(network, "10.0.0.2:5000", {});
  EXPECT_FALSE(viewer.join("v", "feed")) << "WebRTC plays neither B-frames nor AAC";
}

TEST_F(RtmpTest, a_viewer_of_a_source_without_b_frames_gets_its_picture_alone) {
  configure();
  stream(5);
  Peer viewer(network, "10.0.0.2:5000", {});
  ASSERT_TRUE(viewer.join("v", "feed"));
  ASSERT_TRUE(viewer.connect());
  stream(10);
  EXPECT_FALSE(viewer.video.empty());
  EXPECT_TRUE(viewer.audio.empty());
}

TEST_F(RtmpTest, a_source_of_sound_alone_is_published_without_waiting_for_long) {
  configure(false);
  stream(20);
  ASSERT_EQ(observed().tracks.size(), 1U);
  EXPECT_EQ(observed().tracks[0].kind, "audio");
  EXPECT_FALSE(received("audio").empty());
}

TEST_F(RtmpTest, another_sample_rate_is_another_track) {
  configure();
  stream(5);
  const auto before = observed().tracks;
  configure(false, kConfig44);
  stream(5);
  const auto after = observed().tracks;
  ASSERT_EQ(after.size(), 2U);
  EXPECT_NE(after[1].ssrc, before[1].ssrc);
  EXPECT_EQ(after[1].clock_rate, 44'100);
}

int pictures_in(const std::vector<test::Received>& packets) {
  return static_cast<int>(std::ranges::count_if(packets, &test::Received::marker));
}

TEST_F(RtmpTest, sound_that_comes_or_changes_mid_gop_leaves_the_picture_going) {
  configure(true, {});
  Peer viewer(network, "10.0.0.2:5000", {});
  stream(20);
  ASSERT_TRUE(viewer.join("v", "feed"));
  ASSERT_TRUE(viewer.connect());
  stream(30, false);
  int viewed = pictures_in(viewer.video);
  int shown = 50;
  ASSERT_EQ(viewed, shown) << "the viewer has caught up";
  for (ByteView config : {ByteView(kConfig48), ByteView(kConfig44)}) {
    configure(false, config);
    const auto before = observed().tracks;
    stream(20, false);
    EXPECT_EQ(observed().tracks, before) << "nobody could show another track's picture yet";
    EXPECT_EQ(pictures_in(compose.received[before[0].ssrc]), shown + 20);
    EXPECT_EQ(pictures_in(viewer.video), viewed + 20);
    stream(10);
    const auto after = observed().tracks;
    ASSERT_EQ(after.size(), 2U);
    EXPECT_NE(after[0].ssrc, before[0].ssrc);
    EXPECT_EQ(pictures_in(compose.received[after[0].ssrc]), 10) << "from the key frame on";
    EXPECT_GE(compose.received[after[1].ssrc].size(), 9U);
    viewed += 30;
    EXPECT_EQ(pictures_in(viewer.video), viewed);
    shown = 10;
  }
}

TEST_F(RtmpTest, sound_that_comes_with_the_first_pictures_is_waited_for_however_early_theirs_were_announced) {
  configure(true, {});
  network.run(Duration::seconds(3));
  picture(true);
  configure(false);
  stream(10, false);
  ASSERT_EQ(observed().tracks.size(), 2U);
  EXPECT_EQ(pictures_in(received("video")), 11);
  EXPECT_GE(received("audio").size(), 9U);
}

TEST_F(RtmpTest, sound_that_comes_while_no_picture_does_waits_for_none) {
  configure(true, {});
  stream(15);
  network.run(Duration::millis(2100));
  configure(false);
  sound();
  network.run(Duration::millis(40));
  EXPECT_EQ(observed().tracks.size(), 2U);
  for (int i = 0; i < 10; ++i) {
    at += Duration::millis(20);
    sound();
    network.run(Duration::millis(20));
  }
  EXPECT_GE(received("audio").size(), 9U);
}

TEST_F(RtmpTest, compose_that_heard_of_a_track_after_its_key_frame_gets_it_once_more) {
  configure();
  stream(10);
  const rtp::Ssrc video(observed().tracks[0].ssrc);
  const auto& packets = received("video");
  auto key_frames = [&] {
    return std::ranges::count_if(packets, [](const auto& p) { return (p.payload[0] & 0x1f) == 24; });
  };
  ASSERT_EQ(key_frames(), 1);
  compose.send_pli(video);
  network.run(Duration::millis(30));
  EXPECT_EQ(key_frames(), 2);
  EXPECT_EQ(pictures_in(packets), 20) << "with what followed";
  for (size_t i = 1; i < packets.size(); ++i) EXPECT_EQ(packets[i].seq, static_cast<uint16_t>(packets[i - 1].seq + 1));
  stream(50, false);
  EXPECT_EQ(pictures_in(packets), 70);
  compose.send_pli(video);
  stream(5, false);
  EXPECT_EQ(key_frames(), 2) << "it is too old";
  EXPECT_EQ(pictures_in(packets), 75);
}

TEST_F(RtmpTest, b_frames_that_show_late_are_told_at_once_and_leave_the_picture_going) {
  configure();
  stream(10);
  const auto before = observed().tracks;
  picture(false, Duration::millis(80));
  EXPECT_FALSE(observed().tracks[0].b_frames);
  at += Duration::millis(40);
  picture(false);
  at += Duration::millis(40);
  auto told = observed();
  EXPECT_TRUE(told.tracks[0].b_frames);
  EXPECT_TRUE(told.media[0].b_frames);
  EXPECT_FALSE(told.tracks[1].b_frames);
  Peer viewer(network, "10.0.0.2:5000", {});
  EXPECT_FALSE(viewer.join("v", "feed"));
  stream(10, false);
  EXPECT_EQ(observed().tracks[0].ssrc, before[0].ssrc);
  EXPECT_EQ(pictures_in(received("video")), 22);
  EXPECT_GE(received("audio").size(), 19U);
  stream(5);
  EXPECT_NE(observed().tracks[0].ssrc, before[0].ssrc);
  EXPECT_TRUE(observed().tracks[0].b_frames);
  EXPECT_EQ(pictures_in(received("video")), 5);
  EXPECT_GE(received("audio").size(), 4U);
}

TEST_F(RtmpTest, a_successor_with_b_frames_says_so_before_its_first_picture_is_shown) {
  configure();
  stream(5);
  open();
  configure();
  EXPECT_TRUE(observed().tracks.empty());
  picture(true, Duration::millis(80));
  ASSERT_EQ(observed().tracks.size(), 2U);
  EXPECT_TRUE(observed().tracks[0].b_frames);
}

TEST_F(RtmpTest, sound_is_counted_in_samples_through_the_roundings_of_milliseconds) {
  configure();
  picture(true);
  for (int i = 0; i < 60; ++i) {
    at = Duration::millis(i * 1024 * 1000 / 48'000);
    sound();
    network.run(Duration::millis(21));
  }
  const auto& audio = received("audio");
  ASSERT_GE(audio.size(), 50U);
  for (size_t i = 1; i < audio.size(); ++i) EXPECT_EQ(audio[i].time - audio[i - 1].time, 1024U) << i;
}

TEST_F(RtmpTest, sound_left_out_is_counted) {
  configure();
  stream(3);
  EXPECT_EQ(network.core().counters().rtmp.skipped, 0U);
  for (int i = 0; i < 10; ++i) sound();  // 213 ms of it for one moment
  network.run(Duration::millis(20));
  EXPECT_EQ(network.core().counters().rtmp.skipped + received("audio").size(), 13U);
  EXPECT_GE(network.core().counters().rtmp.skipped, 5U);
}

TEST_F(RtmpTest, other_parameter_sets_mid_stream_leave_the_track_as_it_is) {
  configure();
  stream(5);
  const auto before = observed().tracks;
  tell(rtmp::VideoConfig{*from_hex("67640020")});
  stream(10);
  EXPECT_EQ(observed().tracks, before);
  EXPECT_EQ(pictures_in(received("video")), 15);
}

TEST_F(RtmpTest, a_source_of_pictures_alone_is_published_without_waiting_for_long) {
  configure(true, {});
  stream(20);
  ASSERT_EQ(observed().tracks.size(), 1U);
  EXPECT_EQ(pictures_in(received("video")), 20);
}

TEST_F(RtmpTest, a_picture_of_four_mebibytes_goes_through_whole) {
  configure();
  stream(2);
  size_t before = received("video").size();
  picture(false, Duration::zero(), (4 << 20) - 1000);
  network.run(Duration::seconds(1));
  EXPECT_GE(received("video").size() - before, 3500U);
}

TEST_F(RtmpTest, silence_is_stalled_and_the_end_of_the_connection_is_the_end) {
  configure();
  stream(5);
  network.run(Duration::millis(2200));
  EXPECT_EQ(observed().state, "stalled");
  stream(2, false);
  network.run(Duration::millis(200));
  EXPECT_EQ(observed().state, "connected");
  network.core().close_rtmp(*session, "closed_by_peer", network.now());
  EXPECT_EQ(observed().end_reason, "closed_by_peer");
}

}  // namespace
}  // namespace footlight::relay
