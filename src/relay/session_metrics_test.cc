#include "relay/session_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace footlight::relay {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(SessionMetrics, sessions_are_counted_and_spread_but_never_named) {
  std::vector<state::SessionObserved> sessions(3);
  sessions[0] = {.id = "secret-id",
                 .kind = "publish",
                 .stream = "s",
                 .state = "connected",
                 .transport = "udp",
                 .bitrate_bps = 2'000'000,
                 .media = {{.kind = "video", .codec = "vp8", .state = "live", .fps = 30, .height = 720},
                           {.kind = "video",
                            .codec = "vp8",
                            .state = "live",
                            .fps = 15,
                            .height = 360,
                            .b_frames = true,
                            .since_media_ms = 700}}};
  sessions[1] = {.id = "v",
                 .kind = "subscribe",
                 .state = "connected",
                 .transport = "tcp",
                 .loss_ratio = 0.03,
                 .rtt_ms = 40,
                 .estimate_bps = 600'000};
  sessions[2] = {.id = "gone", .kind = "subscribe", .state = "ended", .transport = "udp"};
  std::string text = session_metrics(sessions);
  EXPECT_THAT(text, HasSubstr("footlight_relay_sessions{kind=\"publish\",state=\"connected\",transport=\"udp\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("footlight_relay_sessions{kind=\"subscribe\",state=\"connected\",transport=\"tcp\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("{kind=\"publish\",media=\"video\",codec=\"vp8\",state=\"live\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("footlight_relay_session_loss_ratio_bucket{kind=\"subscribe\",le=\"0.02\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("footlight_relay_session_loss_ratio_bucket{kind=\"subscribe\",le=\"0.05\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("footlight_relay_session_round_trip_seconds_sum{kind=\"subscribe\"} 0.04\n"));
  EXPECT_THAT(text, HasSubstr("session_estimate_bits_per_second_bucket{kind=\"subscribe\",le=\"600000\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("track_picture_height_pixels_bucket{kind=\"publish\",le=\"360\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("track_picture_height_pixels_bucket{kind=\"publish\",le=\"720\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("track_frames_per_second_sum{kind=\"publish\"} 45\n"));
  EXPECT_THAT(text, HasSubstr("track_since_media_seconds_bucket{kind=\"publish\",le=\"0.5\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("track_since_media_seconds_count{kind=\"publish\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("footlight_relay_tracks_with_b_frames{kind=\"publish\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("secret-id")));
  EXPECT_THAT(text, Not(HasSubstr("ended")));
}

}  // namespace
}  // namespace footlight::relay
