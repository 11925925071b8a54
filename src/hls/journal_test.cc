#include "hls/journal.h"

#include <gtest/gtest.h>

#include <fstream>

#include "hls/testing_origin.h"
#include "hls/timeline.h"

namespace footlight::hls {
namespace {

const std::vector<Record> kEachKind = {
    BaseRecord{1, 2, 3, 4, 5, 6, 7},
    TimingRecord{200'000, 2'000'000, 10},
    EpochRecord{9},
    InitRecord{2, 700},
    PartRecord{4, 0, 51'234, 200'000, 1'700'000'000'000'000, 2, true, false},
    GapRecord{5, 2'000'000},
    SegmentRecord{6, 9, 400'000, 2'000'000, 1'700'000'002'000'000, 2, true, false, true, true},
    TableRecord{40'000, 200'000, true, false},
    DiscontinuityRecord{},
    LostRecord{6},
    TrimRecord{5},
    EndRecord{},
    ReopenRecord{},
};

TEST(Journal, every_record_comes_back_as_it_was_written) {
  for (const Record& record : kEachKind) {
    const auto back = decode(encode(record));
    ASSERT_TRUE(back) << encode(record);
    EXPECT_EQ(*back, record) << encode(record);
  }
  EXPECT_EQ(encode(GapRecord{5, 2'000'000}), "G 5 2000000 *f10149a5\n");
}

TEST(Journal, a_line_that_was_touched_anywhere_is_no_record) {
  for (const Record& record : kEachKind) {
    const std::string line = encode(record);
    for (size_t i = 0; i < line.size(); ++i) {
      EXPECT_FALSE(decode(line.substr(0, i)));
      std::string bad = line;
      bad[i] = static_cast<char>(bad[i] ^ 1);
      EXPECT_FALSE(decode(bad)) << bad;
    }
    EXPECT_FALSE(decode(line + "\n"));
  }
}

TEST(Journal, a_torn_tail_is_dropped_and_written_over) {
  TemporaryFolder folder;
  const auto path = folder.path / "journal";
  std::string text;
  for (const Record& record : kEachKind) text += encode(record);
  for (size_t cut = 0; cut <= text.size(); cut += 7) {
    std::ofstream(path, std::ios::trunc) << text.substr(0, cut);
    Journal journal(path);
    const auto before = journal.open();
    ASSERT_TRUE(before);
    ASSERT_TRUE(journal.append(EpochRecord{77}));
    Journal again(path);
    const auto after = again.open();
    ASSERT_TRUE(after);
    ASSERT_EQ(after->size(), before->size() + 1);
    EXPECT_EQ(after->back(), Record(EpochRecord{77}));
  }
}

// The proof of the journal: an origin that dies at any byte of it serves a playlist that it served before.
TEST_F(OriginTest, a_restart_at_every_byte_of_the_journal_serves_a_playlist_that_was_served) {
  std::vector<std::string> served;
  const auto newest = [&] {
    const auto r = playlist();
    if (!r->answered()) advance(Duration::seconds(3));  // the beginning is held
    return r;
  };
  const auto note = [&] {
    const auto r = newest();
    if (r->status() == 200) served.push_back(r->body());
  };
  put_init(0);
  for (int part = 0; part < 10; ++part) {
    put_parts(3, part, part);
    note();
  }
  put_parts(4, 0, 0);
  note();
  put_parts(4, 1, 1);
  note();
  epoch = 2;
  put_init(1);
  note();
  put_parts(5, 0, 0);
  note();
  put_parts(5, 1, 1);
  note();
  const auto journal = folder.path / "spool" / media_folder / "journal";
  std::ifstream in(journal);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  for (size_t cut = text.find("\nP"); cut <= text.size(); ++cut) {
    origin.reset();
    std::ofstream(journal, std::ios::trunc) << text.substr(0, cut);
    begin();
    const auto r = newest();
    if (r->status() != 200) continue;  // before the first part
    EXPECT_NE(std::ranges::find(served, r->body()), served.end()) << "cut at " << cut << "\n" << r->body();
  }
}

TEST_F(OriginTest, a_restarted_origin_goes_on_where_it_was) {
  put_init(0);
  put_segments(3, 5);
  put_parts(6, 0, 3);
  const std::string before = playlist()->body();
  const std::string segment = ask(media_path("4.m4s"))->body(), part = ask(media_path("6.2.m4s"))->body();
  begin();
  EXPECT_EQ(playlist()->body(), before);
  EXPECT_EQ(ask(media_path("4.m4s"))->body(), segment) << "from the disk now";
  EXPECT_EQ(ask(media_path("6.2.m4s"))->body(), part);
  EXPECT_EQ(ask(media_path("init-0.mp4"))->body(), make_init());
  EXPECT_GE(files.reads, 2);
  EXPECT_EQ(put_part(6, 3)->status(), 204) << "a repeat, as its answer may have been lost";
  put_parts(6, 4, 9);
  EXPECT_EQ(ask(media_path("6.m4s"))->body().size(), 10 * part.size());
}

TEST_F(OriginTest, another_part_length_after_a_restart_is_a_discontinuity) {
  put_init(0);
  put_segments(3, 6);
  put_parts(7, 0, 2);
  stream().timing.part_ms = 400;
  begin();
  const std::string text = playlist()->body();
  EXPECT_NE(text.find("PART-TARGET=0.4\n"), std::string::npos);
  EXPECT_EQ(text.find("EXT-X-PART:"), std::string::npos) << "shorter parts may not be listed under it";
  epoch = 2;
  put_init(1);
  http::Headers h = part_headers(8, 0, false);
  h.set("Footlight-Duration", "400000");
  EXPECT_EQ(put("/ingest/demo/2/720p/8/0", make_part(5 * 180'000, 12), h)->status(), 204);
  EXPECT_NE(playlist()->body().find("/7.m4s\n#EXT-X-DISCONTINUITY\n"), std::string::npos);
}

TEST_F(OriginTest, a_segment_whose_bytes_a_power_cut_took_is_a_gap) {
  put_init(0);
  put_segments(3, 6);
  origin.reset();
  std::filesystem::resize_file(folder.path / "spool" / media_folder / "6.m4s", 100);
  begin();
  EXPECT_NE(playlist()->body().find("#EXT-X-GAP\n#EXTINF:2.0,\n../../fe/demo/720p/6.m4s\n"), std::string::npos);
  put_parts(7, 0, 0);
}

TEST_F(OriginTest, compaction_changes_no_byte_of_any_playlist) {
  put_init(0);
  put_segments(3, 20);
  epoch = 2;
  put_init(1);
  put_segments(21, 45);
  put_parts(46, 0, 4);
  const std::string before = playlist()->body();
  const std::string at = playlist("_HLS_msn=45&_HLS_part=3&_HLS_skip=YES")->body();
  // Ending rewrites the journal; going on again shows the open tail is what the records say.
  RenditionLog log(folder.path / "spool" / media_folder, files);
  ASSERT_TRUE(log.open());
  Timeline copy;
  for (const Record& record : log.timeline().snapshot()) ASSERT_TRUE(copy.apply(record));
  EXPECT_EQ(build_media_playlist(copy, {"../../" + media_folder, 14'400'000'000, true, false}, std::nullopt, false),
            before);
  EXPECT_EQ(build_media_playlist(copy, {"../../" + media_folder, 14'400'000'000, true, false}, Position{45, 3}, true),
            at);
  EXPECT_EQ(copy.next(), log.timeline().next());
  EXPECT_EQ(copy.total_bytes(), log.timeline().total_bytes());
  EXPECT_EQ(copy.next_init(), log.timeline().next_init());
  EXPECT_EQ(copy.epoch(), log.timeline().epoch());
}

TEST_F(OriginTest, a_removed_event_leaves_only_its_numbering_behind) {
  put_init(0);
  put_segments(3, 5);
  const auto spool = folder.path / "spool" / media_folder;
  const auto streams = std::exchange(desired.streams, {});
  apply();
  EXPECT_EQ(playlist()->status(), 404);
  advance(Duration::seconds(29));
  EXPECT_TRUE(std::filesystem::exists(spool / "3.m4s")) << "control may have stumbled";
  advance(Duration::seconds(1));
  EXPECT_FALSE(std::filesystem::exists(spool / "3.m4s"));
  desired.streams = streams;
  apply();
  EXPECT_EQ(put("/ingest/demo", "", {}, "GET")->body(),
            R"({"epoch":1,"renditions":{"720p":{"next_msn":9,"next_part":0,"next_init":1}}})")
      << "three more for the gaps before it";
  EXPECT_EQ(put_init(1)->status(), 204);
  put_parts(9, 0, 3);
  EXPECT_NE(playlist()->body().find("#EXT-X-MEDIA-SEQUENCE:6\n"), std::string::npos);
  EXPECT_EQ(ask(media_path("4.m4s"))->status(), 404);
}

TEST_F(OriginTest, without_keep_the_spool_forgets_what_nobody_can_still_be_told_of) {
  stream().keep = false;
  stream().window_s = 10;
  apply();
  put_init(0);
  put_segments(3, 30);
  const auto spool = folder.path / "spool" / media_folder;
  // Twice the window and two segments behind the edge.
  EXPECT_FALSE(std::filesystem::exists(spool / "17.m4s"));
  EXPECT_EQ(ask(media_path("17.m4s"))->status(), 404);
  EXPECT_EQ(ask(media_path("19.m4s"))->status(), 200);
  const std::string before = playlist()->body();
  begin();
  EXPECT_EQ(playlist()->body(), before);
}

}  // namespace
}  // namespace footlight::hls
