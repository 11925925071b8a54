// Layers of a publisher on lossy ways and with sources that answer nothing; and the wall clock of what viewers get.
#include <set>

#include "relay/test_simulcast.h"

namespace footlight::relay {
namespace {

using test::expect_continuous;
using test::NarrowLine;
using test::Network;
using test::Peer;
using test::Received;
using test::SimulcastTest;

TEST_F(SimulcastTest, a_loss_is_repaired_by_a_retransmission_that_only_its_repaired_rid_tells) {
  for (auto& layer : source.layers) layer.repairs = true;
  watch_best();
  const int asked = publisher.plis;
  int large = 0;
  network.drop = [&](bool to_relay, ByteView bytes) { return to_relay && bytes.size() > 900 && ++large % 50 == 0; };
  source.stream(Duration::seconds(3));
  network.drop = nullptr;
  source.stream(Duration::millis(500));
  EXPECT_GT(publisher.nacked, 5);
  EXPECT_GE(network.core().counters().rtx_in, 5u);
  EXPECT_EQ(publisher.plis, asked);
  expect_continuous(viewer, 0);
}

// obs #13161
TEST_F(SimulcastTest, lower_layers_that_answer_no_nack_are_asked_within_bounds_and_the_viewer_goes_on) {
  source.layers[2].repairs = true;
  publish();
  source.stream(Duration::millis(500));
  NarrowLine line(network, viewer, DataRate::kbps(700));
  watch();
  source.stream(Duration::seconds(6));
  const auto before = publisher.plis_of;
  const int nacked = publisher.nacked;
  const size_t seen = viewer.video.size();
  int count = 0;
  network.drop = [&](bool to_relay, ByteView bytes) { return to_relay && bytes.size() > 400 && ++count % 60 == 0; };
  source.stream(Duration::seconds(10));
  network.drop = nullptr;
  for (auto& layer : source.layers)
    EXPECT_LE(publisher.plis_of[layer.ssrc.value()] - before.at(layer.ssrc.value()), 21) << layer.rid;
  EXPECT_LE(publisher.nacked - nacked, count / 60 * 11);
  Timestamp last = network.now() - Duration::seconds(10);
  Duration longest = Duration::zero();
  for (size_t i = seen; i < viewer.video.size(); ++i) {
    longest = std::max(longest, viewer.video[i].at - last);
    last = viewer.video[i].at;
  }
  EXPECT_LT(longest.ms(), 1000);
  EXPECT_GT(viewer.video.size() - seen, 250u);
}

// JVB #2442
TEST_F(SimulcastTest, as_many_key_frames_are_counted_as_the_publisher_was_asked_for) {
  watch_best();
  for (int i = 0; i < 3; ++i) {
    viewer.send_pli();
    source.stream(Duration::millis(1500));
  }
  network.run(Duration::millis(20));
  ASSERT_GT(publisher.plis, 2);
  EXPECT_EQ(network.core().counters().plis_out, static_cast<uint64_t>(publisher.plis));
  int64_t told = 0;
  for (size_t i = 0; i < 3; ++i) told += track("p", i).key_frame_requests;
  EXPECT_EQ(told, publisher.plis);
}

// When a packet's picture was taken, by the report that a player has at that time; 0 without one.
int64_t taken_us(const Received& packet, const std::vector<rtp::rtcp::SenderReport>& reports, rtp::Ssrc ssrc,
                 int clock_rate) {
  const rtp::rtcp::SenderReport* latest = nullptr;
  for (const auto& report : reports)
    if (report.sender == ssrc) latest = &report;
  if (!latest) return 0;
  const auto ticks = static_cast<int32_t>(packet.time - latest->rtp_time.value());
  return rtp::wall_from_ntp(latest->ntp).us() + int64_t{ticks} * 1'000'000 / clock_rate;
}

int64_t wall_us(Timestamp at) { return 1'700'000'000'000'000 + at.us(); }

TEST_F(SimulcastTest, reports_of_a_viewers_line_date_its_pictures_as_before_after_a_switch_of_layer) {
  publish();
  source.stream(Duration::millis(500));
  source.send_reports();
  watch();
  std::set<std::string> layers;
  for (int i = 0; i < 24; ++i) {
    source.layers[2].frozen = i >= 8 && i < 12;
    source.stream(Duration::millis(500));
    source.send_reports();
    network.run(Duration::millis(5));
    layers.insert(layer_of_viewer());
    const Received& last = viewer.video.back();
    const int64_t error = taken_us(last, viewer.sender_reports, viewer.watched_video, 90'000) - wall_us(last.at);
    EXPECT_LE(error, 5000) << i << " " << layer_of_viewer();
    EXPECT_GE(error, -60'000) << i << " " << layer_of_viewer();
  }
  EXPECT_GE(layers.size(), 2u);
}

TEST(LipSync, sound_and_picture_lie_on_one_clock_after_a_takeover) {
  Network network;
  Peer first(network, "10.0.0.1:5000", {.publishes = true});
  Peer second(network, "10.0.0.3:5000", {.publishes = true});
  Peer viewer(network, "10.0.0.2:5000");
  second.set_video_start(60'000, 4'000'000'000);
  auto play = [&](Peer& publisher, int64_t ms) {
    for (int64_t i = 0; i < ms; ++i) {
      if (i % 100 == 0 || i % 100 == 33 || i % 100 == 67) publisher.send_frame(i == 0);
      if (i % 20 == 0) publisher.send_audio();
      if (i % 1000 == 500) publisher.send_sender_reports();
      network.run(Duration::millis(1));
    }
  };
  auto expect_in_sync = [&] {
    // Not one that came again, to probe the path.
    const Received& last = *std::ranges::find(viewer.video.rbegin(), viewer.video.rend(), false, &Received::repaired);
    const int64_t picture = taken_us(last, viewer.sender_reports, viewer.watched_video, 90'000) - wall_us(last.at);
    const int64_t sound = taken_us(viewer.audio.back(), viewer.sender_reports, viewer.watched_audio, 48'000) -
                          wall_us(viewer.audio.back().at);
    EXPECT_LT(std::abs(picture - sound), 40'000) << picture << " " << sound;
    EXPECT_LT(std::abs(picture), 40'000);
  };
  ASSERT_TRUE(first.join("p", "s"));
  ASSERT_TRUE(first.connect());
  ASSERT_TRUE(viewer.join("v", "s"));
  ASSERT_TRUE(viewer.connect());
  play(first, 4000);
  expect_in_sync();
  ASSERT_TRUE(second.join("p2", "s"));
  ASSERT_TRUE(second.connect());
  network.run(Duration::millis(700));  // nobody sends
  const size_t before = viewer.sender_reports.size();
  play(second, 4000);
  EXPECT_GT(viewer.sender_reports.size(), before + 4);
  expect_in_sync();
}

// mediasoup #1914
TEST(Feedback, to_a_publisher_is_true_to_a_quarter_of_a_millisecond_by_the_kernels_dates) {
  Network network;
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true});
  ASSERT_TRUE(publisher.join("p", "s"));
  ASSERT_TRUE(publisher.connect());
  std::vector<std::vector<uint8_t>> datagrams;
  network.drop = [&](bool, ByteView bytes) {
    datagrams.emplace_back(bytes.begin(), bytes.end());
    return true;
  };
  for (int i = 0; i < 400; ++i) publisher.send_frame(i == 0, 1, 300);
  network.drop = nullptr;
  ASSERT_EQ(datagrams.size(), 400u);
  // Read ten at a time, up to 14 ms late.
  std::vector<Timestamp> came;
  for (size_t i = 0; i < datagrams.size(); ++i) {
    if (i % 10 == 0) network.run(Duration::millis(14));
    came.push_back(network.now() - Duration::micros(static_cast<int64_t>(1337 * (9 - i % 10))));
    network.core().on_media(datagrams[i], {test::kMediaAddress, publisher.at()}, came[i], network.now());
  }
  network.run(Duration::millis(400));
  ASSERT_EQ(publisher.told_arrivals.size(), 400u);
  const auto first = publisher.told_arrivals.begin();
  size_t i = 0;
  for (const auto& [seq, arrival] : publisher.told_arrivals) {
    const int64_t error = (arrival - first->second).us() - (came[i] - came[0]).us();
    EXPECT_LE(std::abs(error), 250) << "packet " << i;
    ++i;
  }
}

}  // namespace
}  // namespace footlight::relay
