#include "hls/ingest.h"

#include "hls/testing_origin.h"

namespace footlight::hls {
namespace {

class IngestTest : public OriginTest {
 protected:
  std::string where() { return put("/ingest/demo", "", {}, "GET")->body(); }
};

TEST_F(IngestTest, a_new_encoder_reads_where_to_go_on) {
  EXPECT_EQ(where(), R"({"epoch":0,"renditions":{"720p":{"next_msn":3,"next_part":0,"next_init":0}}})");
  put_init(0);
  put_parts(3, 0, 1);
  EXPECT_EQ(where(), R"({"epoch":1,"renditions":{"720p":{"next_msn":3,"next_part":2,"next_init":1}}})");
}

TEST_F(IngestTest, a_repeat_is_204_and_changes_nothing) {
  put_init(0);
  put_segments(3, 3);
  put_parts(4, 0, 1);
  const std::string before = playlist()->body();
  EXPECT_EQ(put_init(0)->status(), 204);
  EXPECT_EQ(put_part(3, 4)->status(), 204);
  EXPECT_EQ(put_part(4, 1)->status(), 204);
  EXPECT_EQ(playlist()->body(), before);
}

TEST_F(IngestTest, a_hole_is_409_with_the_expected_position) {
  put_init(0);
  put_parts(3, 0, 1);
  for (const auto& [msn, part] : {std::pair{3, 3}, {4, 0}, {5, 0}, {2, 0}}) {
    const auto r = put_part(msn, part);
    EXPECT_EQ(r->status(), 409) << msn << "." << part;
    EXPECT_EQ(r->body(), where());
  }
  EXPECT_EQ(put(fmt::format("/ingest/demo/1/720p/init/{}", 2), make_init())->status(), 409);
}

TEST_F(IngestTest, a_lower_epoch_is_412_and_stays_out) {
  epoch = 5;
  put_init(0);
  put_parts(3, 0, 1);
  epoch = 4;
  EXPECT_EQ(put_part(3, 2)->status(), 412);
  EXPECT_EQ(put("/ingest/demo/4/end")->status(), 412);
  epoch = 5;
  EXPECT_EQ(put_part(3, 2)->status(), 204);
  stream().min_epoch = 6;
  apply();
  EXPECT_EQ(put_part(3, 3)->status(), 412) << "control fences before the next encoder speaks";
  EXPECT_EQ(where(), R"({"epoch":6,"renditions":{"720p":{"next_msn":4,"next_part":0,"next_init":1}}})");
}

TEST_F(IngestTest, a_higher_epoch_closes_the_open_segment) {
  put_init(0);
  put_parts(3, 0, 1);
  epoch = 2;
  EXPECT_EQ(put_part(3, 2)->status(), 409) << "the open segment was the other encoder's";
  EXPECT_EQ(where(), R"({"epoch":2,"renditions":{"720p":{"next_msn":4,"next_part":0,"next_init":1}}})");
  EXPECT_EQ(put_init(1)->status(), 204);
  EXPECT_EQ(put_part(4, 0)->status(), 204);
}

TEST_F(IngestTest, a_part_of_another_encoders_segment_is_no_repeat) {
  put_init(0);
  put_segments(3, 3);
  epoch = 2;
  EXPECT_EQ(put_part(3, 4)->status(), 409);
}

TEST_F(IngestTest, an_unknown_or_unstarted_stream_is_404) {
  EXPECT_EQ(put("/ingest/other", "", {}, "GET")->status(), 404);
  EXPECT_EQ(put("/ingest/demo/1/1080p/3/0", make_part(0))->status(), 404);
  stream().started = false;
  apply();
  EXPECT_EQ(put("/ingest/demo", "", {}, "GET")->status(), 404);
}

TEST_F(IngestTest, after_the_end_nothing_is_taken) {
  put_init(0);
  put_parts(3, 0, 1);
  stream().ended = true;
  apply();
  EXPECT_EQ(put_part(3, 2)->status(), 204) << "the last parts may still come";
  advance(Duration::seconds(3));
  EXPECT_EQ(put_part(3, 3)->status(), 404);
  EXPECT_TRUE(origin->observed().streams.front().complete);
}

TEST_F(IngestTest, fields_are_checked_by_name) {
  put_init(0);
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"Footlight-Duration", "0"},
                                                                                    {"Footlight-Duration", "-5"},
                                                                                    {"Footlight-Duration", "99999999"},
                                                                                    {"Footlight-Date-Time", "today"},
                                                                                    {"Footlight-Init", ""},
                                                                                    {"Footlight-Independent", "yes"},
                                                                                    {"Footlight-Last", "2"}}) {
    http::Headers h = part_headers(3, 0, false);
    h.set(name, value);
    const auto r = put("/ingest/demo/1/720p/3/0", make_part(0), h);
    EXPECT_EQ(r->status(), 400) << name << "=" << value;
    EXPECT_NE(r->body().find(name), std::string::npos);
  }
}

