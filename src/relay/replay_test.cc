// A session captured and given again.
#include "relay/replay.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/text_codec.h"
#include "relay/capture_file.h"
#include "relay/test_pipe_end.h"
#include "token/hmac.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace footlight::relay {
namespace {

using test::Network;
using test::Peer;
using test::PipeEnd;

struct Memory final : CaptureSink {
  void write(ByteView records) override { bytes.insert(bytes.end(), records.begin(), records.end()); }
  std::vector<uint8_t> bytes{kCaptureMagic.begin(), kCaptureMagic.end()};
};

// The document as text, but for the metrics, where refused datagrams are counted, too, and composes' addresses,
// which a capture does not hold.
std::string text_of(state::RelayObserved observed) {
  observed.metrics.clear();
  for (auto& pipe : observed.pipes) pipe.remote.clear();
  return state::to_json(observed);
}

struct ReplayTest : testing::Test {
  Memory memory;
  Capture capture{memory};
  Network network;

  ReplayTest() { network.core().capture_to(&capture, network.now()); }
  void stream(Peer& publisher, Duration duration) {
    for (int64_t i = 0; i < duration.us() * 30 / 1'000'000; ++i) {
      publisher.send_frame(i % 45 == 0);
      publisher.send_audio();
      if (i % 30 == 0) publisher.send_sender_reports();
      network.run(Duration::millis(33));
    }
  }
};

TEST_F(ReplayTest, an_hour_of_trouble_in_five_seconds_is_observed_again_as_it_was) {
  network.link = {.loss = 0.03, .delay = Duration::millis(20), .jitter = Duration::millis(8)};
  PipeEnd compose(network, "127.0.0.1:6000", "pipe");
  compose.desired.consume = {"cam"};
  compose.publish("programme");
  state::RelayDesired desired;
  desired.generation = 3;
  desired.pipes = {compose.desired};
  network.core().apply(desired, network.now());
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true, .video = "VP8", .ssrc_lines = false});
  ASSERT_TRUE(publisher.join("p", "cam"));
  ASSERT_TRUE(publisher.connect());
  std::vector<std::unique_ptr<Peer>> viewers;
  for (int i = 0; i < 3; ++i) {
    stream(publisher, Duration::seconds(1));
    viewers.push_back(
        std::make_unique<Peer>(network, fmt::format("10.0.1.{}:5000", i), test::PeerOptions{.video = "VP8"}));
    ASSERT_TRUE(viewers.back()->join(fmt::format("v{}", i), "cam"));
    ASSERT_TRUE(viewers.back()->connect());
    compose.send_frame(i == 0);
  }
  viewers[0]->close();
  viewers[1]->vanish();
  stream(publisher, Duration::seconds(1));
  network.core().delete_session("v1", network.now());
  stream(publisher, Duration::seconds(1));

  Replay replay(test::certificate());
  ASSERT_TRUE(replay.play(memory.bytes));
  EXPECT_TRUE(replay.exact());
  EXPECT_EQ(text_of(replay.observed(network.now())), text_of(network.core().observed(network.now())));
  const Counters& before = network.core().counters();
  const Counters& again = replay.counters();
  EXPECT_GT(before.nacks_out, 20u);
  EXPECT_GT(before.resends, 20u);
  EXPECT_EQ(again.packets_in, before.packets_in);
  EXPECT_EQ(again.packets_out, before.packets_out);
  EXPECT_EQ(again.bytes_out, before.bytes_out);
  EXPECT_EQ(again.nacks_out, before.nacks_out);
  EXPECT_EQ(again.resends, before.resends);
  EXPECT_EQ(again.plis_out, before.plis_out);
  EXPECT_EQ(again.rtcp_out, before.rtcp_out);
}

