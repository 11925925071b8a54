#include "rtmp/chunk_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "base/text_codec.h"
#include "rtmp/chunk_writer.h"

namespace footlight::rtmp {
namespace {

using Bytes = std::vector<uint8_t>;

struct Got {
  MessageType type;
  uint32_t timestamp;
  uint32_t stream_id;
  Bytes payload;
};

// All messages of `bytes`, fed `step` bytes at a time.
Result<std::vector<Got>, ChunkError> read_all(ChunkReader& reader, ByteView bytes, size_t step) {
  std::vector<Got> out;
  while (!bytes.empty()) {
    ByteView piece = bytes.first(std::min(step, bytes.size()));
    bytes = bytes.subspan(piece.size());
    for (;;) {
      auto message = reader.read(piece);
      if (!message) return unexpected(message.error());
      if (!*message) break;
      const Message& m = **message;
      out.push_back({m.type, m.timestamp, m.stream_id, {m.payload.begin(), m.payload.end()}});
    }
  }
  return out;
}

Result<std::vector<Got>, ChunkError> read_hex(std::string hex) {
  std::erase(hex, ' ');
  ChunkReader reader;
  return read_all(reader, *from_hex(hex), 1);
}

TEST(ChunkReader, messages_come_whole_however_the_bytes_are_cut) {
  std::mt19937 random(7);
  ByteBuffer out;
  std::vector<Bytes> sent;
  for (size_t size : {0UL, 1UL, 127UL, 128UL, 129UL, 5000UL}) {
    Bytes payload(size);
    for (uint8_t& b : payload) b = static_cast<uint8_t>(random());
    write_message(out, 4, {MessageType::kVideo, static_cast<uint32_t>(size), 1, payload}, 128);
    sent.push_back(payload);
  }
  for (size_t step : {1UL, 3UL, 130UL, 100000UL}) {
    ChunkReader reader;
    auto got = read_all(reader, out.view(), step);
    ASSERT_TRUE(got);
    ASSERT_EQ(got->size(), sent.size());
    for (size_t i = 0; i < sent.size(); ++i) {
      EXPECT_EQ((*got)[i].payload, sent[i]);
      EXPECT_EQ((*got)[i].timestamp, sent[i].size());
      EXPECT_EQ((*got)[i].stream_id, 1U);
    }
    EXPECT_LE(reader.unfinished(), 5000U);
  }
}

TEST(ChunkReader, compressed_headers_add_their_delta) {
  // Type 0 at 1000; type 1, delta 20; type 2, delta 30; type 3 as a new message: delta 30 again.
  auto got = read_hex("040003e8 000001 09 01000000 aa  44000014 000001 08 bb  8400001e cc  c4 dd");
  ASSERT_TRUE(got);
  ASSERT_EQ(got->size(), 4U);
  EXPECT_EQ((*got)[1].type, MessageType::kAudio);
  EXPECT_EQ((*got)[1].stream_id, 1U) << "kept from the full header";
  EXPECT_EQ((*got)[1].timestamp, 1020U);
  EXPECT_EQ((*got)[2].timestamp, 1050U);
  EXPECT_EQ((*got)[3].timestamp, 1080U);
  EXPECT_EQ((*got)[3].payload, Bytes{0xdd});
}

TEST(ChunkReader, interleaved_chunk_streams_are_kept_apart) {
  ByteBuffer video, audio, mixed;
  Bytes picture(300, 0x11), sound(200, 0x22);
  write_message(video, 4, {MessageType::kVideo, 5, 1, picture}, 128);
  write_message(audio, 6, {MessageType::kAudio, 6, 1, sound}, 128);
  auto v = video.view(), a = audio.view();
  mixed.bytes(v.first(12 + 128));
  mixed.bytes(a.first(12 + 128));
  mixed.bytes(v.subspan(140, 129));
  mixed.bytes(a.subspan(140));
  mixed.bytes(v.subspan(269));
  ChunkReader reader;
  auto got = read_all(reader, mixed.view(), 50);
  ASSERT_TRUE(got);
  ASSERT_EQ(got->size(), 2U);
  EXPECT_EQ((*got)[0].payload, sound);
  EXPECT_EQ((*got)[1].payload, picture);
}

// 200 bytes in two chunks at timestamp 0x01000000, which needs the extended field.
Bytes extended(bool repeated) {
  ByteBuffer out;
  out.u8(4);
  out.u24(0xffffff);
  out.u24(200);
  out.u8(9);
  out.u32(0x01000000);  // message stream id 1, little-endian
  out.u32(0x01000000);
  for (uint8_t i = 0; i < 128; ++i) out.u8(i);
  out.u8(0xc4);
  if (repeated) out.u32(0x01000000);
  for (uint8_t i = 128; i < 200; ++i) out.u8(i);
  return out.take();
}

TEST(ChunkReader, an_extended_timestamp_may_be_repeated_in_continued_chunks_or_not) {
  for (bool repeated : {true, false})
    for (size_t step : {1UL, 1000UL}) {
      Bytes twice = extended(repeated);
      Bytes second = extended(repeated);
      twice.insert(twice.end(), second.begin(), second.end());
      ChunkReader reader;
      auto got = read_all(reader, twice, step);
      ASSERT_TRUE(got);
      ASSERT_EQ(got->size(), 2U) << repeated;
      for (const Got& g : *got) {
        EXPECT_EQ(g.timestamp, 0x01000000U);
        ASSERT_EQ(g.payload.size(), 200U);
        for (size_t i = 0; i < 200; ++i) ASSERT_EQ(g.payload[i], i) << repeated;
      }
    }
}

TEST(ChunkReader, chunk_sizes_are_obeyed_up_to_beyond_a_message) {
  ByteBuffer out;
  Bytes size = *from_hex("01000000");  // 16 MiB
  Bytes payload(10'000, 7);
  write_message(out, 2, {MessageType::kSetChunkSize, 0, 0, size}, 128);
  write_message(out, 4, {MessageType::kVideo, 0, 1, payload}, 1 << 24);
  ChunkReader reader;
  auto got = read_all(reader, out.view(), 999);
  ASSERT_TRUE(got);
  ASSERT_EQ(got->size(), 1U);
  EXPECT_EQ((*got)[0].payload, payload);
}

TEST(ChunkReader, an_aborted_message_is_forgotten) {
  ByteBuffer out, broken;
  Bytes payload(300, 1);
  write_message(broken, 4, {MessageType::kVideo, 0, 1, payload}, 128);
  out.bytes(broken.view().first(140));
  write_message(out, 2, {MessageType::kAbort, 0, 0, *from_hex("00000004")}, 128);
  write_message(out, 4, {MessageType::kVideo, 9, 1, payload}, 128);
  ChunkReader reader;
  auto got = read_all(reader, out.view(), 64);
  ASSERT_TRUE(got);
  ASSERT_EQ(got->size(), 1U);
  EXPECT_EQ((*got)[0].timestamp, 9U);
}

TEST(ChunkReader, every_breach_has_its_name) {
  auto error = [](std::string hex) {
    auto got = read_hex(hex);
    return got ? std::string_view("fine") : name_of(got.error());
  };
  EXPECT_EQ(error("02000000 000004 01 00000000 00000000"), name_of(ChunkError::kBadChunkSize));
  EXPECT_EQ(error("02000000 000004 01 00000000 80000000"), name_of(ChunkError::kBadChunkSize));
  EXPECT_EQ(error("04000000 ffffff 09 00000000"), name_of(ChunkError::kMessageTooLarge));
  EXPECT_EQ(error("c4"), name_of(ChunkError::kNoHeader));
  EXPECT_EQ(error("84000000"), name_of(ChunkError::kNoHeader));
  std::string begun = "04000000 0000ff 09 00000000" + std::string(256, 'a');
  EXPECT_EQ(error(begun + "04000000 000002 09 00000000"), name_of(ChunkError::kInterrupted));
  std::string many;
  for (int id = 3; id < 3 + 17; ++id) many += fmt::format("{:02x}000000 000001 09 00000000 aa ", id);
  EXPECT_EQ(error(many), name_of(ChunkError::kTooManyStreams));
}

TEST(ChunkReader, unfinished_messages_are_bounded_together) {
  ChunkReader reader;
  reader.set_max_message(ChunkReader::kMaxMessage);
  ByteBuffer out;
  for (uint8_t id = 3; id < 5; ++id) {
    out.u8(id);
    out.u24(0);
    out.u24(3 << 20);
    out.u8(9);
    out.u32(0);
    out.zeros(128);
  }
  auto got = read_all(reader, out.view(), 1000);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error(), ChunkError::kTooMuchUnfinished);
}

TEST(ChunkReader, two_and_three_byte_chunk_stream_ids_are_read) {
  ByteBuffer out;
  for (std::string_view head : {"0000", "010001"}) {
    out.bytes(*from_hex(head));
    out.bytes(*from_hex("0000000000010901000000aa"));
  }
  ChunkReader reader;
  auto got = read_all(reader, out.view(), 1);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->size(), 2U);
}

}  // namespace
}  // namespace footlight::rtmp
