#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "control/control_core.h"
#include "control/sqlite_repository.h"

// For control's tests only: the whole of control over a real database file, with a hand-turned clock, a relay made of
// callbacks and exchanges that remember. No sockets, no sleeps.
namespace footlight::control {

class FakeRelay final : public RelayCalls {
 public:
  void create(const state::SessionRequest& request, CreateCallback done) override {
    created.push_back(request);
    if (hold) return held.push_back(std::move(done));
    answer_create(done);
  }
  void patch(const std::string& session, const std::string& sdpfrag, PatchCallback done) override {
    patched.emplace_back(session, sdpfrag);
    done(patch_answer);
  }
  void answer_create(const CreateCallback& done) {
    if (refusal) return done(unexpected(*refusal));
    done(state::SessionReply{.answer = "v=0 answer",
                             .relay_epoch = epoch,
                             .ice_tag = "ice" + std::to_string(created.size()),
                             .tracks = {{.kind = "video", .codec = "h264", .ssrc = 7, .payload_type = 96}}});
  }

  std::string epoch = "relay-1";
  std::optional<CallError> refusal;
  Result<PatchAnswer, CallError> patch_answer = PatchAnswer{};
  bool hold = false;
  std::vector<CreateCallback> held;
  std::vector<state::SessionRequest> created;
  std::vector<std::pair<std::string, std::string>> patched;
};

class RecordingExchange final : public http::Exchange {
 public:
  void respond(http::Response r) override { response = std::move(r); }
  void start(http::Response head) override { response = std::move(head); }
  void write(std::string chunk) override { text += chunk; }
  void finish() override { finished = true; }
  void on_closed(std::function<void()> fn) override { closed = std::move(fn); }

  std::optional<http::Response> response;
  std::string text;
  bool finished = false;
  std::function<void()> closed;
};
using RecordingPtr = std::shared_ptr<RecordingExchange>;

struct Reply {
  int status = 0;
  http::Headers headers;
  std::string text;
  nlohmann::json json;
};

class ControlTest : public testing::Test {
 protected:
  ControlTest() {
    std::string folder = testing::TempDir() + "footlight-control-XXXXXX";
    folder_ = mkdtemp(folder.data());
    restart();
  }
  ~ControlTest() override {
    core_.reset();
    std::filesystem::remove_all(folder_);
  }

  // A new control process on the same database.
  void restart(bool demo = false) {
    core_.reset();
    auto repository = SqliteRepository::open(folder_ / "control.db");
    ASSERT_TRUE(repository) << repository.error().message;
    repository_ = repository->get();
    core_ = std::make_unique<ControlCore>(ControlOptions{.data = folder_,
                                                         .admin_token = Secret(kAdmin),
                                                         .http_port = 8080,
                                                         .origin_port = 8081,
                                                         .rtmp_port = 1935,
                                                         .demo = demo,
                                                         .clock = clock_},
                                          std::move(*repository), relay_);
  }

  using Fields = std::map<std::string, std::string>;
  RecordingPtr send(const std::string& method, const std::string& target, const std::string& body,
                    const std::string& token, const Fields& fields = {}, bool too_large = false) {
    http::Request request{.method = method, .target = target, .body = body, .body_too_large = too_large};
    request.headers.set("Host", "host.example:8080");
    if (!token.empty()) request.headers.set("Authorization", "Bearer " + token);
    for (const auto& [name, value] : fields) request.headers.set(name, value);
    auto exchange = std::make_shared<RecordingExchange>();
    core_->handle_public(std::move(request), exchange);
    return exchange;
  }
  static Reply reply_of(const RecordingPtr& exchange) {
    EXPECT_TRUE(exchange->response) << "no answer";
    if (!exchange->response) return {};
    const auto& r = *exchange->response;
    return {r.status, r.headers, r.body, nlohmann::json::parse(r.body, nullptr, false)};
  }
  Reply api(const std::string& method, const std::string& path, const nlohmann::json& body = nullptr,
            const std::string& token = kAdmin, const Fields& fields = {}) {
    Fields all = fields;
    if (!body.is_null()) all.emplace("Content-Type", "application/json");
    return reply_of(send(method, "/api/v1" + path, body.is_null() ? "" : body.dump(), token, all));
  }
  nlohmann::json create(const nlohmann::json& more = nlohmann::json::object()) {
    nlohmann::json body = {{"title", "Test"}};
    body.update(more);
    auto reply = api("POST", "/events", body);
    EXPECT_EQ(reply.status, 201) << reply.text;
    return reply.json;
  }
  // {id, token}
  std::pair<std::string, std::string> invite(const std::string& event, const std::string& role) {
    auto reply = api("POST", "/events/" + event + "/tokens", {{"role", role}, {"name", role}, {"ttl_s", 3600}});
    EXPECT_EQ(reply.status, 201) << reply.text;
    return {reply.json["id"], reply.json["token"]};
  }
  void move(const std::string& event, const std::string& call) {
    auto reply = api("POST", "/events/" + event + "/" + call);
    EXPECT_EQ(reply.status, 200) << reply.text;
  }

  Reply offer(const std::string& target, const std::string& token, const Fields& fields = {}) {
    Fields all = fields;
    all.emplace("Content-Type", "application/sdp");
    return reply_of(send("POST", target, "v=0", token, all));
  }
  // The id of the session that was created, from Location.
  static std::string session_of(const Reply& reply) {
    const std::string location(reply.headers.get("Location").value_or(""));
    return location.substr(location.rfind('/') + 1);
  }

  RecordingPtr role(const std::string& method, const std::string& target, const std::string& body = "") {
    auto exchange = std::make_shared<RecordingExchange>();
    core_->handle_roles({.method = method, .target = target, .body = body}, exchange);
    return exchange;
  }
  nlohmann::json desired(const std::string& role_name, const std::string& incarnation) {
    return reply_of(role("GET", "/desired/" + role_name + "?incarnation=" + incarnation)).json;
  }
  state::SessionObserved observed_session(const Reply& created, const std::string& state) {
    return {.id = session_of(created), .kind = "publish", .state = state, .transport = "udp"};
  }
  void relay_says(std::vector<state::SessionObserved> sessions, const std::string& epoch = "relay-1") {
    state::RelayObserved o;
    o.incarnation = epoch;
    o.pipe_address = "127.0.0.1:4000";
    o.sessions = std::move(sessions);
    o.applied_generation = desired("relay/local", epoch).value("generation", int64_t{0});
    EXPECT_EQ(reply_of(role("PUT", "/observed/relay/local", state::to_json(o))).status, 204);
  }
  void origin_says(std::vector<state::OriginStreamObserved> streams) {
    state::OriginObserved o;
    o.incarnation = "origin-1";
    o.streams = std::move(streams);
    o.applied_generation = desired("origin/local", "origin-1").value("generation", int64_t{0});
    EXPECT_EQ(reply_of(role("PUT", "/observed/origin/local", state::to_json(o))).status, 204);
  }
  nlohmann::json sources(const std::string& event) { return api("GET", "/events/" + event + "/sources").json["items"]; }
  nlohmann::json origin_stream(const std::string& event) {
    for (auto& stream : desired("origin/local", "origin-1")["streams"])
      if (stream["id"] == event) return stream;
    return nullptr;
  }

  static constexpr const char* kAdmin = "admin-token";
  ManualClock clock_;
  FakeRelay relay_;
  std::filesystem::path folder_;
  Repository* repository_ = nullptr;
  std::unique_ptr<ControlCore> core_;
};

}  // namespace footlight::control
