#include "hls/testing_origin.h"
#include "token/jwt.h"

namespace footlight::hls {
namespace {

TEST_F(OriginTest, before_live_the_playlist_is_404_for_a_second_and_status_is_there) {
  stream().started = false;
  stream().status.state = "draft";
  apply();
  for (const char* path : {"/live/demo/index.m3u8", "/live/demo/720p/index.m3u8", "/live/fe/demo/720p/3.m4s"}) {
    const auto r = ask(path);
    EXPECT_EQ(r->status(), 404) << path;
    EXPECT_EQ(r->header("Cache-Control"), "max-age=1") << path;
    EXPECT_EQ(r->header("Access-Control-Allow-Origin"), "*") << path;
  }
  EXPECT_EQ(ask("/live/demo/status.json")->body(),
            R"({"version":7,"state":"draft","session_type":"broadcast","relay_epoch":"relay-1"})");
}

TEST_F(OriginTest, going_live_answers_the_multivariant_playlist_within_a_second) {
  stream().started = false;
  apply();
  stream().started = true;
  apply();
  const auto r = ask("/live/demo/index.m3u8");
  put_init(0);
  EXPECT_EQ(r->status(), 200);
}

TEST_F(OriginTest, status_is_held_until_the_version_changes) {
  const auto held = ask("/live/demo/status.json?_v=7");
  EXPECT_FALSE(held->answered());
  EXPECT_TRUE(ask("/live/demo/status.json?_v=6")->answered()) << "another than the present one";
  stream().status = {8, "ended", "broadcast", "relay-1"};
  apply();
  EXPECT_EQ(held->body(), R"({"version":8,"state":"ended","session_type":"broadcast","relay_epoch":"relay-1"})");
}

TEST_F(OriginTest, status_without_a_change_is_answered_after_25_seconds) {
  const auto held = ask("/live/demo/status.json?_v=7");
  advance(Duration::millis(24'999));
  EXPECT_FALSE(held->answered());
  advance(Duration::millis(1));
  EXPECT_EQ(held->status(), 200);
  EXPECT_EQ(held->header("Cache-Control"), "max-age=0") << "else the next question is answered from a cache";
  EXPECT_EQ(ask("/live/demo/status.json?_v=abc")->status(), 400);
}

TEST_F(OriginTest, an_unknown_event_and_a_path_out_of_the_tree_are_404) {
  put_init(0);
  put_segments(3, 3);
  for (const char* path :
       {"/live/nothing/index.m3u8", "/live/nothing/status.json", "/live/", "/live/demo", "/",
        "/live/demo/480p/index.m3u8", "/live/fe/demo/720p/../journal", "/live/fe/demo/720p/journal",
        "/live/fe/demo/720p/%2e%2e%2fjournal", "/live/fe/demo/../720p/3.m4s", "/live/00/demo/720p/3.m4s",
        "/live/fe/demo/720p/03.m4s", "/live/fe/demo/720p/3.00.m4s", "/live/fe/demo/720p/init-9.mp4",
        "/live/fe/demo/720p/init-0.mp4.m4s", "/live/fe/demo/720p/9223372036854775808.m4s", "/live/fe/demo/720p/4.m4s",
        "/live/fe/demo/720p/3.10.m4s", "/live/%zz/index.m3u8"})
    EXPECT_EQ(ask(path)->status(), 404) << path;
  EXPECT_EQ(ask("/live/%64emo/index.m3u8")->status(), 200) << "the same path by RFC 3986";
}

TEST_F(OriginTest, only_get_head_and_options_are_answered) {
  const auto r = ask("/live/demo/index.m3u8", "POST");
  EXPECT_EQ(r->status(), 405);
  EXPECT_EQ(r->header("Allow"), "GET, HEAD, OPTIONS");
  const auto preflight = ask("/live/demo/720p/index.m3u8", "OPTIONS");
  EXPECT_EQ(preflight->status(), 204);
  EXPECT_EQ(preflight->header("Access-Control-Allow-Origin"), "*");
  EXPECT_NE(preflight->header("Access-Control-Allow-Headers").find("Range"), std::string::npos);
  put_init(0);
  EXPECT_EQ(ask("/live/demo/index.m3u8", "HEAD")->status(), 200);
}

TEST_F(OriginTest, media_are_immutable_and_parts_concatenate_to_their_segment) {
  put_init(0);
  put_segments(3, 3);
  const auto segment = ask(media_path("3.m4s"));
  EXPECT_EQ(segment->header("Content-Type"), "video/mp4");
  EXPECT_EQ(segment->header("Cache-Control"), "max-age=604800, immutable");
  std::string joined;
  for (int part = 0; part < 10; ++part) joined += ask(media_path(fmt::format("3.{}.m4s", part)))->body();
  EXPECT_EQ(joined, segment->body());
  EXPECT_EQ(ask(media_path("init-0.mp4"))->body(), make_init());
}

TEST_F(OriginTest, ranges_are_served_of_segments) {
  put_init(0);
  put_segments(3, 3);
  const std::string whole = ask(media_path("3.m4s"))->body();
  const auto ranged = [&](const std::string& range) {
    http::Headers h;
    h.set("Range", range);
    return ask(media_path("3.m4s"), "GET", h);
  };
  const auto head = ranged("bytes=0-99");
  EXPECT_EQ(head->status(), 206);
  EXPECT_EQ(head->body(), whole.substr(0, 100));
  EXPECT_EQ(head->header("Content-Range"), fmt::format("bytes 0-99/{}", whole.size()));
  EXPECT_EQ(ranged("bytes=100-")->body(), whole.substr(100));
  EXPECT_EQ(ranged("bytes=-7")->body(), whole.substr(whole.size() - 7));
  EXPECT_EQ(ranged("bytes=0-999999")->body(), whole);
  for (const char* odd : {"bytes=5-4", "bytes=a-b", "items=0-1", "bytes=0-1,3-4", "bytes=-", "bytes="})
    EXPECT_EQ(ranged(odd)->status(), 200) << odd;
  EXPECT_EQ(ranged("bytes=999999-")->status(), 416);
  EXPECT_EQ(ranged("bytes=999999-")->header("Content-Range"), fmt::format("bytes */{}", whole.size()));
}

TEST_F(OriginTest, playlists_are_gzipped_for_who_asks) {
  put_init(0);
  put_segments(3, 5);
  http::Headers h;
  h.set("Accept-Encoding", "br, gzip");
  const auto r = ask("/live/demo/720p/index.m3u8", "GET", h);
  EXPECT_EQ(r->header("Content-Encoding"), "gzip");
  EXPECT_EQ(r->header("Vary"), "Accept-Encoding");
  EXPECT_EQ(r->body().substr(0, 2), "\x1f\x8b");
  EXPECT_LT(r->body().size(), playlist()->body().size() / 3);
  EXPECT_EQ(ask("/live/demo/720p/index.m3u8", "GET", h)->body(), r->body());
  h.set("Accept-Encoding", "gzip;q=0");
  EXPECT_EQ(ask("/live/demo/720p/index.m3u8", "GET", h)->header("Content-Encoding"), "");
}

TEST_F(OriginTest, a_request_before_the_first_desired_state_waits_for_it) {
  begin(false);
  const auto early = ask("/live/demo/status.json");
  EXPECT_FALSE(early->answered());
  apply();
  EXPECT_EQ(early->status(), 200);
  begin(false);
  const auto never = ask("/live/demo/status.json");
  advance(Duration::seconds(5));
  EXPECT_EQ(never->status(), 503);
}

class TokenTest : public OriginTest {
 protected:
  TokenTest() {
    stream().token_required = true;
    apply();
    put_init(0);
    put_segments(3, 3);
  }
  std::string token(const std::string& event, const std::string& jti = "t1", Duration ttl = Duration::seconds(60)) {
    token::Claims claims{.jti = jti, .event = event, .role = token::Role::kViewer};
    claims.exp = clock.wall_now().unix_seconds() + ttl.us() / 1'000'000;
    return token::sign(claims, desired.token_key);
  }
};

TEST_F(TokenTest, without_a_good_token_it_is_401_and_with_anothers_403) {
  for (const char* path : {"/live/demo/index.m3u8", "/live/demo/720p/index.m3u8", "/live/fe/demo/720p/3.m4s",
                           "/live/fe/demo/720p/init-0.mp4", "/live/fe/demo/720p/3.0.m4s"}) {
    EXPECT_EQ(ask(path)->status(), 401) << path;
    EXPECT_EQ(ask(fmt::format("{}?token=nonsense", path))->status(), 401) << path;
    EXPECT_EQ(ask(fmt::format("{}?token={}", path, token("other")))->status(), 403) << path;
    EXPECT_EQ(ask(fmt::format("{}?token={}", path, token("demo")))->status(), 200) << path;
  }
  EXPECT_EQ(ask("/live/demo/index.m3u8?token=" + token("demo", "t1", Duration::seconds(-1)))->status(), 401);
  EXPECT_EQ(ask("/live/demo/status.json")->status(), 200) << "the same for all viewers";
}

TEST_F(TokenTest, playlists_carry_the_variable_and_equal_bytes_for_all) {
  const std::string a = ask("/live/demo/720p/index.m3u8?token=" + token("demo", "t1"))->body();
  EXPECT_EQ(a, ask("/live/demo/720p/index.m3u8?token=" + token("demo", "t2"))->body());
  EXPECT_TRUE(a.starts_with("#EXTM3U\n#EXT-X-VERSION:11\n#EXT-X-DEFINE:QUERYPARAM=\"token\"\n"));
  EXPECT_NE(a.find("URI=\"../../fe/demo/720p/3.0.m4s?token={$token}\""), std::string::npos);
  EXPECT_NE(a.find("init-0.mp4?token={$token}\""), std::string::npos);
  EXPECT_NE(a.find("\n../../fe/demo/720p/3.m4s?token={$token}\n"), std::string::npos);
  const std::string top = ask("/live/demo/index.m3u8?token=" + token("demo"))->body();
  EXPECT_NE(top.find("\n720p/index.m3u8?token={$token}\n"), std::string::npos);
  EXPECT_NE(top.find("#EXT-X-DEFINE:QUERYPARAM=\"token\"\n"), std::string::npos);
}

TEST_F(TokenTest, the_first_request_sets_a_cookie_that_serves_the_rest) {
  const std::string text = token("demo");
  const auto first = ask("/live/demo/index.m3u8?token=" + text);
  EXPECT_EQ(first->header("Set-Cookie"),
            "footlight_view_demo=" + text + "; Path=/live; Max-Age=60; HttpOnly; SameSite=Lax");
  http::Headers h;
  h.set("Cookie", "a=b; footlight_view_demo=" + text + "; c=d");
  const auto later = ask("/live/demo/720p/index.m3u8", "GET", h);
  EXPECT_EQ(later->status(), 200);
  EXPECT_EQ(later->header("Set-Cookie"), "");
  EXPECT_EQ(ask(media_path("3.m4s"), "GET", h)->status(), 200);
  EXPECT_EQ(ask("/live/demo/720p/index.m3u8?_HLS_msn=3&token=" + text)->header("Set-Cookie"), "")
      << "shared playlists stay cacheable";
}

TEST_F(TokenTest, a_player_without_define_plays_by_its_cookie) {
  http::Headers h;
  h.set("Cookie", "footlight_view_demo=" + token("demo"));
  for (const std::string& path :
       {std::string("/live/demo/720p/index.m3u8"), media_path("init-0.mp4"), media_path("3.m4s")})
    for (const char* verbatim : {"?token={$token}", "?token=%7B$token%7D", "?token=%7B%24token%7D"}) {
      EXPECT_EQ(ask(path + verbatim, "GET", h)->status(), 200) << path << verbatim;
      EXPECT_EQ(ask(path + verbatim)->status(), 401) << path << verbatim;
    }
}

TEST_F(TokenTest, a_revoked_token_is_401_at_once) {
  const std::string url = "/live/demo/720p/index.m3u8?token=" + token("demo", "t9");
  EXPECT_EQ(ask(url)->status(), 200);
  desired.revoked_tokens = {"t9"};
  apply();
  EXPECT_EQ(ask(url)->status(), 401);
  EXPECT_EQ(ask("/live/demo/720p/index.m3u8?token=" + token("demo", "t8"))->status(), 200);
}

TEST_F(OriginTest, a_public_event_ignores_tokens) {
  put_init(0);
  EXPECT_EQ(ask("/live/demo/index.m3u8?token=nonsense")->status(), 200);
  EXPECT_EQ(ask("/live/demo/index.m3u8?token=nonsense")->header("Set-Cookie"), "");
}

TEST_F(OriginTest, observed_state_and_metrics_tell_what_is_there) {
  put_init(0);
  put_segments(3, 3);
  put_parts(4, 0, 0);
  const auto observed = origin->observed();
  EXPECT_EQ(observed.incarnation, "test");
  EXPECT_EQ(observed.applied_generation, 1);
  ASSERT_EQ(observed.streams.size(), 1u);
  EXPECT_TRUE(observed.streams[0].has_media);
  EXPECT_FALSE(observed.streams[0].complete);
  EXPECT_EQ(observed.streams[0].next_msn, 4);
  EXPECT_GT(observed.streams[0].peak_bps, 0);
  EXPECT_NE(observed.metrics.find("\nfootlight_origin_ingest_parts_total 11\n"), std::string::npos);
  EXPECT_EQ(count(observed.metrics, "# TYPE footlight_origin_ingest_refused_total "), 1);
}

}  // namespace
}  // namespace footlight::hls
