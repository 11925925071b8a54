#pragma once
// For hls/*_test.cc: an origin on a hand-turned clock with exchanges that record.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "fmp4/avc.h"
#include "fmp4/fragment_writer.h"
#include "fmp4/init_segment.h"
#include "hls/file_reader.h"
#include "hls/media_playlist.h"
#include "hls/origin.h"
#include "hls/rendition_log.h"
#include "http/server.h"

namespace footlight::hls {

class RecordingExchange final : public http::Exchange {
 public:
  void respond(http::Response r) override {
    EXPECT_FALSE(response) << "answered twice";
    response = std::move(r);
  }
  void start(http::Response) override { FAIL() << "the origin streams nothing"; }
  void write(std::string) override {}
  void finish() override {}
  void on_closed(std::function<void()> fn) override { closed = std::move(fn); }
  [[nodiscard]] bool answered() const { return response.has_value(); }
  [[nodiscard]] int status() const { return response ? response->status : 0; }
  [[nodiscard]] std::string body() const {
    if (!response) return "";
    return response->shared_body ? *response->shared_body : response->body;
  }
  [[nodiscard]] std::string header(std::string_view name) const {
    return response ? std::string(response->headers.get(name).value_or("")) : "";
  }
  std::optional<http::Response> response;
  std::function<void()> closed;
};
using RecordingPtr = std::shared_ptr<RecordingExchange>;

// Reads in the calling thread, at once.
class DirectFiles final : public FileReader {
 public:
  void read(std::filesystem::path path, uint64_t offset, uint64_t size, Done done) override {
    ++reads;
    done(read_file(path, offset, size));
  }
  void sync(std::filesystem::path) override { ++syncs; }
  int reads = 0, syncs = 0;
};

class TemporaryFolder {
 public:
  TemporaryFolder() : path(std::filesystem::temp_directory_path() / ("footlight-hls-" + random_id(9))) {
    std::filesystem::create_directories(path);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

// One part's bytes: `frames` pictures of 3000 ticks from `decode_time` on.
inline std::string make_part(uint64_t decode_time, int frames = 6, bool key = true, size_t frame_bytes = 40) {
  std::vector<uint8_t> data(frame_bytes, 0x55);
  std::vector<fmp4::Sample> samples(static_cast<size_t>(frames), {.data = data, .duration = 3000, .sync = false});
  samples.front().sync = key;
  const fmp4::TrackRun run{.track_id = fmp4::kVideoTrackId, .decode_time = decode_time, .samples = samples};
  std::vector<uint8_t> out;
  fmp4::write_fragment(1, {&run, 1}, out);
  return {out.begin(), out.end()};
}

inline std::string make_init() {
  const std::vector<uint8_t> sps = {0x67, 0x4d, 0x40, 0x1f, 0x96, 0x54};
  const std::vector<uint8_t> pps = {0x68, 0xee, 0x3c, 0x80};
  const std::vector<uint8_t> avcc = fmp4::build_avc_config(sps, pps);
  const std::vector<uint8_t> aac = {0x11, 0x90};
  const auto out = fmp4::build_init_segment({fmp4::VideoTrack{avcc, 1280, 720}, fmp4::AudioTrack{aac, 2, 128000}});
  return {out.begin(), out.end()};
}

class OriginTest : public ::testing::Test {
 protected:
  static constexpr int kPartsASegment = 10;
  static constexpr int64_t kPartUs = 200'000;

  OriginTest() {
    desired.generation = 1;
    desired.token_key = Secret("a key of the tests that is thirty-two");
    state::OriginStream stream;
    stream.id = "demo";
    stream.status = {7, "live", "broadcast", "relay-1"};
    stream.started = true;
    desired.streams.push_back(stream);
    begin();
  }
  // A new origin process on the same spool.
  void begin(bool with_desired = true) {
    origin.reset();
    OriginOptions options{.spool = folder.path / "spool", .incarnation = "test", .clock = &clock, .files = &files};
    options.max_held = max_held;
    origin = std::make_unique<Origin>(loop, options);
    ASSERT_TRUE(origin->open());
    if (with_desired) origin->apply(desired);
  }
  state::OriginStream& stream() { return desired.streams.front(); }
  void apply() {
    ++desired.generation;
    origin->apply(desired);
  }
  void advance(Duration d) {
    clock.advance(d);
    origin->tick();
  }

  RecordingPtr ask(std::string target, std::string method = "GET", http::Headers headers = {}) {
    auto exchange = std::make_shared<RecordingExchange>();
    http::Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.headers = std::move(headers);
    origin->handle_public(std::move(request), exchange);
    return exchange;
  }
  RecordingPtr playlist(const std::string& query = "") {
    return ask("/live/demo/720p/index.m3u8" + (query.empty() ? "" : "?" + query));
  }
  std::string media_path(const std::string& file) { return "/live/" + media_folder + file; }

  RecordingPtr put(std::string target, std::string body = {}, http::Headers headers = {}, std::string method = "PUT") {
    auto exchange = std::make_shared<RecordingExchange>();
    http::Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    request.headers = std::move(headers);
    origin->handle_ingest(std::move(request), exchange);
    EXPECT_TRUE(exchange->answered());
    return exchange;
  }
  http::Headers part_headers(int64_t msn, int part, bool last) {
    http::Headers h;
    const int64_t at_us = ((msn - 3) * kPartsASegment + part) * kPartUs;
    h.set("Footlight-Duration", fmt::format("{}", kPartUs));
    h.set("Footlight-Independent", part == 0 ? "1" : "0");
    h.set("Footlight-Date-Time", fmt::format("2026-11-22T15:{:02}:{:02}.{:06}Z", at_us / 60'000'000 % 60,
                                             at_us / 1'000'000 % 60, at_us % 1'000'000));
    h.set("Footlight-Init", fmt::format("{}", init));
    if (last) h.set("Footlight-Last", "1");
    return h;
  }
  RecordingPtr put_init(int64_t number) {
    init = number;
    return put(fmt::format("/ingest/demo/{}/720p/init/{}", epoch, number), make_init());
  }
  RecordingPtr put_part(int64_t msn, int part, std::string body = {}) {
    const auto decode_time = static_cast<uint64_t>(((msn - 3) * kPartsASegment + part) * 18'000);
    if (body.empty()) body = make_part(decode_time, 6, part == 0);
    return put(fmt::format("/ingest/demo/{}/720p/{}/{}", epoch, msn, part), std::move(body),
               part_headers(msn, part, part == kPartsASegment - 1));
  }
  // Parts [first, last] of one segment.
  void put_parts(int64_t msn, int first, int last) {
    for (int part = first; part <= last; ++part) ASSERT_EQ(put_part(msn, part)->status(), 204) << msn << "." << part;
  }
  // Whole segments [first, last].
  void put_segments(int64_t first, int64_t last) {
    for (int64_t msn = first; msn <= last; ++msn) put_parts(msn, 0, kPartsASegment - 1);
  }
  static int count(std::string_view text, std::string_view what) {
    int n = 0;
    for (size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++n;
    return n;
  }

  TemporaryFolder folder;
  ManualClock clock;
  http::Loop loop;
  DirectFiles files;
  size_t max_held = 10'000;
  std::string media_folder = "fe/demo/720p/";
  state::OriginDesired desired;
  std::unique_ptr<Origin> origin;
  uint64_t epoch = 1;
  int64_t init = 0;
};

}  // namespace footlight::hls
