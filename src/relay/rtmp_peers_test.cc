// RTMP on real loopback connections, under the network's hand-turned clock.
#include "relay/rtmp_peers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/testing_log.h"
#include "base/text_codec.h"
#include "net/listen.h"
#include "relay/test_network.h"
#include "rtmp/testing_publisher.h"
#include "token/hmac.h"

namespace footlight::relay {
namespace {

using rtmp::TestPublisher;
using test::Network;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

// An encoder's end of a connection.
class Encoder {
 public:
  explicit Encoder(const SocketAddress& to) {
    sockaddr_storage address{};
    size_t size = to.to_sockaddr(address);
    fd_ = UniqueFd(::socket(address.ss_family, SOCK_STREAM, 0));
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(size)), 0);
  }
  void write(const TestPublisher& publisher) {
    ByteView bytes = publisher.bytes.view();
    (void)!::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  bool closed() {
    std::array<uint8_t, 8000> buffer{};
    for (;;) {
      ssize_t size = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size <= 0) return closed_ = closed_ || size == 0 || errno != EAGAIN;
      said_.append(reinterpret_cast<const char*>(buffer.data()), static_cast<size_t>(size));
    }
  }
  const std::string& said() {
    (void)closed();
    return said_;
  }
  void end() { fd_.reset(); }

 private:
  UniqueFd fd_;
  std::string said_;
  bool closed_ = false;
};

class RtmpPeersTest : public testing::Test {
 protected:
  explicit RtmpPeersTest(size_t publishers = 100) : network_(1, 1, {.publishers = publishers}) {
    auto fd = net::listen_tcp(test::address("127.0.0.1:0"));
    std::vector<net::TcpListener> listeners;
    listeners.push_back(std::move(*net::TcpListener::adopt(std::move(*fd), RtmpPeers::kOptions)));
    at_ = listeners[0].bound_address();
    peers_ = std::make_unique<RtmpPeers>(reactor_, std::move(listeners), network_.core(), [this](Timestamp now) {
      peers_->close_ended(now);
      network_.core().flush(now);
    });
    admit({"good", "second"});
  }
  void admit(const std::vector<std::string>& keys) {
    state::RelayDesired desired;
    desired.generation = ++generation_;
    for (const std::string& key : keys) desired.rtmp_keys.push_back({to_hex(token::sha256(key)), "feed of " + key});
    network_.core().apply(desired, network_.now());
  }
  void run(Duration duration) {
    for (Timestamp end = network_.now() + duration; network_.now() < end;) {
      network_.run(Duration::millis(5));
      reactor_.run_for(Duration::zero());
    }
  }
  std::unique_ptr<Encoder> publisher(const char* key = "good") {
    auto encoder = std::make_unique<Encoder>(at_);
    encoder->write(TestPublisher().handshake().connect().publish(key).configurations().picture(true, 0).sound(0));
    run(Duration::millis(50));
    return encoder;
  }
  size_t living() {
    size_t n = 0;
    for (const auto& s : network_.core().observed(network_.now()).sessions) n += s.state != "ended" ? 1 : 0;
    return n;
  }

  // Of the session that ended.
  std::string end_reason() {
    for (const auto& s : network_.core().observed(network_.now()).sessions)
      if (s.state == "ended") return s.end_reason;
    return "";
  }
  [[nodiscard]] std::string metrics() { return network_.core().observed(network_.now()).metrics; }

  Network network_;
  test::NetworkClock clock_{network_};
  net::Reactor reactor_{clock_};
  std::unique_ptr<RtmpPeers> peers_;
  SocketAddress at_;
  int64_t generation_ = 0;
};

TEST_F(RtmpPeersTest, an_encoder_with_a_good_key_is_a_session_until_it_goes) {
  auto encoder = publisher();
  EXPECT_THAT(encoder->said(), HasSubstr("NetStream.Publish.Start"));
  ASSERT_EQ(living(), 1U);
  EXPECT_EQ(network_.core().observed(network_.now()).sessions[0].state, "connected");
  encoder->write(TestPublisher().call("FCUnpublish", 6).call("deleteStream", 7));
  encoder->end();
  run(Duration::millis(50));
  EXPECT_EQ(living(), 0U);
  EXPECT_EQ(end_reason(), "closed_by_peer");
  EXPECT_EQ(peers_->size(), 0U);
}

