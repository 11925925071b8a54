// Two relays under one desired state: what is published at the one is watched at the other.
#include "relay/relay_link.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/text_codec.h"
#include "relay/test_pictures.h"

namespace footlight::relay {
namespace {

using test::in_order;
using test::Network;
using test::Peer;
using test::pictures;

// The other relay's pipe socket, as this network sees it.
class Bridge final : public test::Endpoint {
 public:
  Bridge(Network& here, Network& there, const char* at, const char* from)
      : here_(here), there_(there), at_(test::address(at)), from_(test::address(from)) {
    here_.attach(at_, this);
  }
  ~Bridge() override { here_.detach(at_); }
  void on_datagram(MutableByteView bytes, Timestamp) override { there_.to_relay(from_, bytes, true); }
  void tick(Timestamp) override {}

 private:
  Network& here_;
  Network& there_;
  SocketAddress at_;
  SocketAddress from_;
};

struct RelayLinkTest : testing::Test {
  Network a{1, 2};
  Network b{2, 2};
  Bridge a_to_b{a, b, "127.0.0.1:7200", "127.0.0.1:7300"};
  Bridge b_to_a{b, a, "127.0.0.1:7300", "127.0.0.1:7200"};
  state::RelayLink end_a;
  state::RelayLink end_b;
  int64_t generation = 0;

