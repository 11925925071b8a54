#include "hls/testing_origin.h"

namespace footlight::hls {
namespace {

class ReloadTest : public OriginTest {
 protected:
  ReloadTest() {
    put_init(0);
    put_segments(3, 5);
    put_parts(6, 0, 3);  // next: 6.4
  }
};

TEST_F(ReloadTest, a_part_that_is_there_is_answered_at_once) {
  const auto r = playlist("_HLS_msn=6&_HLS_part=3");
  ASSERT_EQ(r->status(), 200);
  EXPECT_EQ(r->header("Cache-Control"), "max-age=12");
  EXPECT_NE(r->body().find("6.3.m4s"), std::string::npos);
}

TEST_F(ReloadTest, a_part_that_is_to_come_is_held_until_it_came) {
  const auto r = playlist("_HLS_msn=6&_HLS_part=4");
  advance(Duration::millis(150));
  EXPECT_FALSE(r->answered());
  put_parts(6, 4, 4);
  ASSERT_EQ(r->status(), 200);
  EXPECT_NE(r->body().find("PRELOAD-HINT:TYPE=PART,URI=\"../../fe/demo/720p/6.5.m4s\""), std::string::npos);
}

TEST_F(ReloadTest, without_a_part_it_is_held_until_the_segment_is_complete) {
  const auto r = playlist("_HLS_msn=6");
  put_parts(6, 4, 8);
  EXPECT_FALSE(r->answered());
  put_parts(6, 9, 9);
  ASSERT_EQ(r->status(), 200);
  EXPECT_NE(r->body().find("720p/6.m4s\n"), std::string::npos);
}

TEST_F(ReloadTest, a_part_past_the_last_one_is_the_first_of_the_next_segment) {
  const auto ready = playlist("_HLS_msn=5&_HLS_part=10");
  EXPECT_EQ(ready->status(), 200);
  EXPECT_EQ(ready->body(), playlist("_HLS_msn=6&_HLS_part=0")->body());
  const auto held = playlist("_HLS_msn=6&_HLS_part=10");
  put_parts(6, 4, 9);
  EXPECT_FALSE(held->answered());
  put_parts(7, 0, 0);
  EXPECT_EQ(held->status(), 200);
}

TEST_F(ReloadTest, equal_directives_have_equal_bytes_however_late_they_are_asked) {
  const auto held = playlist("_HLS_msn=6&_HLS_part=4");
  const auto skipping = playlist("_HLS_msn=6&_HLS_part=9&_HLS_skip=YES");
  put_parts(6, 4, 9);
  put_parts(7, 0, 5);
  EXPECT_EQ(playlist("_HLS_msn=6&_HLS_part=4")->body(), held->body());
  EXPECT_EQ(playlist("_HLS_skip=YES&_HLS_part=9&_HLS_msn=6")->body(), skipping->body());
  begin();
  EXPECT_EQ(playlist("_HLS_msn=6&_HLS_part=4")->body(), held->body()) << "after a restart";
  EXPECT_EQ(playlist("_HLS_msn=6&_HLS_part=9&_HLS_skip=v2")->body(), skipping->body());
}

TEST_F(ReloadTest, equal_directives_have_equal_bytes_through_a_change_of_encoder) {
  const std::string before = playlist("_HLS_msn=6&_HLS_part=3")->body();
  ++epoch;
  put_init(1);
  put_parts(7, 0, 0);
  EXPECT_EQ(playlist("_HLS_msn=6&_HLS_part=3")->body(), before);
  EXPECT_NE(playlist("_HLS_msn=6")->body(), before);
}

TEST_F(ReloadTest, a_player_that_stays_behind_hears_the_age_of_its_playlist) {
  put_parts(6, 4, 9);
  EXPECT_EQ(playlist("_HLS_msn=6")->header("Age"), "") << "the newest there is";
  put_segments(7, 9);
  EXPECT_EQ(playlist("_HLS_msn=6&_HLS_part=4")->header("Age"), "7");
  EXPECT_EQ(playlist("_HLS_msn=6")->header("Age"), "6");
  EXPECT_EQ(playlist("_HLS_msn=9&_HLS_part=5")->header("Age"), "") << "0.8 s: not a whole second";
  EXPECT_EQ(playlist("_HLS_msn=9&_HLS_part=9")->header("Age"), "");
  EXPECT_EQ(playlist()->header("Age"), "");
}

TEST_F(ReloadTest, a_player_that_slept_gets_the_newest) {
  put_parts(6, 4, 9);
  put_segments(7, 20);
  EXPECT_EQ(playlist("_HLS_msn=6&_HLS_part=4")->body(), playlist()->body());
}

TEST_F(ReloadTest, nonsense_is_refused_at_once) {
  for (const char* query : {"_HLS_part=1", "_HLS_msn=x", "_HLS_msn=-1", "_HLS_msn=", "_HLS_msn=6&_HLS_part=1.5",
                            "_HLS_msn=8", "_HLS_msn=9999999999999999999", "_HLS_skip=NO", "_HLS_msn=6&_HLS_part=19",
                            "_HLS_msn=7&_HLS_part=9", "_HLS_msn=5&_HLS_part=25"}) {
    const auto r = playlist(query);
    EXPECT_EQ(r->status(), 400) << query;
    EXPECT_EQ(r->header("Cache-Control"), "max-age=1") << query;
    EXPECT_NE(r->body().find("detail"), std::string::npos) << query;
  }
}

TEST_F(ReloadTest, two_segments_ahead_and_the_advance_limit_are_still_held) {
  for (const char* query : {"_HLS_msn=7", "_HLS_msn=6&_HLS_part=18", "_HLS_msn=7&_HLS_part=8"})
    EXPECT_FALSE(playlist(query)->answered()) << query;
}

TEST_F(ReloadTest, three_target_durations_of_waiting_end_in_503) {
  const auto r = playlist("_HLS_msn=6&_HLS_part=4");
  advance(Duration::millis(5999));
  EXPECT_FALSE(r->answered());
  advance(Duration::millis(1));
  EXPECT_EQ(r->status(), 503);
  EXPECT_EQ(r->header("Cache-Control"), "max-age=1");
}

TEST_F(ReloadTest, after_the_end_nothing_blocks) {
  const auto held = playlist("_HLS_msn=7");
  stream().ended = true;
  apply();
  advance(Duration::seconds(3));
  ASSERT_EQ(held->status(), 200);
  EXPECT_NE(held->body().find("ENDLIST"), std::string::npos);
  EXPECT_EQ(playlist("_HLS_msn=99&_HLS_part=3&_HLS_skip=YES")->body(), held->body());
}

TEST_F(ReloadTest, the_hinted_part_is_held_and_then_sent) {
  const auto hinted = ask(media_path("6.4.m4s"));
  EXPECT_FALSE(hinted->answered());
  EXPECT_EQ(ask(media_path("6.5.m4s"))->status(), 404) << "only the hinted one";
  put_parts(6, 4, 4);
  ASSERT_EQ(hinted->status(), 200);
  EXPECT_EQ(hinted->body(), make_part(34 * 18'000, 6, false));
  EXPECT_EQ(hinted->header("Cache-Control"), "max-age=604800, immutable");
}

TEST_F(ReloadTest, a_hinted_part_that_never_comes_is_404_when_its_segment_closes) {
  const auto hinted = ask(media_path("6.4.m4s"));
  ++epoch;
  put_init(1);
  EXPECT_EQ(hinted->status(), 404);
}

TEST_F(ReloadTest, too_many_waiting_requests_are_503_and_one_that_leaves_makes_room) {
  max_held = 2;
  begin();
  const auto a = playlist("_HLS_msn=6&_HLS_part=4"), b = ask(media_path("6.4.m4s"));
  EXPECT_EQ(playlist("_HLS_msn=6&_HLS_part=4")->status(), 503);
  EXPECT_EQ(playlist()->status(), 200) << "what need not wait is served";
  a->closed();
  const auto c = playlist("_HLS_msn=6&_HLS_part=4");
  EXPECT_FALSE(c->answered());
  put_parts(6, 4, 4);
  EXPECT_FALSE(a->answered());
  EXPECT_EQ(b->status(), 200);
  EXPECT_EQ(c->status(), 200);
}

TEST_F(ReloadTest, draining_answers_everyone_who_waits) {
  const auto r = playlist("_HLS_msn=6&_HLS_part=4");
  const auto status = ask("/live/demo/status.json?_v=7");
  origin->drain();
  EXPECT_EQ(r->status(), 503);
  EXPECT_EQ(status->status(), 200);
  EXPECT_EQ(playlist()->status(), 503);
}

TEST_F(OriginTest, the_first_playlist_is_held_three_seconds_and_no_longer) {
  const auto r = playlist();
  advance(Duration::millis(2999));
  EXPECT_FALSE(r->answered());
  advance(Duration::millis(1));
  EXPECT_EQ(r->status(), 503);
}

}  // namespace
}  // namespace footlight::hls