TEST_F(RtmpPeersTest, an_encoder_that_vanishes_is_lost_and_one_that_says_goodbye_is_idle) {
  for (const char* word : {"", "FCUnpublish", "closeStream", "deleteStream"}) {
    auto encoder = publisher();
    ASSERT_EQ(living(), 1U);
    if (*word) encoder->write(TestPublisher().call(word, 7));
    encoder->end();
    run(Duration::millis(50));
    EXPECT_EQ(living(), 0U);
    EXPECT_EQ(end_reason(), *word ? "closed_by_peer" : "connection_lost") << word;
    run(Duration::seconds(11));  // it is shown no longer
  }
  EXPECT_THAT(metrics(), HasSubstr("rtmp_ended_connections_total{reason=\"connection_lost\"} 1\n"));
  EXPECT_THAT(metrics(), HasSubstr("rtmp_ended_connections_total{reason=\"closed_by_peer\"} 3\n"));
}

TEST_F(RtmpPeersTest, an_encoder_that_stops_and_starts_on_its_connection_is_two_sessions) {
  auto encoder = publisher();
  encoder->write(TestPublisher().call("FCUnpublish", 6).call("deleteStream", 7));
  run(Duration::millis(50));
  EXPECT_EQ(living(), 0U);
  EXPECT_FALSE(encoder->closed());
  encoder->write(TestPublisher().call("createStream", 8).publish("second").configurations().picture(true, 0).sound(0));
  run(Duration::millis(50));
  ASSERT_EQ(living(), 1U);
  EXPECT_FALSE(encoder->closed());
  EXPECT_THAT(metrics(), HasSubstr("footlight_relay_rtmp_connections_total 1\n"));
  EXPECT_THAT(metrics(), HasSubstr("footlight_relay_rtmp_pictures_total 2\n"));
}

TEST_F(RtmpPeersTest, the_refused_the_overtaken_and_the_revoked_hear_why_and_are_closed) {
  auto refused = publisher("bad");
  auto first = publisher();
  auto second = publisher();
  EXPECT_THAT(refused->said(), HasSubstr("NetStream.Publish.BadName"));
  EXPECT_THAT(first->said(), HasSubstr("took over"));
  EXPECT_EQ(living(), 1U);
  admit({"other"});
  run(Duration::seconds(1));
  EXPECT_THAT(second->said(), HasSubstr("The stream key was changed"));
  for (Encoder* encoder : {refused.get(), first.get(), second.get()}) EXPECT_TRUE(encoder->closed());
  EXPECT_EQ(peers_->size(), 0U);
}

TEST_F(RtmpPeersTest, a_message_beyond_its_bound_cuts_with_a_reason_in_the_log) {
  Encoder stranger(at_);
  std::vector<uint8_t> large(rtmp::ChunkReader::kMaxCommand + 1);
  CapturedLog log;
  stranger.write(TestPublisher().handshake().connect().message(rtmp::MessageType::kAmf0Data, large));
  run(Duration::seconds(1));
  EXPECT_TRUE(stranger.closed());
  EXPECT_THAT(log.text(), ContainsRegex("rtmp connection ends .*reason=too_large detail=\"The peer sent .*\""));
  auto encoder = publisher();
  large.resize(rtmp::ChunkReader::kMaxMessage + 1);
  TestPublisher chunked;
  chunked.chunk_size = large.size();
  encoder->write(chunked.message(rtmp::MessageType::kVideo, large));
  run(Duration::seconds(1));
  EXPECT_TRUE(encoder->closed());
  EXPECT_THAT(log.text(), ContainsRegex("rtmp connection ends session=[^ ]+ .*reason=too_large"));
  EXPECT_THAT(metrics(), HasSubstr("footlight_relay_rtmp_ended_connections_total{reason=\"too_large\"} 2\n"));
}

struct SmallRelay : RtmpPeersTest {
  SmallRelay() : RtmpPeersTest(1) {}
};

