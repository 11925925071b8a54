#include "control/rtmp_publishers.h"

#include "control/testing_control.h"

namespace footlight::control {
namespace {

class Rtmp : public ControlTest {
 protected:
  Rtmp() {
    auto event = create();
    event_ = event["id"];
    key_ = event["ingest"]["stream_key"];
    move(event_, "rehearse");
  }
  nlohmann::json keys() { return desired("relay/local", "relay-1")["rtmp_keys"]; }
  state::SessionObserved publisher(const std::string& id, const std::string& state = "connected") {
    state::SessionObserved s{.id = id, .kind = "publish", .stream = keys()[0]["stream"], .state = state};
    s.transport = "rtmp";
    if (state != "new") s.tracks = {{.kind = "video", .codec = "h264", .ssrc = 7, .clock_rate = 90'000}};
    return s;
  }
  nlohmann::json input() {
    auto document = desired("compose/" + event_, "compose-1");
    return document["inputs"].empty() ? nlohmann::json() : document["inputs"][0];
  }
  std::string event_, key_;
};

TEST_F(Rtmp, the_relay_hears_who_may_publish_by_digest_and_only_while_the_event_takes_publishers) {
  ASSERT_EQ(keys().size(), 1U);
  EXPECT_EQ(keys()[0]["key_sha256"], hash_of_key(key_));
  EXPECT_EQ(desired("relay/local", "relay-1").dump().find(key_), std::string::npos);
  move(event_, "end");
  EXPECT_TRUE(keys().empty());
}

TEST_F(Rtmp, a_publisher_that_the_relay_shows_becomes_a_source_on_stage_and_an_input) {
  relay_says({publisher("r1", "new")});
  EXPECT_TRUE(sources(event_).empty()) << "not before its tracks are known";
  EXPECT_TRUE(desired("relay/local", "relay-1")["ended_sessions"].empty()) << "and not a stranger either";
  relay_says({publisher("r1")});
  auto source = sources(event_).at(0);
  EXPECT_EQ(source["kind"], "rtmp");
  EXPECT_EQ(source["state"], "connected");
  EXPECT_EQ(source["transport"], "rtmp");
  EXPECT_EQ(source["on_stage"], true);
  EXPECT_EQ(input()["session"], "r1");
  EXPECT_EQ(input()["tracks"][0]["ssrc"], 7);
}

TEST_F(Rtmp, a_second_publisher_takes_over_and_the_source_stays) {
  relay_says({publisher("r1")});
  const auto before = sources(event_).at(0);
  auto gone = publisher("r1", "ended");
  gone.end_reason = "taken_over";
  relay_says({gone, publisher("r2")});
  EXPECT_EQ(sources(event_).size(), 1U);
  EXPECT_EQ(sources(event_).at(0), before) << "connected all the time";
  EXPECT_EQ(input()["session"], "r2");
}

TEST_F(Rtmp, tracks_that_change_in_a_session_reach_compose) {
  relay_says({publisher("r1")});
  auto changed = publisher("r1");
  changed.tracks.push_back({.kind = "audio", .codec = "aac", .ssrc = 8, .clock_rate = 44'100});
  relay_says({changed});
  EXPECT_EQ(input()["tracks"].size(), 2U);
}

TEST_F(Rtmp, a_rotated_key_cuts_the_session_and_changes_what_the_relay_admits) {
  relay_says({publisher("r1")});
  auto rotated = api("POST", "/events/" + event_ + "/stream-key/rotate");
  EXPECT_EQ(keys()[0]["key_sha256"], hash_of_key(rotated.json["stream_key"].get<std::string>()));
  EXPECT_EQ(desired("relay/local", "relay-1")["ended_sessions"], nlohmann::json({"r1"}));
  EXPECT_EQ(sources(event_).at(0)["state"], "lost");
  relay_says({publisher("r1")});
  EXPECT_EQ(sources(event_).at(0)["state"], "lost") << "a session on its way out is not taken in again";
}

TEST_F(Rtmp, a_publisher_whose_connection_breaks_is_lost) {
  relay_says({publisher("r1")});
  auto gone = publisher("r1", "ended");
  gone.end_reason = "connection_lost";
  relay_says({gone});
  EXPECT_EQ(sources(event_).at(0)["state"], "lost");
}

TEST_F(Rtmp, a_publisher_that_leaves_is_idle_and_one_that_stalls_is_lost) {
  relay_says({publisher("r1")});
  relay_says({publisher("r1", "stalled")});
  EXPECT_EQ(sources(event_).at(0)["state"], "lost");
  relay_says({publisher("r1")});
  EXPECT_EQ(sources(event_).at(0)["state"], "connected");
  auto gone = publisher("r1", "ended");
  gone.end_reason = "closed_by_peer";
  relay_says({gone});
  EXPECT_EQ(sources(event_).at(0)["state"], "idle");
}

}  // namespace
}  // namespace footlight::control