TEST_F(ReplayTest, encoders_by_rtmp_are_observed_again_as_they_were_and_their_keys_are_not_told) {
  const std::string digest = to_hex(token::sha256("a stream key"));
  PipeEnd compose(network, "127.0.0.1:6000", "pipe");
  compose.desired.consume = {"feed"};
  state::RelayDesired desired;
  desired.generation = 1;
  desired.pipes = {compose.desired};
  desired.rtmp_keys = {{digest, "feed"}};
  network.core().apply(desired, network.now());
  const std::vector<uint8_t> sps = *from_hex("67640aff");
  const std::vector<uint8_t> aac = *from_hex("1190");
  auto encode = [&](int pictures, Duration composition) {
    RtmpSession& session = **network.core().open_rtmp(Secret("a stream key"), network.now());
    auto tell = [&](const rtmp::Event& event) { network.core().on_rtmp(session, event, network.now()); };
    tell(rtmp::VideoConfig{sps});
    tell(rtmp::AudioConfig{*codec::AudioSpecificConfig::parse(aac), aac});
    const std::vector<uint8_t> sound(200, 0x21);
    for (int i = 0; i < pictures; ++i) {
      std::vector<uint8_t> picture(2500, 0x99);
      std::ranges::copy(std::array<uint8_t, 5>{0, 0, 0, 1, static_cast<uint8_t>(i % 25 == 0 ? 0x65 : 0x41)},
                        picture.begin());
      tell(rtmp::VideoFrame{Duration::millis(40 * i), Duration::millis(40 * i) + composition, i % 25 == 0, picture});
      tell(rtmp::AudioFrame{Duration::millis(40 * i), sound});
      network.run(Duration::millis(40));
    }
  };
  encode(40, Duration::zero());
  Peer viewer(network, "10.0.0.2:5000");
  ASSERT_TRUE(viewer.join("v", "feed"));
  ASSERT_TRUE(viewer.connect());
  encode(40, Duration::millis(80));  // another takes over, with B-frames
  desired.generation = 2;
  desired.rtmp_keys.clear();
  network.core().apply(desired, network.now());
  network.run(Duration::millis(500));

  Replay replay(test::certificate());
  ASSERT_TRUE(replay.play(memory.bytes));
  EXPECT_TRUE(replay.exact());
  const std::string before = text_of(network.core().observed(network.now()));
  EXPECT_NE(before.find("taken_over"), std::string::npos);
  EXPECT_NE(before.find("revoked"), std::string::npos);
  EXPECT_EQ(text_of(replay.observed(network.now())), before);
  EXPECT_EQ(replay.counters().packets_out, network.core().counters().packets_out);
  EXPECT_GT(replay.counters().packets_out, 300u);
  const std::string all(memory.bytes.begin(), memory.bytes.end());
  EXPECT_EQ(all.find(digest), std::string::npos);
  EXPECT_EQ(all.find("a stream key"), std::string::npos);
}

TEST_F(ReplayTest, a_viewer_that_moves_is_replayed_with_its_new_path) {
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true, .video = "VP8"});
  Peer viewer(network, "10.0.0.2:5000", {.video = "VP8"});
  viewer.gives_feedback = true;
  ASSERT_TRUE(publisher.join("p", "cam"));
  ASSERT_TRUE(publisher.connect());
  stream(publisher, Duration::millis(200));
  ASSERT_TRUE(viewer.join("v", "cam"));
  ASSERT_TRUE(viewer.connect());
  stream(publisher, Duration::seconds(3));
  const Counters before = network.core().counters();
  network.detach(viewer.at());
  stream(publisher, Duration::millis(700));
  viewer.move_to("10.77.0.1:40000");
  stream(publisher, Duration::seconds(2));
  EXPECT_GT(network.core().counters().resends_refused, before.resends_refused);

  Replay replay(test::certificate());
  ASSERT_TRUE(replay.play(memory.bytes));
  EXPECT_TRUE(replay.exact());
  EXPECT_EQ(text_of(replay.observed(network.now())), text_of(network.core().observed(network.now())));
  EXPECT_EQ(replay.counters().packets_out, network.core().counters().packets_out);
  EXPECT_EQ(replay.counters().plis_out, network.core().counters().plis_out);
}

TEST_F(ReplayTest, keys_of_pipes_are_not_in_a_capture) {
  PipeEnd compose(network, "127.0.0.1:6000", "pipe");
  state::RelayDesired desired;
  desired.pipes = {compose.desired};
  network.core().apply(desired, network.now());
  std::string text(memory.bytes.begin(), memory.bytes.end());
  EXPECT_NE(text.find("pipe"), std::string::npos);
  EXPECT_EQ(text.find(compose.desired.key.key.substr(0, 20)), std::string::npos);
}

TEST_F(ReplayTest, a_capture_cut_short_anywhere_is_played_as_far_as_it_goes_and_said_to_be_cut) {
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true});
  ASSERT_TRUE(publisher.join("p", "s"));
  ASSERT_TRUE(publisher.connect());
  publisher.send_frame(true, 2, 20);
  network.run(Duration::millis(20));
  std::vector<size_t> ends = {kCaptureMagic.size()};
  auto reader = CaptureReader::open(memory.bytes);
  CaptureRecord record;
  while (reader->next(record)) ends.push_back(ends.back() + 14 + record.id.size() + record.body.size());
  ASSERT_EQ(ends.back(), memory.bytes.size());
  for (size_t size = 0; size < memory.bytes.size(); ++size) {
    auto cut = CaptureReader::open(ByteView(memory.bytes).first(size));
    if (size < kCaptureMagic.size()) {
      EXPECT_FALSE(cut);
      continue;
    }
    while (cut->next(record)) {
    }
    EXPECT_EQ(cut->error().has_value(), std::ranges::find(ends, size) == ends.end()) << size;
  }
}

