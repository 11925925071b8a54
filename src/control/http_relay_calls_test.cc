#include "control/http_relay_calls.h"

#include <gtest/gtest.h>

#include "http/router.h"
#include "http/testing_live_server.h"

namespace footlight::control {
namespace {

// The relay is a real server on loopback; calls and answers share its loop.
class HttpRelayCallsTest : public testing::Test {
 protected:
  HttpRelayCallsTest() {
    server_ = std::make_unique<http::Server>(loop_, http::ServerOptions{.name = "relay"},
                                             [this](http::Request request, http::ExchangePtr exchange) {
                                               requests_.push_back(std::move(request));
                                               exchange->respond(next_);
                                             });
    reserved_ = http::listen_on_loopback(port_);
    calls_ = std::make_unique<HttpRelayCalls>(loop_, "127.0.0.1:" + std::to_string(port_), SystemClock::get());
  }
  void listen() { ASSERT_TRUE(server_->listen(std::move(reserved_))); }
  void answers(int status, std::string body) { next_ = {.status = status, .body = std::move(body)}; }
  Result<state::SessionReply, CallError> create() {
    std::optional<Result<state::SessionReply, CallError>> out;
    calls_->create({.id = "s1", .kind = "publish", .stream = "x", .offer = "v=0"}, [&](auto reply) {
      out = std::move(reply);
      loop_.stop();
    });
    loop_.run();
    return *out;
  }
  Result<PatchAnswer, CallError> patch() {
    std::optional<Result<PatchAnswer, CallError>> out;
    calls_->patch("s1", "a=ice-ufrag:x", [&](auto answer) {
      out = std::move(answer);
      loop_.stop();
    });
    loop_.run();
    return *out;
  }

  http::Loop loop_;
  uint16_t port_ = 0;
  UniqueFd reserved_;
  http::Response next_;
  std::vector<http::Request> requests_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<HttpRelayCalls> calls_;
};

TEST_F(HttpRelayCallsTest, a_created_session_comes_back_whole) {
  listen();
  answers(201, state::to_json(state::SessionReply{.answer = "v=0", .relay_epoch = "r", .ice_tag = "t"}));
  auto reply = create();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->ice_tag, "t");
  EXPECT_EQ(requests_[0].target, "/sessions");
  EXPECT_EQ(state::parse_session_request(requests_[0].body)->offer, "v=0");
}

TEST_F(HttpRelayCallsTest, a_refusal_keeps_its_status_and_sentence) {
  listen();
  answers(422, R"({"error":"no_usable_codec","detail":"Only H265 is offered."})");
  auto reply = create();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().status, 422);
  EXPECT_EQ(reply.error().detail, "Only H265 is offered.");
}

TEST_F(HttpRelayCallsTest, an_answer_that_cannot_be_read_is_503) {
  listen();
  answers(201, "[");
  EXPECT_EQ(create().error().status, 503);
}

TEST_F(HttpRelayCallsTest, a_patch_answer_that_cannot_be_read_is_503) {
  listen();
  answers(200, "[");
  EXPECT_EQ(patch().error().status, 503);
}

TEST_F(HttpRelayCallsTest, trickle_has_no_fragment_in_its_answer) {
  listen();
  answers(204, "");
  EXPECT_EQ(patch()->sdpfrag, "");
  EXPECT_EQ(requests_[0].method, "PATCH");
  EXPECT_EQ(requests_[0].target, "/sessions/s1");
}

TEST_F(HttpRelayCallsTest, an_ice_restart_brings_a_fragment_and_a_new_tag) {
  listen();
  answers(200, R"({"sdpfrag":"a=ice-ufrag:y","ice_tag":"t2"})");
  auto answer = patch();
  EXPECT_EQ(answer->sdpfrag, "a=ice-ufrag:y");
  EXPECT_EQ(answer->ice_tag, "t2");
}

TEST_F(HttpRelayCallsTest, a_relay_that_is_being_restarted_is_asked_again) {
  reserved_.reset();  // refused for now
  answers(201, state::to_json(state::SessionReply{.ice_tag = "t"}));
  auto later = loop_.after(Duration::millis(250), [this] {
    reserved_ = http::listen_on_loopback(port_);
    listen();
  });
  EXPECT_TRUE(create());
}

}  // namespace
}  // namespace footlight::control
