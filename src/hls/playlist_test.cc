#include "hls/testing_origin.h"

namespace footlight::hls {
namespace {

TEST_F(OriginTest, the_first_parts_make_a_playlist_padded_with_gaps) {
  EXPECT_EQ(put_init(0)->status(), 204);
  const auto early = playlist();
  put_parts(3, 0, 2);
  EXPECT_FALSE(early->answered()) << "a player would begin in the gaps";
  put_parts(3, 3, 3);
  ASSERT_EQ(early->status(), 200);
  EXPECT_EQ(early->header("Content-Type"), "application/vnd.apple.mpegurl");
  EXPECT_EQ(early->header("Cache-Control"), "max-age=1");
  EXPECT_EQ(early->body(), R"(#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.0,HOLD-BACK=6.0,PART-HOLD-BACK=0.6
#EXT-X-PART-INF:PART-TARGET=0.2
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="../../fe/demo/720p/init-0.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T14:59:54.000Z
#EXT-X-GAP
#EXTINF:2.0,
../../fe/demo/720p/0.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T14:59:56.000Z
#EXT-X-GAP
#EXTINF:2.0,
../../fe/demo/720p/1.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T14:59:58.000Z
#EXT-X-PART:DURATION=0.2,URI="../../fe/demo/720p/2.0.m4s",GAP=YES
#EXT-X-PART:DURATION=0.2,URI="../../fe/demo/720p/2.1.m4s",GAP=YES
#EXT-X-PART:DURATION=0.2,URI="../../fe/demo/720p/2.2.m4s",GAP=YES
#EXT-X-PART:DURATION=0.2,URI="../../fe/demo/720p/2.3.m4s",GAP=YES
#EXT-X-PART:DURATION=0.2,URI="../../fe/demo/720p/2.4.m4s",GAP=YES
#EXT-X-PART:DURATION=0.2,URI="../../fe/demo/720p/2.5.m4s",GAP=YES
#EXT-X-PART:DURATION=0.2,URI="../../fe/demo/720p/2.6.m4s",GAP=YES
#EXT-X-PART:DURATION=0.2,URI="../../fe/demo/720p/2.7.m4s",GAP=YES
#EXT-X-PART:DURATION=0.2,URI="../../fe/demo/720p/2.8.m4s",GAP=YES
#EXT-X-PART:DURATION=0.2,URI="../../fe/demo/720p/2.9.m4s",GAP=YES
#EXT-X-GAP
#EXTINF:2.0,
../../fe/demo/720p/2.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T15:00:00.000Z
#EXT-X-PART:DURATION=0.2,URI="../../fe/demo/720p/3.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.2,URI="../../fe/demo/720p/3.1.m4s"
#EXT-X-PART:DURATION=0.2,URI="../../fe/demo/720p/3.2.m4s"
#EXT-X-PART:DURATION=0.2,URI="../../fe/demo/720p/3.3.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="../../fe/demo/720p/3.4.m4s"
)");
}

TEST_F(OriginTest, a_beginning_that_stalls_is_served_after_three_seconds) {
  put_init(0);
  put_parts(3, 0, 0);
  const auto early = playlist();
  EXPECT_EQ(playlist("_HLS_msn=3&_HLS_part=0")->status(), 200) << "who names a part gets it";
  advance(Duration::seconds(3));
  ASSERT_EQ(early->status(), 200);
  EXPECT_EQ(count(early->body(), "INDEPENDENT=YES"), 1);
}

// A playlist of a stream that runs: segments 3 to 8 complete, three parts of 9.
class RunningTest : public OriginTest {
 protected:
  RunningTest() {
    put_init(0);
    put_segments(3, 8);
    put_parts(9, 0, 2);
  }
};

TEST_F(RunningTest, part_tags_leave_three_target_durations_behind_the_edge) {
  const std::string text = playlist()->body();
  EXPECT_EQ(text.substr(0, text.find("#EXT-X-PROGRAM")), R"(#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.0,HOLD-BACK=6.0,PART-HOLD-BACK=0.6
#EXT-X-PART-INF:PART-TARGET=0.2
#EXT-X-MEDIA-SEQUENCE:3
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="../../fe/demo/720p/init-0.mp4"
)");
  EXPECT_EQ(count(text, "#EXTINF:2.0,"), 6);
  EXPECT_EQ(text.find("/6.0.m4s"), std::string::npos);
  EXPECT_NE(text.find("/7.0.m4s"), std::string::npos);
  EXPECT_EQ(count(text, "#EXT-X-PART:"), 23);
  EXPECT_EQ(count(text, "INDEPENDENT=YES"), 3);
  EXPECT_EQ(count(text, "#EXT-X-PROGRAM-DATE-TIME:"), 7);
  EXPECT_TRUE(text.ends_with(R"(#EXT-X-PRELOAD-HINT:TYPE=PART,URI="../../fe/demo/720p/9.3.m4s")"
                             "\n"));
}

TEST_F(RunningTest, a_complete_segment_hints_the_first_part_of_the_next) {
  put_parts(9, 3, 9);
  const std::string text = playlist()->body();
  EXPECT_TRUE(
      text.ends_with("#EXTINF:2.0,\n../../fe/demo/720p/9.m4s\n"
                     R"(#EXT-X-PRELOAD-HINT:TYPE=PART,URI="../../fe/demo/720p/10.0.m4s")"
                     "\n"));
  EXPECT_EQ(count(text, "#EXT-X-PART:"), 30) << "exactly three target durations from the edge is not beyond it";
}

TEST_F(RunningTest, a_delta_update_skips_what_lies_six_target_durations_back) {
  put_parts(9, 3, 9);
  put_segments(10, 11);
  const std::string full = playlist("_HLS_msn=11")->body();
  const std::string delta = playlist("_HLS_msn=11&_HLS_skip=YES")->body();
  ASSERT_NE(delta.find("#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n"), std::string::npos);
  EXPECT_EQ(delta.find("EXT-X-MAP"), std::string::npos);
  // What is not skipped is the same, line by line.
  const std::string tail = full.substr(full.find("#EXT-X-PROGRAM-DATE-TIME:2026-11-22T15:00:06.000Z"));
  EXPECT_TRUE(delta.ends_with(tail));
  EXPECT_EQ(count(full, "#EXTINF") - count(delta, "#EXTINF"), 3);
}

TEST_F(RunningTest, a_delta_update_with_nothing_to_skip_is_the_whole_playlist) {
  EXPECT_EQ(playlist("_HLS_skip=YES")->body(), playlist()->body());
}

TEST_F(RunningTest, the_window_slides_and_the_media_sequence_only_grows) {
  stream().window_s = 10;
  apply();
  EXPECT_NE(playlist()->body().find("#EXT-X-MEDIA-SEQUENCE:4\n"), std::string::npos);
  put_parts(9, 3, 9);
  EXPECT_NE(playlist()->body().find("#EXT-X-MEDIA-SEQUENCE:5\n"), std::string::npos);
}

TEST_F(RunningTest, the_end_has_endlist_and_nothing_of_low_latency) {
  stream().ended = true;
  apply();
  EXPECT_EQ(playlist()->body().find("ENDLIST"), std::string::npos) << "compose may still flush";
  EXPECT_EQ(put("/ingest/demo/1/end")->status(), 204);
  const std::string text = playlist()->body();
  EXPECT_TRUE(text.ends_with("#EXTINF:0.6,\n../../fe/demo/720p/9.m4s\n#EXT-X-ENDLIST\n"));
  for (const char* gone : {"EXT-X-PART", "PRELOAD-HINT", "SERVER-CONTROL"})
    EXPECT_EQ(text.find(gone), std::string::npos) << gone;
  EXPECT_NE(text.find("#EXT-X-PLAYLIST-TYPE:VOD\n"), std::string::npos);
}

TEST_F(RunningTest, at_the_end_a_kept_event_lists_everything_and_another_its_window) {
  stream().window_s = 4;  // three target durations is the least
  apply();
  stream().ended = true;
  apply();
  advance(Duration::seconds(3));
  EXPECT_EQ(count(playlist()->body(), "#EXTINF"), 7);
  stream().keep = false;
  apply();
  EXPECT_EQ(count(playlist()->body(), "#EXTINF"), 4) << "the last one is 0.6 s long";
  EXPECT_NE(playlist()->body().find("ENDLIST"), std::string::npos);
}

TEST_F(RunningTest, an_ended_stream_that_goes_on_has_a_discontinuity_and_higher_numbers) {
  stream().ended = true;
  apply();
  advance(Duration::seconds(3));
  stream().ended = false;
  apply();
  ++epoch;
  EXPECT_EQ(put_init(1)->status(), 204);
  EXPECT_EQ(put_part(10, 0)->status(), 204);
  const std::string text = playlist()->body();
  EXPECT_EQ(text.find("ENDLIST"), std::string::npos);
  EXPECT_NE(text.find("/9.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"../../fe/demo/720p/init-1.mp4\"\n"),
            std::string::npos);
}

TEST_F(RunningTest, a_new_encoder_is_a_discontinuity_that_is_counted_when_it_leaves) {
  ++epoch;
  EXPECT_EQ(put_init(1)->status(), 204);
  put_segments(10, 16);
  const std::string text = playlist()->body();
  EXPECT_EQ(count(text, "#EXT-X-DISCONTINUITY\n"), 1);
  EXPECT_NE(text.find("#EXTINF:0.6,\n../../fe/demo/720p/9.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP"), std::string::npos);
  EXPECT_NE(text.find("#EXT-X-DISCONTINUITY-SEQUENCE:0\n"), std::string::npos);
  stream().window_s = 12;
  apply();
  const std::string later = playlist()->body();
  EXPECT_NE(later.find("#EXT-X-MEDIA-SEQUENCE:11\n#EXT-X-DISCONTINUITY-SEQUENCE:1\n"), std::string::npos);
  EXPECT_NE(later.find("#EXT-X-MAP:URI=\"../../fe/demo/720p/init-1.mp4\"\n"), std::string::npos);
}

TEST_F(RunningTest, a_lost_segment_is_a_gap_that_old_players_can_fetch) {
  put_parts(9, 3, 9);
  http::Headers h;
  h.set("Footlight-Duration", "2000000");
  EXPECT_EQ(put("/ingest/demo/1/720p/10/gap", "", h)->status(), 204);
  put_parts(11, 0, 0);
  EXPECT_NE(playlist()->body().find("#EXT-X-PROGRAM-DATE-TIME:2026-11-22T15:00:14.000Z\n#EXT-X-GAP\n#EXTINF:2.0,\n"
                                    "../../fe/demo/720p/10.m4s\n"),
            std::string::npos);
  const auto gap = ask(media_path("10.m4s"));
  EXPECT_EQ(gap->status(), 200);
  EXPECT_EQ(gap->body().size(), 20u);
}

TEST_F(RunningTest, what_is_missing_of_an_open_segment_becomes_gap_parts) {
  http::Headers h;
  h.set("Footlight-Duration", "2000000");
  EXPECT_EQ(put("/ingest/demo/1/720p/9/gap", "", h)->status(), 204);
  put_parts(10, 0, 0);
  const std::string text = playlist()->body();
  EXPECT_EQ(count(text, "GAP=YES"), 7);
  EXPECT_NE(text.find("#EXTINF:2.0,\n../../fe/demo/720p/9.m4s\n"), std::string::npos);
  EXPECT_EQ(ask(media_path("9.3.m4s"))->status(), 404);
  EXPECT_EQ(ask(media_path("9.m4s"))->body(), ask(media_path("9.0.m4s"))->body() + ask(media_path("9.1.m4s"))->body() +
                                                  ask(media_path("9.2.m4s"))->body());
}

TEST_F(OriginTest, odd_frame_rates_have_an_exact_part_target) {
  desired.streams.front().id = "film";
  stream().canvas.fps = 24;
  apply();
  EXPECT_EQ(put("/ingest/film/1/720p/init/0", make_init())->status(), 204);
  http::Headers h;
  h.set("Footlight-Duration", "208333");
  h.set("Footlight-Independent", "1");
  h.set("Footlight-Date-Time", "2026-11-22T15:00:00.000000Z");
  h.set("Footlight-Init", "0");
  std::vector<uint8_t> data(9, 1);
  const std::vector<fmp4::Sample> samples(5, {.data = data, .duration = 3750, .sync = true});
  const fmp4::TrackRun run{fmp4::kVideoTrackId, 0, samples};
  std::vector<uint8_t> part;
  fmp4::write_fragment(1, {&run, 1}, part);
  EXPECT_EQ(put("/ingest/film/1/720p/3/0", {part.begin(), part.end()}, h)->status(), 204);
  const std::string text = ask("/live/film/720p/index.m3u8?_HLS_msn=3&_HLS_part=0")->body();
  EXPECT_NE(text.find("PART-HOLD-BACK=0.625002\n#EXT-X-PART-INF:PART-TARGET=0.208334\n"), std::string::npos);
  EXPECT_NE(text.find("#EXT-X-PART:DURATION=0.208333,"), std::string::npos);
}

TEST_F(OriginTest, the_multivariant_playlist_waits_a_second_at_most_for_the_codecs) {
  const auto held = ask("/live/demo/index.m3u8");
  EXPECT_FALSE(held->answered());
  advance(Duration::seconds(1));
  EXPECT_EQ(held->body(), R"(#EXTM3U
#EXT-X-VERSION:9
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=2648000,AVERAGE-BANDWIDTH=2148000,CODECS="avc1.4d401f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=30.000,VIDEO-RANGE=SDR,CLOSED-CAPTIONS=NONE
720p/index.m3u8
)");
  put_init(0);
  EXPECT_EQ(ask("/live/demo/index.m3u8")->body(), held->body());
}

TEST_F(OriginTest, bandwidth_is_never_below_the_measured_peak) {
  put_init(0);
  for (int64_t msn = 3; msn < 10; ++msn)
    for (int part = 0; part < kPartsASegment; ++part)
      ASSERT_EQ(
          put_part(msn, part, make_part(static_cast<uint64_t>((msn - 3) * 10 + part) * 18'000, 6, part == 0, 20'000))
              ->status(),
          204);
  const std::string text = ask("/live/demo/index.m3u8")->body();
  const int64_t peak = std::stoll(text.substr(text.find(":BANDWIDTH=") + 11));
  const int64_t average = std::stoll(text.substr(text.find("AVERAGE-BANDWIDTH=") + 18));
  EXPECT_GE(peak, 10 * 6 * 20'000 * 8 / 2);
  EXPECT_NEAR(static_cast<double>(average), static_cast<double>(peak), 0.1 * static_cast<double>(peak));
}

}  // namespace
}  // namespace footlight::hls
