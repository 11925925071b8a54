#include "dtls/dtls_machine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <random>
#include <vector>

#include "base/clock.h"
#include "base/text_codec.h"
#include "dtls/captured_hello_for_tests.h"
#include "dtls/datagram_bio.h"
#include "dtls/openssl_clock_for_tests.h"
#include "srtp/srtp_session.h"

namespace footlight::dtls {
namespace {

using Bytes = std::vector<uint8_t>;

Certificate make_certificate() { return std::move(*Certificate::generate()); }

// Two machines, a link between them that a test may bend, and one hand-turned clock for them and for OpenSSL.
class DtlsPair : public testing::Test {
 protected:
  DtlsPair() { turn_clock(Duration::zero()); }
  ~DtlsPair() override { openssl_clock_us() = 0; }

  void turn_clock(Duration d) {
    clock_.advance(d);
    openssl_clock_us() = clock_.now().us();
  }
  // Hands everything over until nobody has more to say.
  void exchange() {
    for (bool any = true; any;) {
      any = false;
      for (auto [from, to] : {std::pair{&client_, &server_}, std::pair{&server_, &client_}}) {
        std::deque<Bytes> flight;
        while (auto d = from->take_datagram()) flight.emplace_back(d->begin(), d->end());
        any = any || !flight.empty();
        for (Bytes& d : flight) longest_ = std::max(longest_, d.size());
        if (bend_) bend_(flight, from == &client_);
        for (Bytes& d : flight) to->handle_datagram(d, clock_.now());
      }
    }
  }
  void let_time_pass() {
    auto soonest = Timestamp::max();
    for (auto* m : {&client_, &server_}) soonest = std::min(soonest, m->next_timeout().value_or(Timestamp::max()));
    ASSERT_NE(soonest, Timestamp::max());
    turn_clock(std::max(soonest - clock_.now(), Duration::zero()));
    client_.on_timeout(clock_.now());
    server_.on_timeout(clock_.now());
  }
  void expect_connected() {
    ASSERT_EQ(client_.state(), State::kConnected);
    ASSERT_EQ(server_.state(), State::kConnected);
    auto client = client_.take_srtp_keys();
    auto server = server_.take_srtp_keys();
    ASSERT_TRUE(client && server);
    EXPECT_EQ(client->send.profile(), srtp::Profile::kAeadAes128Gcm);
    expect_flows(client->send, server->receive);
    expect_flows(server->send, client->receive);
    EXPECT_FALSE(client_.take_srtp_keys());
  }
  static void expect_flows(const srtp::MasterKey& from, const srtp::MasterKey& to) {
    srtp::SrtpSender sender(from);
    srtp::SrtpReceiver receiver(to);
    Bytes packet(100, 0x80);
    auto size = sender.protect_rtp(packet, 80);
    ASSERT_TRUE(size);
    EXPECT_TRUE(receiver.unprotect_rtp(MutableByteView(packet).first(*size)));
  }

