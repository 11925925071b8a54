// The lite agent against our own client agent, and against single messages that a test writes by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/clock.h"
#include "ice/client_agent.h"
#include "ice/lite_agent.h"

namespace footlight::ice {
namespace {

SocketAddress address(uint8_t last, uint16_t port) { return SocketAddress::v4({192, 0, 2, last}, port); }
const SocketAddress kServer = address(1, 7000);

// What the client sees as (local, remote) the server sees the other way round.
AddressPair seen_by_server(const AddressPair& p) { return {p.remote, p.local}; }

struct Check {
  bool use_candidate = false;
  std::optional<uint32_t> nomination;
  bool controlled = false;
  bool sign = true;
  std::string username;  // default: the newest credentials'
  std::string password;
};

class Agents : public testing::Test {
 protected:
  // One hand-written check from `remote`; returns the parsed response, whose bytes stay in response_.
  std::optional<StunMessage> check(const SocketAddress& remote, Check c = {}) {
    std::array<uint8_t, kMaxStunSize> request{};
    StunWriter writer(request, StunClass::kRequest, kBindingMethod, {1, 2, 3});
    writer.username(c.username.empty() ? lite_.local().ufrag + ":peer" : c.username);
    if (c.use_candidate) writer.use_candidate();
    if (c.nomination) writer.nomination(*c.nomination);
    c.controlled ? writer.controlled(5) : writer.controlling(5);
    if (c.password.empty()) c.password = lite_.local().password.reveal();
    size_t size = writer.finish(c.sign ? c.password : std::string());
    return deliver(ByteView(request).first(size), remote);
  }
  std::optional<StunMessage> deliver(ByteView request, const SocketAddress& remote) {
    auto message = parse_stun(request);
    EXPECT_TRUE(message);
    size_t size = lite_.handle_stun(*message, {kServer, remote}, clock_.now(), response_);
    if (size == 0) return std::nullopt;
    auto response = parse_stun(ByteView(response_).first(size));
    EXPECT_TRUE(response);
    return *response;
  }
  std::vector<LiteEventKind> events() {
    std::vector<LiteEventKind> kinds;
    while (auto e = lite_.take_event()) kinds.push_back(e->kind);
    return kinds;
  }
  void run_client(ClientAgent& client) {
    while (auto packet = client.take_packet(clock_.now())) {
      auto answer = deliver(packet->bytes, packet->pair.local);
      if (answer) client.handle_stun(*answer, packet->pair, clock_.now());
    }
  }

