#include "control/testing_control.h"

namespace footlight::control {
namespace {

class Roles : public ControlTest {
 protected:
  nlohmann::json compose(const std::string& event, const std::string& incarnation) {
    return desired("compose/" + event, incarnation);
  }
  std::string live_event() {
    const std::string id = create()["id"];
    move(id, "go-live");
    return id;
  }
};

TEST_F(Roles, the_node_runs_a_programme_for_events_in_rehearsal_and_live) {
  const std::string a = create()["id"], b = create()["id"];
  create();
  move(a, "rehearse");
  clock_.advance(Duration::millis(5));
  move(b, "go-live");
  auto programmes = desired("node/local", "n1")["programmes"];
  EXPECT_EQ(programmes.size(), 2u);
}

TEST_F(Roles, compose_is_not_stopped_before_it_could_tell_the_origin_of_the_end) {
  const std::string id = live_event();
  origin_says({{.id = id, .has_media = true}});
  move(id, "end");
  EXPECT_FALSE(compose(id, "c1")["hls"]["publish"]);
  EXPECT_EQ(desired("node/local", "n1")["programmes"].size(), 1u);
  origin_says({{.id = id, .has_media = true, .complete = true}});
  EXPECT_EQ(api("GET", "/events/" + id).json["state"], "archived");
  EXPECT_TRUE(desired("node/local", "n1")["programmes"].empty());
}

TEST_F(Roles, a_poll_is_held_until_its_document_changes) {
  const std::string id = create()["id"];
  const int64_t generation = desired("node/local", "n1")["generation"];
  const auto target = "/desired/node/local?incarnation=n1&after=" + std::to_string(generation);
  auto held = role("GET", target);
  EXPECT_FALSE(held->response);
  EXPECT_EQ(api("PATCH", "/events/" + id, {{"title", "Other"}}).status, 200);
  EXPECT_FALSE(held->response) << "the title is no affair of the node";
  move(id, "rehearse");
  auto answer = reply_of(held);
  EXPECT_EQ(answer.status, 200);
  EXPECT_GT(answer.json["generation"].get<int64_t>(), generation);
  EXPECT_EQ(answer.json["programmes"].size(), 1u);
}

TEST_F(Roles, a_poll_without_change_ends_with_204_after_25_s) {
  const int64_t generation = desired("node/local", "n1")["generation"];
  auto held = role("GET", "/desired/node/local?incarnation=n1&after=" + std::to_string(generation));
  clock_.advance(Duration::seconds(24));
  core_->tick();
  EXPECT_FALSE(held->response);
  clock_.advance(Duration::seconds(1));
  core_->tick();
  EXPECT_EQ(reply_of(held).status, 204);
}

TEST_F(Roles, draining_answers_every_held_request) {
  const std::string id = create()["id"];
  const int64_t generation = desired("node/local", "n1")["generation"];
  auto held = role("GET", "/desired/node/local?incarnation=n1&after=" + std::to_string(generation));
  auto stream = send("GET", "/api/v1/events/" + id + "/stream", "", kAdmin);
  core_->drain();
  EXPECT_EQ(reply_of(held).status, 204);
  EXPECT_TRUE(stream->finished);
}

TEST_F(Roles, what_a_role_said_last_can_be_read_back_until_it_is_away) {
  EXPECT_EQ(reply_of(role("GET", "/observed/relay/local")).status, 404);
  relay_says({});
  const auto reply = reply_of(role("GET", "/observed/relay/local"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(state::parse_relay_observed(reply.text).has_value());
  clock_.advance(Duration::seconds(30));
  core_->tick();
  EXPECT_EQ(reply_of(role("GET", "/observed/relay/local")).status, 404);
}

TEST_F(Roles, nonsense_on_the_control_socket_is_refused) {
  EXPECT_EQ(reply_of(role("GET", "/desired/cook/local?incarnation=x")).status, 404);
  EXPECT_EQ(reply_of(role("GET", "/desired")).status, 404);
  EXPECT_EQ(reply_of(role("GET", "/desired/compose/")).status, 404);
  EXPECT_EQ(reply_of(role("GET", "/desired/compose/nothing?incarnation=x")).status, 404);
  EXPECT_EQ(reply_of(role("GET", "/desired/node/local")).status, 400);
  EXPECT_EQ(reply_of(role("GET", "/desired/node/local?incarnation=x&after=y")).status, 400);
  EXPECT_EQ(reply_of(role("POST", "/desired/node/local?incarnation=x")).status, 405);
  EXPECT_EQ(reply_of(role("PUT", "/observed/relay/local", "{")).status, 400);
  EXPECT_EQ(reply_of(role("PUT", "/observed/node/local", "[]")).status, 400);
}

TEST_F(Roles, each_new_compose_gets_a_higher_epoch_and_a_new_pipe_and_the_timeline_stays) {
  const auto id = live_event();
  relay_says({});
  auto first = compose(id, "c1");
  EXPECT_EQ(first["epoch"], 1);
  EXPECT_EQ(first["pipe_address"], "127.0.0.1:4000");
  EXPECT_EQ(first["hls"]["publish"], true);
  EXPECT_EQ(compose(id, "c1"), first);
  clock_.advance(Duration::seconds(9));
  auto second = compose(id, "c2");
  EXPECT_EQ(second["epoch"], 2);
  EXPECT_NE(second["pipe"]["key"], first["pipe"]["key"]);
  EXPECT_NE(second["publish_tracks"][0]["ssrc"], first["publish_tracks"][0]["ssrc"]);
  EXPECT_EQ(second["timeline_start_ms"], first["timeline_start_ms"]);
  EXPECT_EQ(origin_stream(id)["min_epoch"], 2);
  EXPECT_EQ(reply_of(role("GET", "/desired/compose/" + id + "?incarnation=c1")).status, 409);
}

TEST_F(Roles, both_ends_of_the_pipe_have_the_same_key_and_tracks) {
  const auto id = live_event();
  relay_says({});
  auto c = compose(id, "c1");
  auto r = desired("relay/local", "relay-1");
  ASSERT_EQ(r["pipes"].size(), 1u);
  EXPECT_EQ(r["pipes"][0]["key"], c["pipe"]);
  EXPECT_EQ(r["pipes"][0]["publish_stream"], "programme/" + id);
  EXPECT_EQ(r["pipes"][0]["publish_tracks"], c["publish_tracks"]);
  EXPECT_EQ(r["streams"][0]["id"], "programme/" + id);
  EXPECT_EQ(r["streams"][0]["tracks"], c["publish_tracks"]);
  EXPECT_EQ(c["publish_tracks"][0]["fmtp"], "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f");
}

TEST_F(Roles, a_publisher_appears_at_both_ends_of_the_pipe) {
  const auto id = live_event();
  relay_says({});
  compose(id, "c1");
  auto created = offer("/whip/" + id, invite(id, "presenter").second);
  auto input = compose(id, "c1")["inputs"][0];
  EXPECT_EQ(input["session"], session_of(created));
  EXPECT_EQ(input["tracks"][0]["ssrc"], 7);
  EXPECT_EQ(input["on_stage"], false);
  EXPECT_EQ(desired("relay/local", "relay-1")["pipes"][0]["consume"], nlohmann::json::array({input["id"]}));
  relay_says({observed_session(created, "connected")});
  EXPECT_EQ(compose(id, "c1")["inputs"][0]["on_stage"], true);
}

TEST_F(Roles, a_restart_of_control_changes_no_document) {
  const auto id = live_event();
  relay_says({});
  auto c = compose(id, "c1");
  offer("/whip/" + id, invite(id, "presenter").second);
  c = compose(id, "c1");
  auto r = desired("relay/local", "relay-1"), o = desired("origin/local", "origin-1");
  clock_.advance(Duration::seconds(2));
  restart();
  for (auto [before, role_name, incarnation] :
       {std::tuple(c, "compose/" + id, "c1"), std::tuple(r, std::string("relay/local"), "relay-1"),
        std::tuple(o, std::string("origin/local"), "origin-1")}) {
    auto after = desired(role_name, incarnation);
    EXPECT_NE(after["generation"], before["generation"]);
    after.erase("generation");
    before.erase("generation");
    EXPECT_EQ(after, before) << role_name;
  }
}

TEST_F(Roles, a_new_relay_means_new_keys_a_new_status_and_pages_are_told) {
  const auto id = live_event();
  relay_says({});
  auto before = compose(id, "c1");
  auto created = offer("/whip/" + id, invite(id, "presenter").second);
  relay_says({observed_session(created, "connected")});
  auto page = send("GET", "/api/v1/events/" + id + "/stream", "", kAdmin);
  const auto status = origin_stream(id)["status"];
  EXPECT_EQ(status["relay_epoch"], "relay-1");
  desired("relay/local", "relay-2");
  EXPECT_NE(page->text.find("event: relay.lost\ndata: {\"relay_epoch\":\"relay-2\"}"), std::string::npos);
  EXPECT_EQ(origin_stream(id)["status"]["relay_epoch"], "relay-2");
  EXPECT_GT(origin_stream(id)["status"]["version"], status["version"]);
  EXPECT_NE(compose(id, "c1")["pipe"]["key"], before["pipe"]["key"]);
  EXPECT_EQ(compose(id, "c1")["inputs"][0]["session"], "");
  EXPECT_EQ(sources(id)[0]["state"], "lost");
  EXPECT_EQ(sources(id)[0]["on_stage"], true);
  EXPECT_EQ(reply_of(role("GET", "/desired/relay/local?incarnation=relay-1")).status, 409);
}

TEST_F(Roles, the_first_relay_ever_is_no_loss) {
  const std::string id = create()["id"];
  auto page = send("GET", "/api/v1/events/" + id + "/stream", "", kAdmin);
  desired("relay/local", "relay-1");
  EXPECT_EQ(page->text.find("relay.lost"), std::string::npos);
}

TEST_F(Roles, a_relay_that_control_meets_by_its_answer_is_a_new_epoch_too) {
  const auto id = live_event();
  relay_says({});
  relay_.epoch = "relay-2";
  EXPECT_EQ(offer("/whip/" + id, invite(id, "presenter").second).status, 201);
  EXPECT_EQ(origin_stream(id)["status"]["relay_epoch"], "relay-2");
  EXPECT_EQ(sources(id).size(), 1u);
}

TEST_F(Roles, sessions_that_nobody_here_knows_are_ended) {
  relay_says({{.id = "stranger", .kind = "publish", .stream = "x", .state = "connected"}});
  EXPECT_EQ(desired("relay/local", "relay-1")["ended_sessions"], nlohmann::json({"stranger"}));
  relay_says({});
  EXPECT_TRUE(desired("relay/local", "relay-1")["ended_sessions"].empty());
}

TEST_F(Roles, a_session_on_its_way_is_no_stranger) {
  const auto id = live_event();
  relay_.hold = true;
  send("POST", "/whip/" + id, "v=0", kAdmin, {{"Content-Type", "application/sdp"}});
  relay_says({{.id = relay_.created[0].id, .kind = "publish", .stream = "x", .state = "new"}});
  EXPECT_TRUE(desired("relay/local", "relay-1")["ended_sessions"].empty());
}

TEST_F(Roles, a_session_missing_at_the_relay_is_gone_after_a_while) {
  const auto id = live_event();
  relay_says({});
  auto created = offer("/whip/" + id, kAdmin);
  relay_says({});
  EXPECT_EQ(compose(id, "c1")["inputs"][0]["session"], session_of(created));
  clock_.advance(Duration::seconds(6));
  relay_says({});
  EXPECT_EQ(compose(id, "c1")["inputs"][0]["session"], "");
}

TEST_F(Roles, the_origin_hears_of_every_event_from_its_creation) {
  const std::string id = create({{"audience", "token"}, {"record", false}})["id"];
  auto stream = origin_stream(id);
  EXPECT_EQ(stream["started"], false);
  EXPECT_EQ(stream["status"]["state"], "draft");
  EXPECT_EQ(stream["token_required"], true);
  EXPECT_EQ(stream["keep"], false);
  EXPECT_EQ(stream["window_s"], 14400);
  move(id, "go-live");
  EXPECT_EQ(origin_stream(id)["started"], true);
  EXPECT_EQ(origin_stream(id)["ended"], false);
  move(id, "end");
  EXPECT_EQ(origin_stream(id)["ended"], true);
  const auto [tid, viewer] = invite(id, "viewer");
  api("DELETE", "/events/" + id + "/tokens/" + tid);
  EXPECT_EQ(desired("origin/local", "origin-1")["revoked_tokens"], nlohmann::json({tid}));
  clock_.advance(Duration::seconds(3601));
  EXPECT_TRUE(desired("origin/local", "origin-1")["revoked_tokens"].empty());
}

TEST_F(Roles, status_never_goes_back_for_an_id) {
  restart(true);
  desired("node/local", "n1");
  desired("relay/local", "relay-1");
  const int64_t version = origin_stream("demo")["status"]["version"];
  move("demo", "end");
  origin_says({{.id = "demo", .complete = true}});
  const int64_t archived = origin_stream("demo")["status"]["version"];
  EXPECT_GT(archived, version);
  EXPECT_EQ(api("DELETE", "/events/demo").status, 204);
  restart(true);
  desired("node/local", "n2");
  EXPECT_GT(origin_stream("demo")["status"]["version"].get<int64_t>(), archived);
}

TEST_F(Roles, readiness_needs_the_roles_and_life_needs_nothing) {
  EXPECT_EQ(reply_of(send("GET", "/healthz", "", "")).status, 200);
  EXPECT_EQ(reply_of(send("GET", "/readyz", "", "")).status, 503);
  relay_says({});
  origin_says({});
  EXPECT_EQ(reply_of(send("GET", "/readyz", "", "")).status, 200);
  clock_.advance(Duration::seconds(6));
  EXPECT_EQ(reply_of(send("GET", "/readyz", "", "")).status, 503);
}

TEST_F(Roles, metrics_cover_every_process_in_one_page) {
  state::RelayObserved r;
  r.incarnation = "relay-1";
  r.metrics = "# TYPE footlight_relay_packets_total counter\nfootlight_relay_packets_total{way=\"in\"} 5\n";
  role("PUT", "/observed/relay/local", state::to_json(r));
  for (const char* event : {"a", "b"}) {
    state::ComposeObserved c;
    c.incarnation = "c";
    c.metrics = "# TYPE footlight_compose_ticks_total counter\nfootlight_compose_ticks_total 9\n";
    role("PUT", std::string("/observed/compose/") + event, state::to_json(c));
  }
  const auto page = reply_of(send("GET", "/metrics", "", "")).text;
  EXPECT_NE(page.find("footlight_relay_packets_total{process=\"relay\",way=\"in\"} 5\n"), std::string::npos) << page;
  EXPECT_NE(page.find("# TYPE footlight_compose_ticks_total counter\n"
                      "footlight_compose_ticks_total{process=\"compose-0\"} 9\n"
                      "footlight_compose_ticks_total{process=\"compose-1\"} 9\n"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("\nfootlight_control_events{process=\"control\",state=\"live\"} 0\n"), std::string::npos) << page;
}

}  // namespace
}  // namespace footlight::control