TEST_F(SmallRelay, that_is_full_says_so_and_still_lets_a_stream_be_taken_over) {
  auto first = publisher();
  EXPECT_THAT(first->said(), HasSubstr("NetStream.Publish.Start"));
  auto second = publisher("second");
  EXPECT_THAT(second->said(), HasSubstr("The server is full"));
  EXPECT_THAT(second->said(), Not(HasSubstr("key")));
  auto again = publisher();
  EXPECT_THAT(again->said(), HasSubstr("NetStream.Publish.Start"));
  EXPECT_THAT(first->said(), HasSubstr("took over"));
}

TEST_F(RtmpPeersTest, what_connections_bring_and_why_they_end_is_counted) {
  auto encoder = publisher();
  auto refused = publisher("bad");
  EXPECT_THAT(metrics(), HasSubstr("footlight_relay_rtmp_connections 1\n"));
  EXPECT_THAT(metrics(), HasSubstr("footlight_relay_rtmp_pictures_total 1\n"));
  EXPECT_THAT(metrics(), HasSubstr("footlight_relay_rtmp_sounds_total 1\n"));
  encoder->end();
  run(Duration::millis(50));
  EXPECT_THAT(metrics(), HasSubstr("footlight_relay_rtmp_connections 0\n"));
  EXPECT_THAT(metrics(), HasSubstr("footlight_relay_rtmp_connections_total 2\n"));
  EXPECT_THAT(metrics(), HasSubstr("rtmp_ended_connections_total{reason=\"refused\"} 1\n"));
  EXPECT_THAT(metrics(), HasSubstr("rtmp_ended_connections_total{reason=\"connection_lost\"} 1\n"));
  const RtmpCounters& counters = network_.core().counters().rtmp;
  EXPECT_GT(counters.bytes_in, 2 * 2 * rtmp::Handshake::kPacketSize);
}

TEST(RtmpPeers, each_reason_of_the_protocol_is_counted_by_its_name) {
  for (int i = 0; i <= static_cast<int>(rtmp::CloseReason::kEnded); ++i) {
    EndCounters ends;
    ends.count(name_of(static_cast<rtmp::CloseReason>(i)));
    EXPECT_EQ(ends.of.back(), 0U) << name_of(static_cast<rtmp::CloseReason>(i));
    EXPECT_EQ(ends.all(), 1U);
  }
}

TEST_F(RtmpPeersTest, who_shows_no_key_in_ten_seconds_or_sends_no_media_in_thirty_is_cut) {
  Encoder silent(at_);
  auto published = publisher();
  run(Duration::millis(9500));
  EXPECT_FALSE(silent.closed());
  run(Duration::millis(1500));
  EXPECT_TRUE(silent.closed());
  run(Duration::seconds(18));
  EXPECT_FALSE(published->closed());
  run(Duration::seconds(2));
  EXPECT_TRUE(published->closed());
  EXPECT_EQ(living(), 0U);
}

TEST_F(RtmpPeersTest, strangers_of_one_address_push_out_each_other_and_no_publisher) {
  auto published = publisher();
  std::vector<std::unique_ptr<Encoder>> strangers;
  for (int i = 0; i < 40; ++i) {
    strangers.push_back(std::make_unique<Encoder>(at_));
    run(Duration::millis(5));
  }
  EXPECT_LE(peers_->size(), 17U);
  EXPECT_TRUE(strangers.front()->closed());
  EXPECT_FALSE(strangers.back()->closed());
  EXPECT_FALSE(published->closed());
}

TEST_F(RtmpPeersTest, a_thousand_that_connect_and_vanish_leave_nothing) {
  for (int i = 0; i < 1000; ++i) {
    Encoder encoder(at_);
    if (i % 3 > 0) encoder.write(TestPublisher().handshake().connect());
    if (i % 3 > 1) encoder.write(TestPublisher().publish("good"));
    if (i % 10 == 0) run(Duration::millis(5));
  }
  run(Duration::seconds(12));
  EXPECT_EQ(peers_->size(), 0U);
  EXPECT_EQ(living(), 0U);
}

}  // namespace
}  // namespace footlight::relay
