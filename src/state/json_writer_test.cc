#include "state/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "state/observed.h"

namespace footlight::state {
namespace {

std::string text_of(auto&& write) {
  std::string text;
  JsonWriter out(text);
  write(out);
  return text;
}

TEST(JsonWriter, objects_and_arrays_have_their_commas) {
  const std::string text = text_of([](JsonWriter& out) {
    out.begin_object();
    out.key("empty");
    out.begin_array();
    out.end_array();
    out.key("list");
    out.begin_array();
    out.value(1);
    out.begin_object();
    out.key("x");
    out.value(true);
    out.end_object();
    out.begin_object();
    out.end_object();
    out.end_array();
    out.key("raw");
    out.raw("[2]");
    out.key("last");
    out.value("z");
    out.end_object();
  });
  EXPECT_EQ(text, R"({"empty":[],"list":[1,{"x":true},{}],"raw":[2],"last":"z"})");
}

TEST(JsonWriter, every_byte_of_a_text_comes_back) {
  std::string all;
  for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);
  all += "ü€𝄞";
  EXPECT_EQ(nlohmann::json::parse(text_of([&](JsonWriter& out) { out.value(all); })).get<std::string>(), all);
}

TEST(JsonWriter, a_text_that_is_no_utf8_still_makes_a_document) {
  const std::string text = text_of([&](JsonWriter& out) { out.value("a\xff\"b\xc3"); });
  EXPECT_TRUE(is_utf8(text));
  EXPECT_EQ(nlohmann::json::parse(text).get<std::string>(), "a\xef\xbf\xbd\"b\xef\xbf\xbd");
}

TEST(JsonWriter, numbers_come_back_as_they_were) {
  for (const double v : {0.0, -1.5, 1e-9, 123456789.125, 1e300, 0.1})
    EXPECT_EQ(nlohmann::json::parse(text_of([&](JsonWriter& out) { out.value(v); })).get<double>(), v);
  for (const int64_t v : {INT64_MIN, int64_t{-1}, INT64_MAX})
    EXPECT_EQ(nlohmann::json::parse(text_of([&](JsonWriter& out) { out.value(v); })).get<int64_t>(), v);
  EXPECT_EQ(nlohmann::json::parse(text_of([&](JsonWriter& out) { out.value(UINT64_MAX); })).get<uint64_t>(),
            UINT64_MAX);
  EXPECT_EQ(text_of([&](JsonWriter& out) { out.value(std::nan("")); }), "null");
}

TEST(JsonWriter, a_relays_report_comes_back_whole) {
  RelayObserved o;
  o.incarnation = "i";
  o.applied_generation = 3;
  o.metrics = "# HELP a \"b\"\na 1\n";
  o.pipe_address = "127.0.0.1:9";
  TrackObserved track{.kind = "video", .codec = "vp8", .layer = "h", .state = "live", .bitrate_bps = 1, .packets = 2};
  track.lost = 3;
  track.loss_ratio = 0.25;
  track.fps = 29.97;
  track.b_frames = true;
  SessionObserved session{.id = "s", .kind = "subscribe", .stream = "p", .state = "ended", .end_reason = "taken_over"};
  session.media = {track, track};
  o.sessions = {session, session};
  o.links = {
      {.id = "l", .state = "silent", .remote = "", .streams = {{.stream = "p", .direction = "in", .media = {track}}}}};
  const auto back = parse_relay_observed(to_json(o));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->metrics, o.metrics);
  EXPECT_EQ(back->pipe_address, o.pipe_address);
  ASSERT_EQ(back->sessions.size(), 2U);
  EXPECT_EQ(back->sessions[1].end_reason, "taken_over");
  const TrackObserved& seen = back->sessions[1].media.at(1);
  EXPECT_EQ(seen.layer, "h");
  EXPECT_EQ(seen.loss_ratio, 0.25);
  EXPECT_EQ(seen.fps, 29.97);
  EXPECT_TRUE(seen.b_frames);
  EXPECT_EQ(seen.since_media_ms, -1);
  EXPECT_EQ(back->links.at(0).streams.at(0).media.at(0).lost, 3);
  EXPECT_TRUE(back->pipes.empty());
}

}  // namespace
}  // namespace footlight::state
