#include "load/peer_link.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "load/testing_server.h"

namespace footlight::load {
namespace {

SocketAddress at(const char* text) { return *SocketAddress::parse(text); }

class Link : public testing::Test {
 protected:
  // Both ends until nothing more is said; `hears` is what the server's network lets through.
  void talk(PeerLink& link, const SocketAddress& hears) {
    for (bool busy = true; busy;) {
      busy = false;
      while (auto packet = link.take_packet(now())) {
        busy = true;
        if (packet->to != hears) continue;
        AddressPair tuple;
        tuple.local = packet->to;
        tuple.remote = own;
        std::vector<uint8_t> bytes(packet->bytes.begin(), packet->bytes.end());
        for (auto& reply : server.handle(bytes, tuple, now())) deliver(link, reply, hears);
      }
    }
  }
  void deliver(PeerLink& link, const std::vector<uint8_t>& bytes, const SocketAddress& from) {
    if (rtp::kind_of_datagram(bytes) == rtp::DatagramKind::kStun)
      link.on_stun(bytes, from, now());
    else
      link.on_dtls(bytes, now());
  }
  PeerLink link_to(const Answer& answer) {
    return PeerLink(test::certificate(), ice::make_credentials(), answer, own, now());
  }
  [[nodiscard]] Timestamp now() const { return clock.now(); }

  // OpenSSL's timers run with the system's clock.
  ManualClock clock{SystemClock::get().now()};
  SocketAddress own = at("192.0.2.1:5000");
  test::Server server{test::certificate().fingerprint(), clock.now()};
};

TEST_F(Link, connects_and_both_ends_hold_the_same_keys) {
  Answer answer = server.answer(at("192.0.2.9:7000"));
  PeerLink link = link_to(answer);
  talk(link, answer.candidates[0]);
  ASSERT_EQ(link.state(), PeerLink::State::kConnected) << link.failure();
  EXPECT_EQ(link.remote(), answer.candidates[0]);
  auto keys = server.dtls().take_srtp_keys();
  ASSERT_TRUE(keys);
  srtp::SrtpReceiver receiver(keys->receive);
  std::vector<uint8_t> packet = {0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 'h', 'i'};
  packet.resize(packet.size() + srtp::kMaxRtpOverhead);
  auto size = link.sender().protect_rtp(packet, 14);
  EXPECT_EQ(receiver.unprotect_rtp(MutableByteView(packet).first(size.value())).value(), 14u);
}

TEST_F(Link, of_several_candidates_takes_the_one_that_answers) {
  Answer answer = server.answer(at("192.0.2.9:7000"));
  answer.candidates.insert(answer.candidates.begin(), {at("198.51.100.1:7000"), at("[2001:db8::1]:7000")});
  PeerLink link = link_to(answer);
  for (int i = 0; i < 10; ++i, clock.advance(Duration::millis(50))) talk(link, at("192.0.2.9:7000"));
  EXPECT_EQ(link.state(), PeerLink::State::kConnected);
  EXPECT_EQ(link.remote(), at("192.0.2.9:7000"));
  EXPECT_TRUE(server.selected()) << "nominated";
}

TEST_F(Link, without_an_answer_fails_with_a_word_why) {
  PeerLink link = link_to(server.answer(at("192.0.2.9:7000")));
  for (int i = 0; i < 400; ++i, clock.advance(Duration::millis(100))) talk(link, at("203.0.113.1:1"));
  EXPECT_EQ(link.state(), PeerLink::State::kFailed);
  EXPECT_EQ(link.failure(), "no candidate answered");
  EXPECT_EQ(link.next_timeout(), Timestamp::max());
}

TEST_F(Link, server_with_another_certificate_than_its_answers_is_refused) {
  Answer answer = server.answer(at("192.0.2.9:7000"));
  answer.fingerprint->digest[0] ^= 1;
  PeerLink link = link_to(answer);
  talk(link, answer.candidates[0]);
  EXPECT_EQ(link.state(), PeerLink::State::kFailed);
  EXPECT_EQ(link.failure(), "DTLS failed: fingerprint_mismatch");
}

TEST_F(Link, servers_goodbye_ends_it_and_so_does_our_own) {
  Answer answer = server.answer(at("192.0.2.9:7000"));
  PeerLink link = link_to(answer);
  talk(link, answer.candidates[0]);
  server.dtls().close();
  while (auto record = server.dtls().take_datagram()) link.on_dtls(*record, now());
  EXPECT_EQ(link.state(), PeerLink::State::kClosed);
  EXPECT_EQ(link.failure(), "the server closed the session");
}

}  // namespace
}  // namespace footlight::load
