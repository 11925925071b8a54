// Whom the transport listens to and where it sends: addresses, forged and new, and what is left of a handshake.
#include <gtest/gtest.h>
#include <malloc.h>

#include "base/text_codec.h"
#include "dtls/captured_hello_for_tests.h"
#include "relay/test_peer.h"

namespace footlight::relay {
namespace {

using test::Network;
using test::Peer;

std::string line_of(const std::string& sdp, const std::string& name) {
  size_t at = sdp.find(name) + name.size();
  return sdp.substr(at, sdp.find_first_of("\r\n", at) - at);
}

class TransportTest : public testing::Test {
 protected:
  void start() {
    ASSERT_TRUE(publisher_.join("p", "s"));
    ASSERT_TRUE(publisher_.connect());
    ASSERT_TRUE(viewer_.join("v", "s"));
    ASSERT_TRUE(viewer_.connect());
  }
  // A check that authenticates for the peer's session, from wherever.
  void check_from(const SocketAddress& from, const Peer& of) {
    std::array<uint8_t, ice::kMaxStunSize> bytes{};
    ice::StunWriter writer(bytes, ice::StunClass::kRequest, ice::kBindingMethod, {9});
    writer.username(of.remote_ufrag + ":x").priority(1).use_candidate().controlling(1);
    size_t size = writer.finish(line_of(of.reply.answer, "a=ice-pwd:"));
    network_.to_relay(from, ByteView(bytes).first(size));
    network_.run(Duration::millis(3));
  }
  size_t watched(Peer& peer) {
    size_t before = peer.video.size();
    publisher_.send_frame(true);
    network_.run(Duration::millis(10));
    return peer.video.size() - before;
  }
  std::string end_of(const std::string& id) {
    auto observed = network_.core().observed(network_.now());
    for (const auto& s : observed.sessions)
      if (s.id == id) return s.end_reason;
    return "gone";
  }
  double handshakes_freed_ = 0;
  uint64_t dropped(Drop reason) { return network_.core().counters().dropped(reason); }