  ManualClock clock_;
  LiteAgent lite_{make_credentials(), clock_.now()};
  std::array<uint8_t, kMaxStunSize> response_{};
};

using Kind = LiteEventKind;

TEST_F(Agents, a_client_connects_is_nominated_and_keeps_consent) {
  ClientAgent client(make_credentials(), lite_.local(), {{address(9, 4000), kServer}}, clock_.now());
  run_client(client);
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(client.mapped_address(), address(9, 4000));
  EXPECT_EQ(lite_.selected(), seen_by_server(*client.selected()));
  EXPECT_EQ(events(), (std::vector{Kind::kTupleAdded, Kind::kConnected, Kind::kSelected}));
  for (int i = 0; i < 100; ++i) {
    clock_.advance(client.next_timeout() - clock_.now());
    run_client(client);
    lite_.on_timeout(clock_.now());
  }
  EXPECT_FALSE(client.failed(clock_.now()));
  EXPECT_TRUE(events().empty() || !lite_.expired());
}

TEST_F(Agents, of_several_pairs_the_first_that_answers_is_nominated) {
  std::vector<AddressPair> pairs = {{address(9, 4000), address(77, 1)}, {address(9, 4001), kServer}};
  ClientAgent client(make_credentials(), lite_.local(), pairs, clock_.now());
  for (int i = 0; i < 6; ++i) {
    while (auto packet = client.take_packet(clock_.now())) {
      if (packet->pair.remote != kServer) continue;  // nobody is there
      auto answer = deliver(packet->bytes, packet->pair.local);
      ASSERT_TRUE(answer);
      client.handle_stun(*answer, packet->pair, clock_.now());
    }
    clock_.advance(Duration::millis(50));
  }
  EXPECT_EQ(client.selected(), pairs[1]);
  EXPECT_EQ(lite_.selected(), seen_by_server(pairs[1]));
}

TEST_F(Agents, the_answer_is_signed_and_says_where_the_peer_is) {
  auto answer = check(address(9, 4000));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->cls, StunClass::kSuccess);
  EXPECT_EQ(answer->mapped_address, address(9, 4000));
  EXPECT_TRUE(verify_integrity(*answer, lite_.local().password.reveal()));
}

TEST_F(Agents, wrong_credentials_are_answered_by_401_and_admit_nobody) {
  EXPECT_EQ(check(address(9, 1), {.password = "wrong"})->error_code, kErrorUnauthenticated);
  EXPECT_EQ(check(address(9, 1), {.username = "someone:else"})->error_code, kErrorUnauthenticated);
  EXPECT_EQ(check(address(9, 1), {.sign = false})->error_code, kErrorBadRequest);
  EXPECT_FALSE(lite_.admits({kServer, address(9, 1)}));
  EXPECT_FALSE(lite_.selected());
  EXPECT_TRUE(events().empty());
}

TEST_F(Agents, a_peer_that_also_wants_to_be_controlled_is_told_to_switch) {
  EXPECT_EQ(check(address(9, 1), {.controlled = true})->error_code, kErrorRoleConflict);
  EXPECT_TRUE(events().empty());
}

TEST_F(Agents, responses_and_indications_are_not_answered) {
  std::array<uint8_t, kMaxStunSize> bytes{};
  for (StunClass cls : {StunClass::kSuccess, StunClass::kError, StunClass::kIndication}) {
    size_t size = StunWriter(bytes, cls, kBindingMethod, {}).username(lite_.local().ufrag + ":x").finish("x");
    EXPECT_FALSE(deliver(ByteView(bytes).first(size), address(9, 1)));
  }
}

TEST_F(Agents, the_last_use_candidate_wins) {
  (void)check(address(9, 1));
  EXPECT_EQ(lite_.selected()->remote, address(9, 1));  // heard first: good enough until a nomination
  (void)check(address(9, 2), {.use_candidate = true});
  (void)check(address(9, 3));
  EXPECT_EQ(lite_.selected()->remote, address(9, 2));
  (void)check(address(9, 3), {.use_candidate = true});
  EXPECT_EQ(lite_.selected()->remote, address(9, 3));
}

TEST_F(Agents, with_renomination_the_highest_value_wins_over_late_packets) {
  (void)check(address(9, 1), {.use_candidate = true, .nomination = 1});
  (void)check(address(9, 2), {.use_candidate = true, .nomination = 2});
  (void)check(address(9, 1), {.use_candidate = true, .nomination = 1});
  (void)check(address(9, 1), {.use_candidate = true});
  EXPECT_EQ(lite_.selected()->remote, address(9, 2));
}

TEST_F(Agents, silence_stalls_after_7_s_resumes_and_expires_after_30_s) {
  (void)check(address(9, 1), {.use_candidate = true});
  (void)events();
  EXPECT_EQ(lite_.next_timeout(), clock_.now() + kStallTimeout);
  clock_.advance(kStallTimeout);
  lite_.on_timeout(clock_.now());
  EXPECT_EQ(events(), std::vector{Kind::kStalled});
  (void)check(address(9, 1), {.use_candidate = true});
  EXPECT_EQ(events(), std::vector{Kind::kResumed});
  clock_.advance(Duration::seconds(29));
  lite_.on_timeout(clock_.now());
  EXPECT_EQ(events(), std::vector{Kind::kStalled});
  clock_.advance(Duration::seconds(1));
  lite_.on_timeout(clock_.now());
  EXPECT_EQ(events(), (std::vector{Kind::kTupleRemoved, Kind::kExpired}));
  EXPECT_TRUE(lite_.expired());
  EXPECT_FALSE(lite_.selected());
  EXPECT_FALSE(check(address(9, 1)));
  EXPECT_EQ(lite_.next_timeout(), Timestamp::max());
}

// aiortc and werift draw each interval between 4 and 6 s, as RFC 7675 §5.1 has it.
TEST_F(Agents, checks_six_seconds_apart_are_no_silence) {
  (void)check(address(9, 1), {.use_candidate = true});
  (void)events();
  for (int i = 0; i < 10; ++i) {
    clock_.advance(Duration::seconds(6));
    lite_.on_timeout(clock_.now());
    (void)check(address(9, 1), {.use_candidate = true});
  }
  EXPECT_EQ(events(), std::vector<Kind>{});
}

TEST_F(Agents, unauthenticated_checks_do_not_keep_consent) {
  (void)check(address(9, 1), {.use_candidate = true});
  for (int i = 0; i < 30; ++i) {
    clock_.advance(Duration::seconds(1));
    (void)check(address(9, 1), {.password = "wrong"});
    lite_.on_timeout(clock_.now());
  }
  EXPECT_TRUE(lite_.expired());
}

TEST_F(Agents, tuples_are_bounded_and_the_quietest_goes_but_never_the_selected) {
  (void)check(address(9, 1), {.use_candidate = true});
  for (uint16_t port = 2; port < 20; ++port) {
    clock_.advance(Duration::millis(1));
    (void)check(address(9, port));
  }
  EXPECT_TRUE(lite_.admits({kServer, address(9, 1)}));
  EXPECT_FALSE(lite_.admits({kServer, address(9, 2)}));
  EXPECT_TRUE(lite_.admits({kServer, address(9, 19)}));
  auto kinds = events();
  EXPECT_EQ(std::ranges::count(kinds, Kind::kTupleAdded) - std::ranges::count(kinds, Kind::kTupleRemoved),
            static_cast<ptrdiff_t>(kMaxTuples));
}

TEST_F(Agents, a_rebound_nat_is_followed_without_a_nomination_once_the_old_address_is_silent) {
  (void)check(address(9, 1), {.use_candidate = true});
  clock_.advance(Duration::seconds(5));
  (void)check(address(9, 2));
  EXPECT_EQ(lite_.selected()->remote, address(9, 1)) << "may be but a second path";
  clock_.advance(Duration::seconds(5));
  (void)check(address(9, 2));
  EXPECT_EQ(lite_.selected()->remote, address(9, 2));
}

TEST_F(Agents, a_nomination_moves_the_flow_at_once) {
  (void)check(address(9, 1), {.use_candidate = true});
  (void)check(address(9, 2), {.use_candidate = true});
  EXPECT_EQ(lite_.selected()->remote, address(9, 2));
}

TEST_F(Agents, one_remote_address_by_two_of_ours_or_by_two_protocols_is_two_tuples) {
  AddressPair udp{kServer, address(9, 1)};
  AddressPair other{address(2, 7000), address(9, 1)};
  AddressPair tcp{kServer, address(9, 1), Protocol::kTcp};
  (void)check(address(9, 1));
  EXPECT_TRUE(lite_.admits(udp));
  EXPECT_FALSE(lite_.admits(other));
  EXPECT_FALSE(lite_.admits(tcp));
}

TEST_F(Agents, an_ended_connection_gives_way_to_the_tuple_heard_last_or_stays_until_the_next) {
  (void)check(address(9, 1));
  clock_.advance(Duration::seconds(1));
  (void)check(address(9, 2), {.use_candidate = true});
  (void)events();
  lite_.forget({kServer, address(9, 2)});
  EXPECT_EQ(events(), (std::vector{Kind::kTupleRemoved, Kind::kSelected}));
  EXPECT_EQ(lite_.selected()->remote, address(9, 1));
  lite_.forget({kServer, address(9, 1)});
  lite_.forget({kServer, address(9, 1)});
  EXPECT_EQ(events(), (std::vector{Kind::kTupleRemoved}));
  EXPECT_EQ(lite_.selected()->remote, address(9, 1)) << "nothing is better";
  EXPECT_FALSE(lite_.admits({kServer, address(9, 1)}));
  (void)check(address(9, 3));
  EXPECT_EQ(lite_.selected()->remote, address(9, 3));
}

TEST_F(Agents, consent_expires_once_and_nothing_revives_it) {
  (void)check(address(9, 1), {.use_candidate = true});
  (void)events();
  clock_.advance(kConsentTimeout);
  lite_.on_timeout(clock_.now());
  lite_.on_timeout(clock_.now());
  EXPECT_EQ(events(), (std::vector{Kind::kStalled, Kind::kTupleRemoved, Kind::kExpired}));
  EXPECT_FALSE(check(address(9, 1), {.use_candidate = true}));
  lite_.forget({kServer, address(9, 1)});
  lite_.restart(make_credentials());
  EXPECT_FALSE(check(address(9, 1)));
  EXPECT_TRUE(events().empty());
  EXPECT_FALSE(lite_.selected());
  EXPECT_EQ(lite_.next_timeout(), Timestamp::max());
}

TEST_F(Agents, after_a_restart_the_old_answers_until_the_new_is_nominated) {
  Credentials old = lite_.local();
  Check from_old{.use_candidate = true, .username = old.ufrag + ":p", .password = old.password.reveal()};
  (void)check(address(9, 1), from_old);
  lite_.restart(make_credentials());
  EXPECT_NE(lite_.local().ufrag, old.ufrag);
  EXPECT_EQ(check(address(9, 1), from_old)->cls, StunClass::kSuccess);
  EXPECT_EQ(check(address(9, 5))->cls, StunClass::kSuccess);
  EXPECT_EQ(lite_.selected()->remote, address(9, 1));  // not nominated yet
  (void)events();
  (void)check(address(9, 5), {.use_candidate = true});
  EXPECT_EQ(events(), (std::vector{Kind::kRestarted, Kind::kSelected}));
  EXPECT_EQ(lite_.selected()->remote, address(9, 5));
  EXPECT_EQ(check(address(9, 1), from_old)->error_code, kErrorUnauthenticated);
}

TEST_F(Agents, a_client_moves_to_another_network_and_restarts) {
  ClientAgent client(make_credentials(), lite_.local(), {{address(9, 4000), kServer}}, clock_.now());
  run_client(client);
  client.switch_to({address(10, 5000), kServer}, clock_.now());
  run_client(client);
  EXPECT_EQ(lite_.selected()->remote, address(10, 5000));
  lite_.restart(make_credentials());
  client.restart(make_credentials(), lite_.local(), clock_.now());
  (void)events();
  run_client(client);
  EXPECT_EQ(events(), std::vector{Kind::kRestarted});
}

TEST_F(Agents, a_client_gives_up_on_a_server_that_never_answers) {
  ClientAgent client(make_credentials(), lite_.local(), {{address(9, 4000), kServer}}, clock_.now());
  auto start = clock_.now();
  int sent = 0;
  while (!client.failed(clock_.now())) {
    while (client.take_packet(clock_.now())) ++sent;
    clock_.advance(client.next_timeout() - clock_.now());
  }
  EXPECT_LE(clock_.now() - start, kConsentTimeout + Duration::seconds(2));
  EXPECT_GT(sent, 10);
  EXPECT_LT(sent, 40);
}

TEST_F(Agents, a_forged_answer_does_not_connect_the_client) {
  ClientAgent client(make_credentials(), lite_.local(), {{address(9, 4000), kServer}}, clock_.now());
  auto packet = client.take_packet(clock_.now());
  ASSERT_TRUE(packet);
  auto request = parse_stun(packet->bytes);
  std::array<uint8_t, kMaxStunSize> forged{};
  size_t size = StunWriter(forged, StunClass::kSuccess, kBindingMethod, request->transaction)
                    .xor_mapped_address(address(9, 4000))
                    .finish("guessed");
  client.handle_stun(*parse_stun(ByteView(forged).first(size)), packet->pair, clock_.now());
  EXPECT_FALSE(client.connected());
}

TEST(Credentials, are_ice_chars_of_enough_entropy_and_never_the_same) {
  auto a = make_credentials();
  auto b = make_credentials();
  EXPECT_EQ(a.ufrag.size(), 8U);
  EXPECT_EQ(a.password.reveal().size(), 24U);
  EXPECT_NE(a.ufrag, b.ufrag);
  EXPECT_EQ(a.password.reveal().find('='), std::string::npos);
}

}  // namespace
}  // namespace footlight::ice
