// The forward path takes nothing from the heap once it is warm (STYLE §2.20). Not under sanitizers: they bring an
// operator new of their own, and the release suite counts.
#if !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer)
#include <gtest/gtest.h>

#include "base/testing_heap.h"
#include "relay/test_media.h"
#include "relay/test_peer.h"
#include "relay/testing_tcp_peers.h"

namespace footlight::relay {
namespace {

using test::MediaTest;
using test::Network;
using test::Peer;

// Five viewers on the shard `watching`; the publisher is on the first.
void expect_no_allocation(size_t shards, size_t watching) {
  Network network(1, shards);
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true});
  ASSERT_TRUE(publisher.join("p", "s"));
  ASSERT_TRUE(publisher.connect());
  network.shard = watching;
  std::vector<std::unique_ptr<Peer>> viewers;
  for (int i = 0; i < 5; ++i) {
    viewers.push_back(std::make_unique<Peer>(network, fmt::format("10.0.1.{}:5000", i)));
    ASSERT_TRUE(viewers.back()->join(fmt::format("v{}", i), "s"));
    ASSERT_TRUE(viewers.back()->connect());
  }
  // The publisher's datagrams are kept instead of carried, and what the relay sends is lost.
  std::vector<std::vector<uint8_t>> datagrams;
  network.drop = [&](bool to_relay, ByteView bytes) {
    if (to_relay) datagrams.emplace_back(bytes.begin(), bytes.end());
    return true;
  };
  for (int i = 0; i < 1000; ++i) {
    publisher.send_frame(i % 60 == 0);
    publisher.send_audio();
  }
  AddressPair tuple{test::kMediaAddress, publisher.at()};
  Timestamp now = network.now();
  size_t warm = 3600;
  ASSERT_EQ(datagrams.size(), 4000u);
  g_allocations = 0;
  for (size_t i = 0; i < datagrams.size(); ++i) {
    g_counting = i >= warm;
    if (i % 4 == 0) now += Duration::millis(33);
    network.core(0).on_media(datagrams[i], tuple, now, now);
    network.core(0).flush(now);
    if (watching == 0) continue;
    network.core(watching).on_bell(now);
    network.core(watching).flush(now);
  }
  g_counting = false;
  EXPECT_EQ(g_allocations, 0);
  EXPECT_GE(network.core(watching).counters().packets_out, 5u * 3900);
}

TEST(ForwardPath, allocates_nothing_per_packet_after_warm_up) { expect_no_allocation(1, 0); }
TEST(ForwardPath, allocates_nothing_per_packet_for_viewers_of_another_shard_either) { expect_no_allocation(2, 1); }

// Counts what the relay takes while it works, not what the peers and the network of the test do.
void count_relay(Network& network, bool wanted) {
  network.relay_works = [wanted](bool at_work) { g_counting = wanted && at_work; };
}

// Five viewers on a lossy line, who ask for what they miss and give transport-wide feedback: repairs both ways, an
// estimate each, pacing, probes, reports and ticks.
TEST(ForwardPath, takes_nothing_from_the_heap_for_paced_viewers_with_feedback_and_repairs) {
  Network network;
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true});
  ASSERT_TRUE(publisher.join("p", "s"));
  ASSERT_TRUE(publisher.connect());
  std::vector<std::unique_ptr<Peer>> viewers;
  for (int i = 0; i < 5; ++i) {
    Peer& viewer = *viewers.emplace_back(std::make_unique<Peer>(network, fmt::format("10.0.1.{}:5000", i)));
    viewer.gives_feedback = true;
    ASSERT_TRUE(viewer.join(fmt::format("v{}", i), "s"));
    ASSERT_TRUE(viewer.connect());
  }
  network.link = {.loss = 0.03, .delay = Duration::millis(15), .jitter = Duration::millis(4)};
  auto show = [&](int pictures) {
    for (int i = 0; i < pictures; ++i) {
      publisher.send_frame(i % 60 == 0);
      publisher.send_audio();
      if (i % 30 == 0) publisher.send_sender_reports();
      network.run(Duration::millis(33));
    }
  };
  show(1800);
  const auto before = network.core().counters();
  const size_t repaired = static_cast<size_t>(std::ranges::count(viewers[0]->video, true, &test::Received::repaired));
  g_allocations = 0;
  count_relay(network, true);
  show(300);
  count_relay(network, false);
  EXPECT_EQ(g_allocations, 0);
  EXPECT_GE(network.core().counters().packets_out - before.packets_out, 5u * 300 * 4 * 9 / 10);
  EXPECT_GT(static_cast<size_t>(std::ranges::count(viewers[0]->video, true, &test::Received::repaired)), repaired);
  EXPECT_GT(publisher.nacked, 0);
}