  RelayLinkTest() {
    std::array<uint8_t, 56> key{};
    random_fill(key);
    end_a = {"link", Secret(to_base64(key)), true, 1111, 2222, "", {"s"}, {}};
    end_b = {"link", Secret(to_base64(key)), false, 2222, 1111, "127.0.0.1:7300", {}, {"s"}};
  }
  void apply(bool linked = true) {
    state::RelayDesired desired;
    desired.generation = ++generation;
    for (auto [network, end] : {std::pair(&a, &end_a), std::pair(&b, &end_b)}) {
      desired.links = linked ? std::vector{*end} : std::vector<state::RelayLink>{};
      for (size_t i = 0; i < 2; ++i) network->core(i).apply(desired, network->now());
    }
    run(Duration::millis(250));
  }
  void run(Duration duration) {
    for (Duration done; done < duration; done = done + Duration::millis(1)) {
      a.run(Duration::millis(1));
      b.run(Duration::millis(1));
    }
  }
  void connect(Peer& peer) {
    for (int i = 0; i < 3000 && !peer.connected(); ++i) run(Duration::millis(1));
    ASSERT_TRUE(peer.connected());
  }
  // To the stream, with the time that the other relay needs to hear of it.
  void join(Peer& peer, const char* id) {
    ASSERT_TRUE(peer.join(id, "s"));
    connect(peer);
    run(Duration::millis(50));
  }
  void stream(Peer& publisher, Duration duration, bool key_first = true) {
    for (int64_t i = 0; i < duration.us() * 30 / 1'000'000; ++i) {
      publisher.send_frame(key_first && i == 0);
      publisher.send_audio();
      run(Duration::millis(33));
    }
  }
};

TEST_F(RelayLinkTest, a_stream_published_at_one_relay_is_watched_at_the_other_on_any_shard) {
  apply();
  a.shard = 1;
  Peer publisher(a, "10.0.0.1:5000", {.publishes = true});
  join(publisher, "p");
  for (size_t shard : {0, 1}) {
    b.shard = shard;
    Peer viewer(b, fmt::format("10.0.1.{}:5000", shard), {});
    ASSERT_TRUE(viewer.join(fmt::format("v{}", shard), "s"));
    connect(viewer);
    run(Duration::millis(50));
    size_t before = pictures(viewer).size();
    stream(publisher, Duration::seconds(1));
    publisher.send_sender_reports();
    stream(publisher, Duration::millis(1200), false);
    EXPECT_EQ(pictures(viewer).size() - before, 90u + 36u * 3u);
    EXPECT_TRUE(in_order(viewer));
    EXPECT_FALSE(viewer.sender_reports.empty());
    b.core(shard).delete_session(fmt::format("v{}", shard), b.now());
    run(Duration::millis(20));
  }
}

TEST_F(RelayLinkTest, packets_cross_only_while_somebody_watches_there) {
  apply();
  Peer publisher(a, "10.0.0.1:5000", {.publishes = true});
  ASSERT_TRUE(publisher.join("p", "s"));
  connect(publisher);
  uint64_t before = a.core(0).counters().packets_out;
  stream(publisher, Duration::millis(500));
  EXPECT_EQ(a.core(0).counters().packets_out, before);
  Peer viewer(b, "10.0.1.1:5000", {});
  ASSERT_TRUE(viewer.join("v", "s"));
  connect(viewer);
  run(Duration::millis(400));
  EXPECT_EQ(pictures(viewer).size(), 45u) << "the past, from the publisher's buffer";
  EXPECT_EQ(publisher.plis, 0);
  b.core(0).delete_session("v", b.now());
  run(Duration::millis(700));
  before = a.core(0).counters().packets_out;
  stream(publisher, Duration::millis(300), false);
  EXPECT_EQ(a.core(0).counters().packets_out, before);
}

TEST_F(RelayLinkTest, loss_between_relays_is_repaired_and_key_frame_wishes_reach_the_source) {
  apply();
  Peer publisher(a, "10.0.0.1:5000", {.publishes = true});
  join(publisher, "p");
  Peer viewer(b, "10.0.1.1:5000", {});
  join(viewer, "v");
  int n = 0;
  a.drop = [&](bool to_relay, ByteView bytes) { return !to_relay && bytes.size() > 900 && ++n % 10 == 0; };
  stream(publisher, Duration::seconds(2));
  a.drop = nullptr;
  run(Duration::millis(500));
  EXPECT_EQ(pictures(viewer).size(), 180u);
  int before = publisher.plis;
  run(Duration::millis(600));
  viewer.send_pli();
  run(Duration::millis(60));
  EXPECT_EQ(publisher.plis, before + 1);
}

TEST_F(RelayLinkTest, a_source_that_goes_and_returns_finds_its_viewers_at_the_other_relay) {
  apply();
  Peer viewer(b, "10.0.1.1:5000", {});
  {
    Peer publisher(a, "10.0.0.1:5000", {.publishes = true});
    ASSERT_TRUE(publisher.join("p", "s"));
    connect(publisher);
    run(Duration::millis(50));
    ASSERT_TRUE(viewer.join("v", "s"));
    connect(viewer);
    run(Duration::millis(50));
    stream(publisher, Duration::seconds(1));
    EXPECT_EQ(pictures(viewer).size(), 90u);
    a.core(0).delete_session("p", a.now());
    run(Duration::seconds(2));
  }
  a.shard = 1;
  Peer again(a, "10.0.0.2:5000", {.publishes = true});
  ASSERT_TRUE(again.join("p2", "s"));
  connect(again);
  run(Duration::millis(50));
  stream(again, Duration::seconds(1));
  EXPECT_EQ(pictures(viewer).size(), 180u);
  EXPECT_TRUE(in_order(viewer));
}

TEST_F(RelayLinkTest, a_closed_link_takes_its_streams_along_and_a_new_one_brings_them_back) {
  apply();
  Peer publisher(a, "10.0.0.1:5000", {.publishes = true});
  join(publisher, "p");
  Peer viewer(b, "10.0.1.1:5000", {});
  ASSERT_TRUE(viewer.join("v", "s"));
  connect(viewer);
  apply(false);
  stream(publisher, Duration::millis(300));
  EXPECT_TRUE(viewer.video.empty());
  Peer late(b, "10.0.1.2:5000", {});
  EXPECT_FALSE(late.join("v2", "s"));
  std::array<uint8_t, 56> key{};
  random_fill(key);
  end_a.key = end_b.key = Secret(to_base64(key));
  apply();
  stream(publisher, Duration::millis(300));
  EXPECT_GE(viewer.video.size(), 27u);
}

TEST_F(RelayLinkTest, a_relay_that_moved_is_followed_under_the_same_key) {
  apply();
  Peer publisher(a, "10.0.0.1:5000", {.publishes = true});
  join(publisher, "p");
  Peer viewer(b, "10.0.1.1:5000", {});
  join(viewer, "v");
  stream(publisher, Duration::seconds(1));
  b.detach(test::address("127.0.0.1:7300"));
  Bridge there{b, a, "127.0.0.1:7301", "127.0.0.1:7200"};
  Bridge back{a, b, "127.0.0.1:7200", "127.0.0.1:7301"};
  end_b.remote = "127.0.0.1:7301";
  apply();
  stream(publisher, Duration::seconds(6));  // longer than an announcement or a wish holds
  EXPECT_EQ(pictures(viewer).size(), 7u * 90u);
  EXPECT_TRUE(in_order(viewer));
  EXPECT_EQ(a.core(0).counters().dropped(Drop::kReplayed), 0u) << "the same counters under the same key";
}

TEST_F(RelayLinkTest, a_silent_relay_is_given_up_and_comes_back) {
  apply();
  Peer publisher(a, "10.0.0.1:5000", {.publishes = true});
  join(publisher, "p");
  Peer viewer(b, "10.0.1.1:5000", {});
  ASSERT_TRUE(viewer.join("v", "s"));
  connect(viewer);
  auto streams = [&] { return b.core(0).report(b.now()).gauges.streams; };
  EXPECT_EQ(streams(), 1u);
  a.drop = [](bool, ByteView) { return true; };
  run(Duration::seconds(6));
  EXPECT_EQ(streams(), 0u);
  a.drop = nullptr;
  run(Duration::seconds(1));
  EXPECT_EQ(streams(), 1u);
  stream(publisher, Duration::millis(300));
  EXPECT_GE(viewer.video.size(), 27u);
}

TEST_F(RelayLinkTest, a_wish_that_is_lost_on_the_way_is_repeated_at_once) {
  apply();
  Peer publisher(a, "10.0.0.1:5000", {.publishes = true});
  ASSERT_TRUE(publisher.join("p", "s"));
  connect(publisher);
  run(Duration::millis(400));
  int lost = 0;
  // B's words begin with a receiver report, and nothing else that it sends does.
  b.drop = [&](bool to_relay, ByteView bytes) { return !to_relay && bytes[1] == 201 && lost++ == 0; };
  Peer viewer(b, "10.0.1.1:5000", {});
  ASSERT_TRUE(viewer.join("v", "s"));
  run(Duration::millis(150));
  EXPECT_GE(lost, 2);
  EXPECT_EQ(a.core(0).report(a.now()).links.at(0).streams.size(), 1u);
}

TEST_F(RelayLinkTest, a_stream_that_is_no_longer_offered_is_over_there_and_comes_back_when_it_is) {
  apply();
  Peer publisher(a, "10.0.0.1:5000", {.publishes = true});
  join(publisher, "p");
  Peer viewer(b, "10.0.1.1:5000", {});
  ASSERT_TRUE(viewer.join("v", "s"));
  connect(viewer);
  auto streams = [&] { return b.core(0).report(b.now()).gauges.streams; };
  end_a.offer = {};
  apply();
  run(Duration::seconds(5));
  EXPECT_EQ(streams(), 0u);
  end_a.offer = {"s"};
  apply();
  EXPECT_EQ(streams(), 1u);
  stream(publisher, Duration::millis(300));
  EXPECT_GE(viewer.video.size(), 27u);
}

TEST_F(RelayLinkTest, both_ends_tell_what_goes_over_and_what_was_repaired) {
  apply();
  Peer publisher(a, "10.0.0.1:5000", {.publishes = true});
  join(publisher, "p");
  auto link = [](Network& network) { return network.core(0).report(network.now()).links.at(0); };
  EXPECT_EQ(link(a).state, "connected");
  EXPECT_TRUE(link(a).streams.empty()) << "nobody watches there";
  Peer viewer(b, "10.0.1.1:5000", {});
  join(viewer, "v");
  int n = 0;
  a.drop = [&](bool to_relay, ByteView bytes) { return !to_relay && bytes.size() > 900 && ++n == 10; };
  stream(publisher, Duration::seconds(1));
  a.drop = nullptr;
  run(Duration::millis(300));
  state::LinkObserved out = link(a);
  state::LinkObserved in = link(b);
  ASSERT_EQ(out.streams.size(), 1u);
  ASSERT_EQ(in.streams.size(), 1u);
  EXPECT_EQ(out.streams[0].direction, "out");
  EXPECT_EQ(in.streams[0].direction, "in");
  auto video = std::ranges::find(out.streams[0].media, "video", &state::TrackObserved::kind);
  auto received = std::ranges::find(in.streams[0].media, "video", &state::TrackObserved::kind);
  ASSERT_NE(video, out.streams[0].media.end());
  ASSERT_NE(received, in.streams[0].media.end());
  EXPECT_EQ(video->packets, 90);
  EXPECT_EQ(video->resent, 1);
  EXPECT_EQ(received->resent, 1);
  EXPECT_EQ(received->lost, 0);
  a.drop = [](bool, ByteView) { return true; };
  run(Duration::seconds(6));
  EXPECT_EQ(link(b).state, "silent");
  EXPECT_TRUE(link(b).streams.empty());
}

TEST_F(RelayLinkTest, of_more_streams_than_one_message_names_the_last_is_served_too) {
  std::vector<std::string> streams;
  for (size_t i = 0; i < 2 * kMaxLinkWants; ++i) streams.push_back(fmt::format("{}{}", std::string(40, 'x'), i));
  streams.push_back("s");
  end_a.offer = end_b.pull = streams;
  apply();
  Peer publisher(a, "10.0.0.1:5000", {.publishes = true});
  join(publisher, "p");
  Peer viewer(b, "10.0.1.1:5000", {});
  join(viewer, "v");
  stream(publisher, Duration::seconds(4));  // longer than a wish holds
  EXPECT_EQ(pictures(viewer).size(), 360u);
}

TEST_F(RelayLinkTest, a_third_relay_has_the_stream_from_the_second_while_it_wants_it) {
  Network c{3, 1};
  Bridge b_to_c{b, c, "127.0.0.1:7400", "127.0.0.1:7300"};
  Bridge c_to_b{c, b, "127.0.0.1:7300", "127.0.0.1:7400"};
  apply();
  std::array<uint8_t, 56> key{};
  random_fill(key);
  Secret text(to_base64(key));
  state::RelayDesired desired;
  desired.links = {end_b, {"further", text, true, 3333, 4444, "", {"s"}, {}}};
  for (size_t i = 0; i < 2; ++i) b.core(i).apply(desired, b.now());
  desired.links = {{"further", text, false, 4444, 3333, "127.0.0.1:7300", {}, {"s"}}};
  c.core(0).apply(desired, c.now());
  auto run_all = [&](Duration duration) {
    for (Duration done; done < duration; done = done + Duration::millis(1)) {
      run(Duration::millis(1));
      c.run(Duration::millis(1));
    }
  };
  Peer publisher(a, "10.0.0.1:5000", {.publishes = true});
  join(publisher, "p");
  run_all(Duration::millis(50));
  Peer viewer(c, "10.0.2.1:5000", {});
  ASSERT_TRUE(viewer.join("v", "s"));
  run_all(Duration::millis(300));
  ASSERT_TRUE(viewer.connected());
  auto send = [&] {
    for (int i = 0; i < 30; ++i) {
      publisher.send_frame(i == 0);
      run_all(Duration::millis(33));
    }
  };
  send();
  EXPECT_EQ(pictures(viewer).size(), 90u);
  EXPECT_TRUE(in_order(viewer));
  c.core(0).delete_session("v", c.now());
  run_all(Duration::millis(1200));
  uint64_t before = a.core(0).counters().packets_out;
  send();
  EXPECT_EQ(a.core(0).counters().packets_out, before);
}

}  // namespace
}  // namespace footlight::relay