  ManualClock clock_;
  Certificate client_certificate_ = make_certificate();
  Certificate server_certificate_ = make_certificate();
  DtlsMachine client_{client_certificate_, Role::kClient, server_certificate_.fingerprint()};
  DtlsMachine server_{server_certificate_, Role::kServer, client_certificate_.fingerprint()};
  std::function<void(std::deque<Bytes>&, bool from_client)> bend_;
  size_t longest_ = 0;
};

// A ClientHello's only record as two records with half the message each (RFC 6347 §4.2.3), as browsers' post-quantum
// key shares make them. Record: type, version, epoch and number (8), length; message: type, length, number, fragment
// offset, fragment length.
std::pair<Bytes, Bytes> halves_of(const Bytes& hello) {
  constexpr size_t kRecord = 13;
  constexpr size_t kMessage = 12;
  size_t body = hello.size() - kRecord - kMessage;
  auto part = [&](size_t from, size_t size, uint8_t number) {
    Bytes out(hello.begin(), hello.begin() + kRecord + kMessage);
    ByteWriter record(MutableByteView(out).subspan(10));
    out[10] = number;
    record.u8(number);
    record.u16(static_cast<uint16_t>(kMessage + size));
    ByteWriter fragment(MutableByteView(out).subspan(kRecord + 6));
    fragment.u24(static_cast<uint32_t>(from));
    fragment.u24(static_cast<uint32_t>(size));
    auto start = hello.begin() + static_cast<ptrdiff_t>(kRecord + kMessage + from);
    out.insert(out.end(), start, start + static_cast<ptrdiff_t>(size));
    return out;
  };
  return {part(0, body / 2, 40), part(body / 2, body - body / 2, 41)};
}

TEST_F(DtlsPair, two_peers_agree_on_keys) {
  EXPECT_EQ(server_.state(), State::kNew);
  client_.start(clock_.now());
  exchange();
  expect_connected();
  EXPECT_LE(longest_, 1200U);
  EXPECT_FALSE(client_.next_timeout());
  EXPECT_FALSE(server_.next_timeout());
}

TEST_F(DtlsPair, chromiums_hello_is_answered_in_either_order_and_only_when_whole) {
  auto first = *from_hex(kChromiumHelloFirst);
  auto second = *from_hex(kChromiumHelloSecond);
  for (auto order : {std::vector{first, second}, std::vector{second, first}}) {
    DtlsMachine server(server_certificate_, Role::kServer, client_certificate_.fingerprint());
    server.handle_datagram(order[0], clock_.now());
    EXPECT_FALSE(server.take_datagram());
    server.handle_datagram(order[1], clock_.now());
    EXPECT_TRUE(server.take_datagram());
    EXPECT_EQ(server.state(), State::kHandshaking);
  }
}

TEST_F(DtlsPair, chromiums_hello_truncated_at_every_length_harms_nobody) {
  auto first = *from_hex(kChromiumHelloFirst);
  auto second = *from_hex(kChromiumHelloSecond);
  DtlsMachine server(server_certificate_, Role::kServer, client_certificate_.fingerprint());
  for (size_t size = 0; size < first.size(); ++size) {
    server.handle_datagram(ByteView(first).first(size), clock_.now());
    server.handle_datagram(ByteView(second).first(std::min(size, second.size() - 1)), clock_.now());
    ASSERT_FALSE(server.take_datagram()) << size;
  }
  server.handle_datagram(first, clock_.now());
  server.handle_datagram(second, clock_.now());
  EXPECT_TRUE(server.take_datagram());
}

TEST_F(DtlsPair, a_client_hello_in_two_datagrams_is_understood) {
  bend_ = [first = true](std::deque<Bytes>& flight, bool from_client) mutable {
    if (!from_client || !std::exchange(first, false)) return;
    auto [one, two] = halves_of(flight.front());
    flight = {one, two};
  };
  client_.start(clock_.now());
  exchange();
  expect_connected();
}

TEST_F(DtlsPair, every_datagram_keeps_to_the_mtu_and_holds_whole_records) {
  constexpr size_t kHeader = 13;  // RFC 6347 §4.1: type, version, epoch, number, length
  size_t largest = 0;
  bend_ = [&](std::deque<Bytes>& flight, bool) {
    for (const Bytes& datagram : flight) {
      largest = std::max(largest, datagram.size());
      size_t at = 0;
      while (at + kHeader <= datagram.size()) at += kHeader + (size_t{datagram[at + 11]} << 8 | datagram[at + 12]);
      EXPECT_EQ(at, datagram.size());
    }
  };
  client_.start(clock_.now());
  exchange();
  expect_connected();
  EXPECT_LE(largest, size_t{kDtlsMtu});
  EXPECT_GT(largest, 300U) << "a certificate was among them";
}

TEST_F(DtlsPair, a_client_hello_in_two_swapped_datagrams_is_understood) {
  bend_ = [first = true](std::deque<Bytes>& flight, bool from_client) mutable {
    if (!from_client || !std::exchange(first, false)) return;
    auto [one, two] = halves_of(flight.front());
    flight = {two, one};
  };
  client_.start(clock_.now());
  exchange();
  expect_connected();
}

TEST_F(DtlsPair, a_lost_half_of_the_client_hello_is_mended_by_the_retransmission) {
  bend_ = [round = 0](std::deque<Bytes>& flight, bool from_client) mutable {
    if (!from_client || ++round > 1) return;
    auto [one, two] = halves_of(flight.front());
    flight = {two};
  };
  client_.start(clock_.now());
  exchange();
  EXPECT_EQ(server_.state(), State::kHandshaking);
  let_time_pass();
  exchange();
  expect_connected();
}

TEST_F(DtlsPair, the_retry_comes_after_200_ms_and_then_after_twice_that) {
  bend_ = [](std::deque<Bytes>& flight, bool) { flight.clear(); };
  client_.start(clock_.now());
  auto start = clock_.now();
  exchange();
  EXPECT_EQ(client_.next_timeout(), start + Duration::millis(200));
  client_.on_timeout(clock_.now());
  EXPECT_FALSE(client_.take_datagram());
  let_time_pass();
  EXPECT_TRUE(client_.take_datagram());
  EXPECT_EQ(client_.next_timeout(), start + Duration::millis(600));
}

TEST_F(DtlsPair, silence_ends_in_failure) {
  bend_ = [](std::deque<Bytes>& flight, bool) { flight.clear(); };
  client_.start(clock_.now());
  for (int i = 0; i < 20 && client_.state() == State::kHandshaking; ++i) {
    exchange();
    let_time_pass();
  }
  EXPECT_EQ(client_.state(), State::kFailed);
  EXPECT_EQ(client_.failure(), Failure::kTimeout);
}

TEST_F(DtlsPair, each_single_lost_datagram_is_mended) {
  for (int lost = 0; lost < 12; ++lost) {
    DtlsMachine client(client_certificate_, Role::kClient, server_certificate_.fingerprint());
    DtlsMachine server(server_certificate_, Role::kServer, client_certificate_.fingerprint());
    client_ = std::move(client);
    server_ = std::move(server);
    int sent = 0;
    bend_ = [&](std::deque<Bytes>& flight, bool) {
      std::erase_if(flight, [&](const Bytes&) { return sent++ == lost; });
    };
    client_.start(clock_.now());
    exchange();
    for (int i = 0; i < 5 && client_.state() != State::kConnected; ++i) {
      let_time_pass();
      exchange();
    }
    SCOPED_TRACE(lost);
    expect_connected();
  }
}

TEST_F(DtlsPair, a_lossy_shuffled_link_connects_in_the_end) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::minstd_rand random(seed);
    client_ = DtlsMachine(client_certificate_, Role::kClient, server_certificate_.fingerprint());
    server_ = DtlsMachine(server_certificate_, Role::kServer, client_certificate_.fingerprint());
    bend_ = [&](std::deque<Bytes>& flight, bool) {
      std::erase_if(flight, [&](const Bytes&) { return random() % 4 == 0; });
      std::ranges::shuffle(flight, random);
    };
    client_.start(clock_.now());
    exchange();
    for (int i = 0; i < 12 && (client_.state() != State::kConnected || server_.state() != State::kConnected); ++i) {
      let_time_pass();
      exchange();
    }
    SCOPED_TRACE(seed);
    expect_connected();
  }
}

