#include <gtest/gtest.h>

#include "state/desired.h"
#include "state/observed.h"
#include "state/session_call.h"

namespace footlight::state {
namespace {

TEST(Desired, a_compose_document_round_trips) {
  ComposeDesired d;
  d.generation = 7;
  d.programme = "demo";
  d.epoch = 3;
  d.inputs = {
      {.id = "s1",
       .session = "x",
       .kind = "camera",
       .on_stage = true,
       .gain_db = -3.5,
       .tracks = {{.kind = "video", .codec = "vp8", .ssrc = 0xfffffff0, .payload_type = 96, .clock_rate = 90000}}}};
  auto back = parse_compose_desired(to_json(d));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->generation, 7);
  EXPECT_EQ(back->epoch, 3u);
  ASSERT_EQ(back->inputs.size(), 1u);
  EXPECT_EQ(back->inputs[0].tracks, d.inputs[0].tracks);
  EXPECT_DOUBLE_EQ(back->inputs[0].gain_db, -3.5);
}

TEST(Desired, unknown_fields_are_ignored_and_wrong_types_named) {
  auto ok = parse_node_desired(R"({"schema":9,"generation":2,"news":[1],"programmes":[{"id":"a","x":1}]})");
  ASSERT_TRUE(ok);
  EXPECT_EQ(ok->programmes.at(0).id, "a");
  EXPECT_FALSE(parse_node_desired(R"({"generation":"two"})"));
  EXPECT_FALSE(parse_node_desired("[]"));
  EXPECT_FALSE(parse_node_desired("{"));
}

TEST(Observed, a_relay_document_carries_the_common_fields) {
  RelayObserved o;
  o.incarnation = "abc";
  o.metrics = "footlight_up 1\n";
  o.sessions = {
      {.id = "s",
       .kind = "publish",
       .stream = "x",
       .state = "connected",
       .media = {{.kind = "video", .codec = "vp8", .layer = "h", .lost = 3, .width = 640, .b_frames = true}}}};
  auto common = parse_observed(to_json(o));
  ASSERT_TRUE(common);
  EXPECT_EQ(common->incarnation, "abc");
  auto back = parse_relay_observed(to_json(o));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->sessions.at(0).state, "connected");
  EXPECT_EQ(back->metrics, o.metrics);
  const TrackObserved& track = back->sessions.at(0).media.at(0);
  EXPECT_EQ(track.layer, "h");
  EXPECT_EQ(track.lost, 3);
  EXPECT_EQ(track.width, 640);
  EXPECT_TRUE(track.b_frames);
  EXPECT_EQ(track.since_media_ms, -1);
}

TEST(Observed, a_relay_tells_of_its_links_and_pipes_and_what_goes_over_them) {
  RelayObserved o;
  o.links = {{.id = "l",
              .state = "connected",
              .remote = "127.0.0.1:7100",
              .streams = {{.stream = "s", .direction = "in", .media = {{.kind = "audio", .packets = 9}}}}}};
  o.pipes = {{.id = "p", .state = "silent"}};
  auto back = parse_relay_observed(to_json(o));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->pipes.at(0).id, "p");
  EXPECT_EQ(back->pipes.at(0).state, "silent");
  const LinkObserved& link = back->links.at(0);
  EXPECT_EQ(link.id, "l");
  EXPECT_EQ(link.state, "connected");
  EXPECT_EQ(link.remote, "127.0.0.1:7100");
  EXPECT_EQ(link.streams.at(0).stream, "s");
  EXPECT_EQ(link.streams.at(0).direction, "in");
  EXPECT_EQ(link.streams.at(0).media.at(0).packets, 9);
}

TEST(State, an_rtmp_publisher_is_told_by_desired_and_observed_state_alone) {
  RelayDesired desired;
  desired.rtmp_keys = {{std::string(64, 'a'), "s1"}};
  desired.links = {{"l1", Secret("a2V5"), true, 7, 8, "127.0.0.1:7100", {"s1"}, {"s2"}}};
  auto back = parse_relay_desired(to_json(desired));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->rtmp_keys.at(0).key_sha256, std::string(64, 'a'));
  EXPECT_EQ(back->rtmp_keys.at(0).stream, "s1");
  EXPECT_EQ(back->links.at(0).key, Secret("a2V5"));
  EXPECT_TRUE(back->links.at(0).first);
  EXPECT_EQ(back->links.at(0).peer_ssrc, 8u);
  EXPECT_EQ(back->links.at(0).offer.at(0), "s1");
  EXPECT_EQ(back->links.at(0).pull.at(0), "s2");
  RelayObserved observed;
  observed.sessions = {{.id = "r", .transport = "rtmp", .tracks = {{.kind = "audio", .codec = "aac", .ssrc = 7}}}};
  auto seen = parse_relay_observed(to_json(observed));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->sessions.at(0).tracks, observed.sessions.at(0).tracks);
}

}  // namespace
}  // namespace footlight::state
