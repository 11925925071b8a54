#include <gtest/gtest.h>

#include "base/text_codec.h"
#include "codec/aac.h"
#include "codec/bit_reader.h"
#include "codec/opus.h"
#include "codec/vp8.h"

namespace footlight::codec {
namespace {

using Bytes = std::vector<uint8_t>;
Bytes hex(std::string_view text) { return from_hex(text).value(); }

TEST(BitReader, reads_across_bytes_and_fails_at_the_end) {
  const Bytes raw = hex("a5f0");
  BitReader r(raw);
  uint32_t v = 0;
  ASSERT_TRUE(r.read(3, v));
  EXPECT_EQ(v, 5u);
  ASSERT_TRUE(r.read(9, v));
  EXPECT_EQ(v, 0x5fu);
  EXPECT_FALSE(r.read(5, v));
  EXPECT_EQ(v, 0x5fu);
  EXPECT_EQ(r.remaining(), 4u);
}

TEST(BitReader, exp_golomb_codes_are_those_of_the_standard) {
  // 1, 010, 011, 00100, 00101: 0 1 2 3 4
  const Bytes raw = hex("a64280");
  BitReader r(raw);
  for (uint32_t expected : {0u, 1u, 2u, 3u, 4u}) {
    uint32_t v = 99;
    ASSERT_TRUE(r.exp_golomb(v));
    EXPECT_EQ(v, expected);
  }
  BitReader s(raw);
  for (int32_t expected : {0, 1, -1, 2, -2}) {
    int32_t v = 99;
    ASSERT_TRUE(s.signed_exp_golomb(v));
    EXPECT_EQ(v, expected);
  }
  const Bytes zeros(16, 0);
  uint32_t v = 7;
  EXPECT_FALSE(BitReader(zeros).exp_golomb(v));
  EXPECT_EQ(v, 7u);
}

TEST(Opus, duration_follows_the_toc_byte) {
  auto samples = [](std::string_view text) {
    auto info = OpusPacketInfo::parse(hex(text));
    return info ? info->samples : -1;
  };
  EXPECT_EQ(samples("fc00"), 960) << "CELT full band 20 ms, one frame";
  EXPECT_EQ(samples("e0"), 120) << "CELT full band 2.5 ms";
  EXPECT_EQ(samples("08"), 960) << "SILK 20 ms";
  EXPECT_EQ(samples("7800"), 960) << "hybrid full band 20 ms";
  EXPECT_EQ(samples("fd00"), 1920) << "two frames of 20 ms";
  EXPECT_EQ(samples("ff06"), 5760) << "six frames of 20 ms";
  EXPECT_EQ(samples("ff07"), -1) << "140 ms is more than a packet may hold";
  EXPECT_EQ(samples("ff"), -1);
  EXPECT_EQ(samples("ff00"), -1);
  EXPECT_EQ(samples(""), -1);
  EXPECT_TRUE(OpusPacketInfo::parse(hex("fc"))->stereo);
  EXPECT_FALSE(OpusPacketInfo::parse(hex("f8"))->stereo);
}

TEST(Aac, the_usual_configurations_are_their_well_known_bytes) {
  EXPECT_EQ(AudioSpecificConfig::parse(hex("1190")), (AudioSpecificConfig{2, 48000, 2, 1024}));
  EXPECT_EQ(AudioSpecificConfig::parse(hex("1210")), (AudioSpecificConfig{2, 44100, 2, 1024}));
  EXPECT_EQ(AudioSpecificConfig::parse(hex("1208")), (AudioSpecificConfig{2, 44100, 1, 1024}));
  EXPECT_EQ(AudioSpecificConfig::parse(hex("121056e500")), (AudioSpecificConfig{2, 44100, 2, 1024})) << "ffmpeg's";
  EXPECT_EQ(AudioSpecificConfig::parse(hex("1194")), (AudioSpecificConfig{2, 48000, 2, 960}));
  // HE-AAC, signalled outright: SBR to 48 kHz on an LC core of 24 kHz.
  EXPECT_EQ(AudioSpecificConfig::parse(hex("2b118800")), (AudioSpecificConfig{2, 24000, 2, 1024, 48000}));
  EXPECT_EQ(AudioSpecificConfig::parse(hex("131056e598")), (AudioSpecificConfig{2, 24000, 2, 1024, 48000}));
  for (size_t n = 0; n < 3; ++n) EXPECT_FALSE(AudioSpecificConfig::parse(ByteView(hex("2b118800")).first(n))) << n;
  EXPECT_FALSE(AudioSpecificConfig::parse(hex("1180"))) << "no channels";
  EXPECT_FALSE(AudioSpecificConfig::parse(hex("1700"))) << "reserved sample rate";
}

TEST(Vp8, a_key_frame_tells_its_size) {
  // libvpx, 160x96: key, shown, first partition, start code, 0x00a0 x 0x0060
  auto key = Vp8FrameHeader::parse(hex("d00c009d012aa0006000"));
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->key);
  EXPECT_TRUE(key->shown);
  EXPECT_EQ(key->width, 160);
  EXPECT_EQ(key->height, 96);
  auto delta = Vp8FrameHeader::parse(hex("d10200"));
  ASSERT_TRUE(delta);
  EXPECT_FALSE(delta->key);
  EXPECT_FALSE(Vp8FrameHeader::parse(hex("d00c009d012ba0006000"))) << "wrong start code";
  Bytes whole = hex("d00c009d012aa0006000");
  for (size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(Vp8FrameHeader::parse(ByteView(whole).first(n)));
}

}  // namespace
}  // namespace footlight::codec