class ForwardPathByTcp : public test::TcpPeersTest {};

TEST_F(ForwardPathByTcp, takes_nothing_from_the_heap_per_packet) {
  ASSERT_TRUE(publisher_.join("p", "s"));
  ASSERT_TRUE(connect(publisher_));
  viewer_.gives_feedback = true;
  ASSERT_TRUE(viewer_.join("v", "s"));
  test::Connection connection(at_);
  travel(viewer_, connection);
  ASSERT_TRUE(connect(viewer_));
  auto show = [&](int pictures) {
    for (int i = 0; i < pictures; ++i) {
      publisher_.send_frame(i % 60 == 0);
      publisher_.send_audio();
      run(Duration::millis(33));
    }
  };
  show(1200);
  const size_t seen = viewer_.video.size();
  g_allocations = 0;
  count_relay(network_, true);
  show(200);
  count_relay(network_, false);
  EXPECT_EQ(g_allocations, 0);
  EXPECT_EQ(viewer_.video.size() - seen, 600u);
  EXPECT_EQ(transport_of("v"), "tcp");
}

// Two layers of VP8, of whose temporal layers one viewer's line carries the lowest (RFC 7741 §4.2).
TEST_F(MediaTest, layers_that_are_left_out_on_a_paced_line_take_nothing_from_the_heap) {
  Producer& low = add(media::Codec::kVp8);
  Producer& high = add(media::Codec::kVp8);
  SendPath path(false, {.min = DataRate::kbps(50), .start = DataRate::kbps(200), .max = DataRate::kbps(200)});
  Consumer consumer(parameters(), transport, counters, &path);
  consumer.set_budget(DataRate::kbps(60));
  consumer.set_track(&track, now);
  transport.keeps = false;
  constexpr int kPictures = 2600;
  constexpr int kWarm = 2100;  // the buffers are full
  std::array<uint8_t, 1200> bytes{};
  std::array<uint8_t, 400> payload{};
  g_allocations = 0;
  for (int i = 0; i < kPictures; ++i, now += Duration::millis(20)) {
    const uint8_t tid = i % 4 == 0 ? 0 : i % 4 == 2 ? 1 : 2;
    payload.fill(1);
    const std::array<uint8_t, 7> start{0x90,
                                       0xe0,
                                       static_cast<uint8_t>(0x80 | i >> 8),
                                       static_cast<uint8_t>(i),
                                       static_cast<uint8_t>(i / 4),
                                       static_cast<uint8_t>(tid << 6),
                                       static_cast<uint8_t>(i == 0 ? 0x10 : 0x11)};
    std::ranges::copy(start, payload.begin());
    if (i == 0) std::ranges::copy(std::array<uint8_t, 3>{0x9d, 0x01, 0x2a}, payload.begin() + 9);
    for (Producer* producer : {&low, &high}) {
      const rtp::Header header{true, rtp::PayloadType(96), rtp::SeqNum(static_cast<uint16_t>(i)),
                               rtp::RtpTime(1800u * static_cast<uint32_t>(i)), *producer->ssrc()};
      const size_t size = rtp::write_packet(bytes, header, ByteView(payload).first(producer == &low ? 200 : 400));
      const auto packet = rtp::PacketView::parse(ByteView(bytes).first(size));
      g_counting = i >= kWarm;
      ASSERT_TRUE(producer->on_rtp(*packet, now));
      if (consumer.producer() == producer) consumer.forward(producer->fresh(), now);
      producer->clear_fresh();
      g_counting = false;
    }
    g_counting = i >= kWarm;
    consumer.tick(now);
    g_counting = false;
  }
  EXPECT_EQ(g_allocations, 0);
  EXPECT_EQ(consumer.producer(), &low);
  EXPECT_GT(transport.packets, kPictures / 5u);
  EXPECT_LT(transport.packets, kPictures * 3u / 4) << "the upper temporal layers are left out";
}

