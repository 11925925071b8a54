#include "control/stage.h"

#include "control/testing_control.h"

namespace footlight::control {
namespace {

class Stage : public ControlTest {
 protected:
  Stage() { event_ = create()["id"]; }
  // A camera or screen that connects; its source id.
  std::string connect(const std::string& query = "") {
    auto created = offer("/whip/" + event_ + query, invite(event_, "presenter").second);
    now_.push_back(observed_session(created, "connected"));
    relay_says(now_);
    return sources(event_).back()["id"];
  }
  nlohmann::json source(const std::string& id) {
    for (auto& s : sources(event_))
      if (s["id"] == id) return s;
    return nullptr;
  }
  std::string event_;
  std::vector<state::SessionObserved> now_;
};

TEST_F(Stage, the_first_camera_takes_the_stage_and_later_ones_wait) {
  const auto first = connect(), second = connect();
  EXPECT_EQ(source(first)["on_stage"], true);
  EXPECT_EQ(source(second)["on_stage"], false);
  EXPECT_EQ(source(first)["state"], "connected");
  EXPECT_EQ(source(first)["transport"], "udp");
}

TEST_F(Stage, with_auto_stage_everyone_comes_on) {
  api("PATCH", "/events/" + event_, {{"auto_stage", true}});
  connect();
  EXPECT_EQ(source(connect())["on_stage"], true);
}

TEST_F(Stage, a_screen_waits_for_the_producer) { EXPECT_EQ(source(connect("?source=screen"))["on_stage"], false); }

TEST_F(Stage, a_lost_camera_stays_on_stage_and_another_may_come) {
  const auto first = connect();
  now_[0].state = "stalled";
  relay_says(now_);
  EXPECT_EQ(source(first)["state"], "lost");
  EXPECT_EQ(source(first)["on_stage"], true);
  const auto second = connect();
  EXPECT_EQ(source(second)["on_stage"], true);
  now_[0].state = "connected";
  relay_says(now_);
  EXPECT_EQ(source(first)["state"], "connected");
}

TEST_F(Stage, a_producer_sets_stage_sound_and_name) {
  const auto first = connect(), second = connect();
  const auto path = "/events/" + event_ + "/sources/";
  auto changed = api("PATCH", path + second, {{"on_stage", true}, {"muted", true}, {"gain_db", -3.5}, {"name", "Ben"}});
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.json["name"], "Ben");
  EXPECT_EQ(changed.json["gain_db"], -3.5);
  move(event_, "go-live");
  auto inputs = desired("compose/" + event_, "c1")["inputs"];
  EXPECT_GT(inputs[1]["on_stage_order"], inputs[0]["on_stage_order"]);
  EXPECT_EQ(inputs[1]["muted"], true);
  EXPECT_EQ(api("PATCH", path + first, {{"on_stage", false}}).json["on_stage"], false);
  EXPECT_EQ(api("PATCH", path + first, {{"gain_db", 100}}).status, 422);
  EXPECT_EQ(api("PATCH", path + first, {{"kind", "screen"}}).status, 400);
  EXPECT_EQ(api("PATCH", path + "nothing", {{"muted", true}}).status, 404);
}

TEST_F(Stage, a_removed_source_is_cut_and_gone) {
  const auto first = connect();
  EXPECT_EQ(api("DELETE", "/events/" + event_ + "/sources/" + first).status, 204);
  EXPECT_TRUE(sources(event_).empty());
  EXPECT_EQ(desired("relay/local", "relay-1")["ended_sessions"], nlohmann::json({now_[0].id}));
  EXPECT_EQ(api("DELETE", "/events/" + event_ + "/sources/" + first).status, 404);
}

TEST_F(Stage, the_demo_is_live_with_the_test_picture_until_a_camera_comes) {
  restart(true);
  desired("node/local", "n1");
  auto demo = api("GET", "/events/demo").json;
  EXPECT_EQ(demo["state"], "live");
  EXPECT_EQ(demo["title"], "Demo");
  EXPECT_EQ(demo["record"], false);
  event_ = "demo";
  EXPECT_EQ(source("test-picture")["kind"], "test");
  EXPECT_EQ(source("test-picture")["on_stage"], true);
  const auto camera = connect();
  EXPECT_EQ(source("test-picture")["on_stage"], false);
  EXPECT_EQ(source(camera)["on_stage"], true);
  // A killed control is not a new start: nothing moves.
  restart(true);
  desired("node/local", "n1");
  EXPECT_EQ(source(camera)["on_stage"], true);
  // A new start of the node is.
  desired("node/local", "n2");
  EXPECT_EQ(source("test-picture")["on_stage"], true);
  EXPECT_EQ(source(camera)["on_stage"], false);
}

TEST_F(Stage, an_ended_demo_stays_ended_until_the_next_start_and_goes_on_from_there) {
  restart(true);
  desired("node/local", "n1");
  const auto start = desired("compose/demo", "c1")["timeline_start_ms"];
  move("demo", "end");
  restart(true);
  desired("node/local", "n1");
  EXPECT_EQ(api("GET", "/events/demo").json["state"], "ended");
  clock_.advance(Duration::seconds(60));
  restart(true);
  desired("node/local", "n2");
  auto demo = api("GET", "/events/demo").json;
  EXPECT_EQ(demo["state"], "live");
  EXPECT_TRUE(demo["ended_at"].is_null());
  auto again = desired("compose/demo", "c2");
  EXPECT_EQ(again["timeline_start_ms"], start);
  EXPECT_EQ(again["epoch"], 2);
}

}  // namespace
}  // namespace footlight::control