TEST(CaptureFile, holds_what_was_written_and_is_for_its_owner_only) {
  std::string path = "/tmp/footlight-capture-test-" + random_id(6);
  {
    auto file = CaptureFile::create(path);
    ASSERT_TRUE(file);
    Capture capture(**file);
    capture.begin();
    capture.note(CaptureKind::kTick, Timestamp::millis(5), "x", as_bytes("body"));
    static_cast<void>(random_u32());
    capture.end();
  }
  std::ifstream in(path, std::ios::binary);
  std::vector<uint8_t> bytes(std::istreambuf_iterator<char>(in), {});
  namespace fs = std::filesystem;
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  fs::remove(path);
  auto reader = CaptureReader::open(bytes);
  ASSERT_TRUE(reader);
  CaptureRecord record;
  ASSERT_TRUE(reader->next(record));
  EXPECT_EQ(record.kind, CaptureKind::kRandom);
  EXPECT_EQ(record.body.size(), 8u);
  ASSERT_TRUE(reader->next(record));
  EXPECT_EQ(record.kind, CaptureKind::kTick);
  EXPECT_EQ(record.at, Timestamp::millis(5));
  EXPECT_EQ(record.id, "x");
  EXPECT_EQ(as_text(record.body), "body");
  EXPECT_FALSE(reader->next(record));
  EXPECT_FALSE(reader->error());
}

TEST(CaptureReader, times_that_no_shard_had_are_refused_and_records_without_one_are_not) {
  const auto read = [](std::initializer_list<CaptureRecord> records) {
    std::vector<uint8_t> bytes(kCaptureMagic.begin(), kCaptureMagic.end());
    for (const CaptureRecord& record : records) append_record(bytes, record);
    auto reader = CaptureReader::open(bytes);
    CaptureRecord out;
    while (reader->next(out)) continue;
    return reader->error();
  };
  const Timestamp years = Timestamp::micros(int64_t{10} * 365 * 86'400'000'000);
  EXPECT_FALSE(read({{CaptureKind::kRandom, {}, {}, {}}, {CaptureKind::kTick, years, {}, {}}}));
  EXPECT_EQ(read({{CaptureKind::kTick, Timestamp::millis(1), {}, {}}, {CaptureKind::kTick, years, {}, {}}}),
            CaptureError::kBadTime);
  EXPECT_EQ(read({{CaptureKind::kTick, Timestamp::micros(int64_t{1} << 53), {}, {}}}), CaptureError::kBadTime);
}

TEST(CaptureFile, that_of_a_relay_which_died_is_kept_and_nobody_else_can_read_the_new_one) {
  namespace fs = std::filesystem;
  std::string path = "/tmp/footlight-capture-test-" + random_id(6);
  std::ofstream(path) << "of before";
  fs::permissions(path, fs::perms::all);
  {
    ASSERT_TRUE(CaptureFile::create(path));
  }
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::file_size(path), kCaptureMagic.size());
  EXPECT_EQ(fs::file_size(path + ".1"), 9u);
  fs::remove(path);
  fs::remove(path + ".1");
  EXPECT_FALSE(CaptureFile::create("/dev/null"));
}

TEST(CaptureFile, a_full_file_says_what_it_lost) {
  std::string path = "/tmp/footlight-capture-test-" + random_id(6);
  {
    auto file = CaptureFile::create(path, 100);
    ASSERT_TRUE(file);
    std::vector<uint8_t> record;
    append_record(record, {CaptureKind::kTick, {}, {}, {}});
    for (int i = 0; i < 10; ++i) (*file)->write(record);
  }
  std::ifstream in(path, std::ios::binary);
  std::vector<uint8_t> bytes(std::istreambuf_iterator<char>(in), {});
  std::filesystem::remove(path);
  EXPECT_LE(bytes.size(), 100u);
  auto reader = CaptureReader::open(bytes);
  ASSERT_TRUE(reader);
  uint64_t ticks = 0, lost = 0;
  for (CaptureRecord record; reader->next(record);) {
    uint64_t count = 0;
    if (record.kind == CaptureKind::kTick) ++ticks;
    if (record.kind == CaptureKind::kLost && ByteReader(record.body).read_u64(count)) lost += count;
  }
  EXPECT_FALSE(reader->error());
  EXPECT_EQ(ticks, 3u);
  EXPECT_EQ(lost, 7u);
}

TEST(CaptureFile, a_path_that_cannot_be_written_is_refused_by_its_key) {
  auto file = CaptureFile::create("/proc/nowhere/capture");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("debug.capture"), std::string::npos);
}

}  // namespace
}  // namespace footlight::relay