TEST_F(IngestTest, a_body_that_is_no_part_is_422) {
  put_init(0);
  EXPECT_EQ(put_part(3, 0, "nonsense")->status(), 422);
  EXPECT_EQ(put_part(3, 0, make_part(0, 6, false))->status(), 422) << "a segment starts with an IDR";
  EXPECT_EQ(put_part(3, 0, make_part(0, 5))->status(), 422) << "its video is shorter than it says";
  put_parts(3, 0, 1);
  EXPECT_EQ(put_part(3, 2, make_part(18'000, 6, false))->status(), 422) << "back in time";
  EXPECT_EQ(put("/ingest/demo/1/720p/init/1", "moov?")->status(), 422);
  EXPECT_EQ(where(), R"({"epoch":1,"renditions":{"720p":{"next_msn":3,"next_part":2,"next_init":1}}})");
}

TEST_F(IngestTest, a_part_longer_than_part_target_is_422) {
  put_init(0);
  http::Headers h = part_headers(3, 0, false);
  h.set("Footlight-Duration", "233333");
  EXPECT_EQ(put("/ingest/demo/1/720p/3/0", make_part(0, 7), h)->status(), 422);
}

TEST_F(IngestTest, a_part_without_its_init_is_409) { EXPECT_EQ(put_part(3, 0)->status(), 409); }

TEST_F(IngestTest, a_full_disk_is_507_and_counted_and_takes_nothing_away) {
  put_init(0);
  put_parts(3, 0, 9);
  const std::string before = playlist()->body();
  const auto segment = folder.path / "spool" / media_folder / "4.m4s";
  std::filesystem::create_symlink("/dev/full", segment);
  EXPECT_EQ(put_part(4, 0)->status(), 507);
  EXPECT_EQ(put_part(4, 0)->status(), 507);
  EXPECT_EQ(playlist()->body(), before);
  EXPECT_NE(origin->observed().metrics.find("{reason=\"disk_full\"} 2\n"), std::string::npos);
  std::filesystem::remove(segment);
  EXPECT_EQ(put_part(4, 0)->status(), 204);
}

TEST(IngestPath, is_read_whole_or_not_at_all) {
  using Kind = IngestTarget::Kind;
  const auto part = parse_ingest_target("PUT", "/ingest/demo/4/720p/12/3");
  ASSERT_TRUE(part);
  EXPECT_EQ(part->kind, Kind::kPart);
  EXPECT_EQ(part->epoch, 4u);
  EXPECT_EQ(part->at, (Position{12, 3}));
  EXPECT_EQ(parse_ingest_target("PUT", "/ingest/demo/4/720p/12/gap")->kind, Kind::kGap);
  EXPECT_EQ(parse_ingest_target("PUT", "/ingest/demo/4/720p/init/0")->kind, Kind::kInit);
  EXPECT_EQ(parse_ingest_target("PUT", "/ingest/demo/4/end")->kind, Kind::kEnd);
  for (const char* bad : {"/ingest/", "/ingest/..", "/ingest/a/b", "/ingest/demo/04/end", "/ingest/demo/4/720p/12",
                          "/ingest/demo/4/../12/3", "/ingest/demo/4/720p/-1/3", "/ingest/demo/4/720p/1/3/5/6/7",
                          "/ingest/de%2Fmo/4/end", "/live/demo", "/ingest/demo/4/720p/1/3?x=1"})
    EXPECT_FALSE(parse_ingest_target("PUT", bad)) << bad;
  EXPECT_EQ(parse_ingest_target("GET", "/ingest/demo/4/end").error(), IngestFault::kMethod);
  EXPECT_EQ(parse_ingest_target("PUT", "/ingest/demo").error(), IngestFault::kMethod);
}

}  // namespace
}  // namespace footlight::hls
