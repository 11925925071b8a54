#include "control/testing_control.h"

namespace footlight::control {
namespace {

class Stats : public ControlTest {
 protected:
  Reply whip(const std::string& event, const std::string& token) { return offer("/whip/" + event, token); }
};

TEST_F(Stats, say_what_relay_and_compose_said_of_the_events_sources_and_receivers) {
  const std::string event = create()["id"];
  const auto created = whip(event, invite(event, "presenter").second);
  auto session = observed_session(created, "connected");
  session.bitrate_bps = 2'000'000;
  session.rtt_ms = 31.26;
  session.media = {
      {.kind = "video", .codec = "vp8", .layer = "h", .state = "live", .nacked = 4, .width = 640, .height = 360}};
  relay_says({session, {.id = "another event's", .kind = "subscribe", .state = "connected", .transport = "tcp"}});
  const auto stats = api("GET", "/events/" + event + "/stats").json;
  const auto source = stats["sources"][0];
  EXPECT_EQ(source["id"], sources(event)[0]["id"]);
  EXPECT_EQ(source["transport"], "udp");
  EXPECT_EQ(source["bitrate_bps"], 2'000'000);
  EXPECT_DOUBLE_EQ(source["rtt_ms"].get<double>(), 31.3);
  EXPECT_TRUE(source["latency_ms"]["decode"].is_null());  // no compose has measured one
  EXPECT_EQ(source["media"][0]["layer"], "h");
  EXPECT_EQ(source["media"][0]["nacked"], 4);
  EXPECT_EQ(source["media"][0]["width"], 640);
  EXPECT_TRUE(source["media"][0]["since_media_ms"].is_null());
  EXPECT_EQ(stats["transports"]["udp"], 1);
  EXPECT_EQ(stats["transports"]["tcp"], 0);
  EXPECT_EQ(stats["viewers"]["whep"], 0);
  EXPECT_TRUE(stats["viewers"]["hls"].is_null());
}

TEST_F(Stats, forget_a_relay_that_is_away_and_are_the_producers_alone) {
  const std::string event = create()["id"];
  const auto created = whip(event, invite(event, "presenter").second);
  relay_says({observed_session(created, "connected")});
  EXPECT_EQ(api("GET", "/events/" + event + "/stats").json["transports"]["udp"], 1);
  clock_.advance(Duration::seconds(6));
  core_->tick();
  EXPECT_EQ(api("GET", "/events/" + event + "/stats").json["transports"]["udp"], 0);
  EXPECT_EQ(api("GET", "/events/" + event + "/stats", nullptr, invite(event, "presenter").second).status, 403);
}

}  // namespace
}  // namespace footlight::control