TEST_F(DtlsPair, a_certificate_other_than_the_sdps_is_refused_by_either_side) {
  Certificate stranger = make_certificate();
  server_ = DtlsMachine(server_certificate_, Role::kServer, stranger.fingerprint());
  client_.start(clock_.now());
  exchange();
  EXPECT_EQ(server_.state(), State::kFailed);
  EXPECT_EQ(server_.failure(), Failure::kFingerprintMismatch);
  EXPECT_FALSE(server_.take_srtp_keys());
  EXPECT_EQ(client_.state(), State::kFailed);

  client_ = DtlsMachine(client_certificate_, Role::kClient, stranger.fingerprint());
  server_ = DtlsMachine(server_certificate_, Role::kServer, client_certificate_.fingerprint());
  client_.start(clock_.now());
  exchange();
  EXPECT_EQ(client_.failure(), Failure::kFingerprintMismatch);
  EXPECT_FALSE(server_.take_srtp_keys());
}

TEST_F(DtlsPair, without_a_fingerprint_nothing_is_answered) {
  server_ = DtlsMachine(server_certificate_, Role::kServer, std::nullopt);
  EXPECT_EQ(server_.state(), State::kFailed);
  EXPECT_EQ(server_.failure(), Failure::kNoFingerprint);
  client_.start(clock_.now());
  exchange();
  EXPECT_FALSE(server_.take_datagram());
}