  Network network_;
  Peer publisher_{network_, "10.0.0.1:5000", {.publishes = true}};
  Peer viewer_{network_, "10.0.0.2:5000"};
};

TEST_F(TransportTest, a_viewer_that_forges_anothers_address_does_not_take_it) {
  start();
  Peer thief(network_, "10.6.6.6:666");
  ASSERT_TRUE(thief.join("t", "s"));
  ASSERT_TRUE(thief.connect());
  uint64_t before = dropped(Drop::kTakenTuple);
  check_from(viewer_.at(), thief);
  check_from(publisher_.at(), thief);
  EXPECT_EQ(dropped(Drop::kTakenTuple) - before, 2U);
  EXPECT_EQ(watched(viewer_), 3U) << "and what the publisher sends is still the publisher's";
  EXPECT_EQ(watched(thief), 3U) << "its media was not turned onto its victim";
}

TEST_F(TransportTest, an_address_whose_session_is_long_silent_may_be_another_peers_by_now) {
  start();
  viewer_.vanish();
  network_.run(Duration::seconds(11));
  publisher_.send_frame(true);
  network_.run(Duration::millis(5));
  Peer next(network_, "10.0.0.2:5000");
  ASSERT_TRUE(next.join("n", "s"));
  ASSERT_TRUE(next.connect());
  EXPECT_EQ(watched(next), 3U);
  network_.run(Duration::seconds(30));
  EXPECT_EQ(watched(next), 3U) << "the end of the first session takes nothing from the second";
}

TEST_F(TransportTest, a_presenter_goes_from_wifi_to_mobile_within_one_session) {
  start();
  publisher_.move_to("10.77.0.1:40000");
  network_.run(Duration::millis(100));
  EXPECT_EQ(watched(viewer_), 3U);
  EXPECT_EQ(network_.core().observed(network_.now()).sessions.size(), 2U);
}

TEST_F(TransportTest, a_hello_from_an_address_that_ice_has_not_validated_is_a_drop) {
  ASSERT_TRUE(publisher_.join("p", "s"));
  int answers = 0;
  network_.drop = [&](bool to_relay, ByteView bytes) {
    if (!to_relay && rtp::kind_of_datagram(bytes) == rtp::DatagramKind::kDtls) ++answers;
    return false;
  };
  uint64_t before = dropped(Drop::kUnknownTuple);
  auto first = *from_hex(dtls::kChromiumHelloFirst);
  auto second = *from_hex(dtls::kChromiumHelloSecond);
  for (const char* from : {"10.6.6.6:666", "10.0.0.1:5001"}) {
    network_.to_relay(test::address(from), first);
    network_.to_relay(test::address(from), second);
  }
  network_.run(Duration::millis(1));
  network_.run(Duration::millis(1));
  EXPECT_EQ(dropped(Drop::kUnknownTuple) - before, 4U);
  EXPECT_TRUE(publisher_.connect()) << "the race is not lost to whoever says hello first";
}

// While OpenSSL's state is there it takes a repeated flight as it should; afterwards that is a counted drop.
class HandshakeMemory : public TransportTest {
 protected:
  HandshakeMemory() {
    network_.drop = [this](bool to_relay, ByteView bytes) {
      if (to_relay && rtp::kind_of_datagram(bytes) == rtp::DatagramKind::kDtls)
        last_flight_.assign(bytes.begin(), bytes.end());
      return false;
    };
  }
  bool is_freed() {
    uint64_t before = dropped(Drop::kUnauthentic);
    auto again = last_flight_;
    network_.to_relay(publisher_.at(), again);
    network_.run(Duration::millis(3));
    return dropped(Drop::kUnauthentic) > before;
  }
  std::vector<uint8_t> last_flight_;
};

TEST_F(HandshakeMemory, is_freed_once_the_peer_has_shown_its_keys) {
  ASSERT_TRUE(publisher_.join("p", "s"));
  ASSERT_TRUE(publisher_.connect());
  network_.run(Duration::seconds(5));
  EXPECT_FALSE(is_freed()) << "our last flight may have been lost";
  publisher_.send_frame(true);
  network_.run(Duration::millis(150));
  EXPECT_TRUE(is_freed());
}

TEST_F(HandshakeMemory, of_a_peer_that_never_shows_its_keys_is_freed_after_a_minute) {
  ASSERT_TRUE(publisher_.join("p", "s"));
  ASSERT_TRUE(publisher_.connect());
  network_.run(Duration::seconds(59));
  EXPECT_FALSE(is_freed());
  network_.run(Duration::seconds(2));
  EXPECT_TRUE(is_freed());
  EXPECT_EQ(end_of("p"), "");
}

#if !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer)
// What malloc has handed out: sockets, of which viewers have none, and its own slack are not in it.
TEST_F(TransportTest, a_viewer_in_steady_state_costs_at_most_64_kib) {
  constexpr int kFirst = 20;  // OpenSSL's and malloc's own tables are made once
  constexpr int kViewers = 200;
  auto in_use = [] { return static_cast<double>(mallinfo2().uordblks); };
  ASSERT_TRUE(publisher_.join("p", "s"));
  ASSERT_TRUE(publisher_.connect());
  int joined = 0;
  auto add = [&](int count) {
    std::vector<std::unique_ptr<Peer>> peers;
    for (int i = 0; i < count; ++i, ++joined) {
      peers.push_back(std::make_unique<Peer>(network_, fmt::format("10.1.{}.{}:5000", joined / 250, joined % 250)));
      ASSERT_TRUE(peers.back()->join(fmt::format("v{}", joined), "s"));
      ASSERT_TRUE(peers.back()->connect());
    }
    double handshakes = in_use();
    for (int i = 0; i < 10; ++i) {
      publisher_.send_frame(i == 0);
      for (auto& peer : peers) peer->send_pli();
      network_.run(Duration::millis(33));
    }
    handshakes_freed_ = (handshakes - in_use()) / count;
  };  // the peers' own memory goes with them
  add(kFirst);
  double before = in_use();
  add(kViewers);
  double each = (in_use() - before) / kViewers;
  fmt::print("memory a viewer: {:.0f} bytes; {:.0f} more before its handshake was freed\n", each, handshakes_freed_);
  EXPECT_LE(each, 64 * 1024);
}
#endif

TEST_F(TransportTest, goodbye_is_heard_and_said_after_openssls_state_was_freed) {
  start();
  for (int i = 0; i < 5; ++i) {
    publisher_.send_frame(i == 0);
    viewer_.send_pli();
    network_.run(Duration::millis(100));
  }
  viewer_.close();
  network_.run(Duration::millis(20));
  EXPECT_EQ(end_of("v"), "closed_by_peer");
  network_.core().delete_session("p", network_.now());
  network_.run(Duration::millis(5));
  EXPECT_TRUE(publisher_.said_goodbye());
}

TEST_F(TransportTest, expired_deleted_revoked_and_closed_in_one_turn_a_session_ends_once) {
  start();
  viewer_.vanish();
  network_.run(Duration::millis(29'990));
  network_.core().delete_session("v", network_.now());
  network_.run(Duration::seconds(1));
  EXPECT_EQ(end_of("v"), "deleted");
  state::RelayDesired desired;
  desired.ended_sessions = {"v", "p"};
  network_.core().apply(desired, network_.now());
  EXPECT_EQ(end_of("v"), "deleted");
  EXPECT_EQ(end_of("p"), "revoked");
  network_.run(Duration::seconds(12));
  EXPECT_EQ(end_of("v"), "gone");
  network_.core().end_all("relay_stopped", network_.now());
}

}  // namespace
}  // namespace footlight::relay