// Bad input of each protocol: noise, every truncation and a replay of what a peer sent, a check with a wrong password.
std::vector<std::vector<uint8_t>> bad_input(const std::vector<std::vector<uint8_t>>& sent, const std::string& ufrag) {
  std::vector<std::vector<uint8_t>> bad;
  std::minstd_rand random(11);
  for (int i = 0; i < 2000; ++i) {
    std::vector<uint8_t> noise(random() % 1400);
    for (uint8_t& byte : noise) byte = static_cast<uint8_t>(random());
    constexpr std::array<uint8_t, 4> kFirst = {0, 22, 0x80, 0x81};  // STUN, DTLS, RTP (RFC 7983 §7)
    if (!noise.empty() && i % 5 < 4) noise[0] = kFirst[static_cast<size_t>(i % 5)];
    if (noise.size() > 1 && i % 10 == 3) noise[1] = 201;
    bad.push_back(std::move(noise));
  }
  for (const auto& datagram : sent) {
    if (rtp::kind_of_datagram(datagram) == rtp::DatagramKind::kStun) continue;  // a replayed check is a good one
    for (size_t size = 0; size <= datagram.size(); ++size)
      bad.emplace_back(datagram.begin(), datagram.begin() + static_cast<ptrdiff_t>(size));
  }
  std::array<uint8_t, ice::kMaxStunSize> check{};
  ice::StunWriter writer(check, ice::StunClass::kRequest, ice::kBindingMethod, {1});
  size_t size = writer.username(ufrag + ":x").finish("a wrong password");
  for (size_t cut = 0; cut <= size; ++cut) bad.emplace_back(check.begin(), check.begin() + static_cast<ptrdiff_t>(cut));
  return bad;
}

uint64_t all_drops(Network& network) {
  uint64_t sum = 0;
  for (uint64_t drops : network.core().counters().drops) sum += drops;
  return sum;
}

TEST(Flood, of_bad_input_costs_a_counted_drop_a_datagram_and_no_memory_and_no_line_of_log) {
  Network network;
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true});
  Peer viewer(network, "10.0.0.2:5000");
  std::vector<std::vector<uint8_t>> sent;
  network.drop = [&](bool to_relay, ByteView bytes) {
    if (to_relay) sent.emplace_back(bytes.begin(), bytes.end());
    return false;
  };
  ASSERT_TRUE(publisher.join("p", "s"));
  ASSERT_TRUE(publisher.connect());
  publisher.send_frame(true);
  publisher.send_audio();
  publisher.send_sender_reports();
  network.run(Duration::millis(150));  // OpenSSL's state is freed
  auto bad = bad_input(sent, publisher.remote_ufrag);
  ASSERT_TRUE(viewer.join("v", "s"));
  ASSERT_TRUE(viewer.connect());
  network.drop = [](bool to_relay, ByteView) { return !to_relay; };  // the test's wires take memory
  for (const char* from : {"10.6.6.6:666", "10.0.0.1:5000"}) {
    AddressPair tuple{test::kMediaAddress, test::address(from)};
    auto datagrams = bad;
    uint64_t before = all_drops(network);
    g_allocations = 0;
    g_counting = true;  // a line of log would take memory too
    for (auto& datagram : datagrams) network.core().on_media(datagram, tuple, network.now(), network.now());
    g_counting = false;
    EXPECT_EQ(g_allocations, 0) << from;
    EXPECT_EQ(all_drops(network) - before, datagrams.size()) << from;
  }
  network.drop = nullptr;
  size_t watched = viewer.video.size();
  publisher.send_frame(true);
  network.run(Duration::millis(20));
  EXPECT_EQ(viewer.video.size() - watched, 3U);
}

}  // namespace
}  // namespace footlight::relay

#endif