TEST_F(DtlsPair, goodbye_is_heard_and_answered) {
  client_.start(clock_.now());
  exchange();
  client_.close();
  EXPECT_EQ(client_.state(), State::kClosed);
  exchange();
  EXPECT_EQ(server_.state(), State::kClosed);
}

TEST_F(DtlsPair, released_machines_keep_their_state_and_say_goodbye_both_ways) {
  for (bool server_leaves : {false, true}) {
    client_ = DtlsMachine(client_certificate_, Role::kClient, server_certificate_.fingerprint());
    server_ = DtlsMachine(server_certificate_, Role::kServer, client_certificate_.fingerprint());
    client_.start(clock_.now());
    exchange();
    server_.release_ssl();
    EXPECT_FALSE(server_.holds_ssl());
    EXPECT_EQ(server_.state(), State::kConnected);
    EXPECT_TRUE(server_.take_srtp_keys());
    server_leaves ? server_.close() : client_.close();
    exchange();
    EXPECT_EQ(server_.state(), State::kClosed);
    EXPECT_EQ(client_.state(), State::kClosed);
    EXPECT_FALSE(server_.take_datagram());
  }
}

TEST_F(DtlsPair, stray_bytes_change_nothing) {
  std::minstd_rand random(11);
  client_.start(clock_.now());
  for (int i = 0; i < 200; ++i) {
    Bytes noise(random() % 300);
    for (uint8_t& b : noise) b = static_cast<uint8_t>(random());
    if (!noise.empty()) noise[0] = static_cast<uint8_t>(20 + random() % 44);
    client_.handle_datagram(noise, clock_.now());
    server_.handle_datagram(noise, clock_.now());
  }
  exchange();
  expect_connected();
  for (int i = 0; i < 200; ++i) server_.handle_datagram(Bytes(random() % 40, 22), clock_.now());
  EXPECT_EQ(server_.state(), State::kConnected);
}

TEST(Fingerprint, text_goes_there_and_back_and_case_does_not_matter) {
  Certificate certificate = make_certificate();
  std::string text = certificate.fingerprint().to_string();
  EXPECT_EQ(text.size(), 8 + 32 * 3 - 1);
  auto parsed = Fingerprint::parse(text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->digest, certificate.fingerprint().digest);
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  EXPECT_EQ(Fingerprint::parse(text)->digest, parsed->digest);
}

TEST(Fingerprint, anything_else_is_refused) {
  std::string hex = make_certificate().fingerprint().hex();
  for (const std::string& text :
       {std::string(), std::string("sha-256"), std::string("sha-256 "), "sha-1 " + hex, "sha-512 " + hex,
        "sha-256 " + hex.substr(1), "sha-256 " + hex + ":", "sha-256 " + std::string(95, ':'), "sha-256  " + hex})
    EXPECT_FALSE(Fingerprint::parse(text)) << text;
}

}  // namespace
}  // namespace footlight::dtls
