#include "codec/av1.h"

#include <gtest/gtest.h>

#include "base/text_codec.h"

namespace footlight::codec {
namespace {

// "0101 11" as bytes, the last one filled with zeros.
std::vector<uint8_t> bits(std::string_view text) {
  std::vector<uint8_t> out;
  size_t n = 0;
  for (char c : text) {
    if (c == ' ') continue;
    if (n % 8 == 0) out.push_back(0);
    if (c == '1') out.back() |= static_cast<uint8_t>(0x80 >> n % 8);
    ++n;
  }
  return out;
}

// Chromium's 640x360 sequence header (libaom): profile 0, one operating point at level 3.1, 10 and 9 bits of size.
TEST(Av1SequenceHeader, captured_from_a_browser) {
  const auto obu_bytes = from_hex("080000000cc4ff67006802").value();
  auto obu = Obu::parse(obu_bytes);
  ASSERT_TRUE(obu);
  EXPECT_EQ(obu->type, ObuType::kSequenceHeader);
  auto header = Av1SequenceHeader::parse(obu->payload);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->profile, 0);
  EXPECT_EQ(header->max_size, (PictureSize{640, 360}));
  constexpr size_t kSizesEnd = 7;  // of the payload; what follows is not asked for
  for (size_t n = 0; n < kSizesEnd; ++n) EXPECT_FALSE(Av1SequenceHeader::parse(obu->payload.first(n))) << n;
  EXPECT_TRUE(Av1SequenceHeader::parse(obu->payload.first(kSizesEnd)));
}

TEST(Av1SequenceHeader, timing_and_decoder_model_are_skipped) {
  const std::string zeros(32, '0');
  const auto payload = bits(
      "001 0 0"  // profile 1, no still picture
      "1" +
      zeros + zeros +
      "1 1"  // timing: equal pictures, uvlc 0
      "1 00011" +
      zeros +
      "00000 00000"                       // decoder model: delays of 4 bits
      "1 00000 000000000000 01000 1"      // display delay; one point, level 8 with tier
      "1 1111 0000 1 1 0101"              // its decoder model and display delay
      "1001 1000 1001111111 101100111");  // 640x360
  auto header = Av1SequenceHeader::parse(payload);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->profile, 1);
  EXPECT_EQ(header->max_size, (PictureSize{640, 360}));
  for (size_t n = 0; n < payload.size(); ++n) EXPECT_FALSE(Av1SequenceHeader::parse(ByteView(payload).first(n))) << n;
}

TEST(Av1SequenceHeader, a_reduced_one_has_only_its_level) {
  auto header = Av1SequenceHeader::parse(bits("000 1 1 00000 0111 0111 00001111 00000111"));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->max_size, (PictureSize{16, 8}));
}

TEST(Obu, header_extension_and_size) {
  const auto sized = from_hex("360802aabbcc").value();  // frame, extension, size 2
  auto obu = Obu::parse(sized);
  ASSERT_TRUE(obu);
  EXPECT_EQ(obu->type, ObuType::kFrame);
  EXPECT_EQ(obu->header.size(), 2u);
  EXPECT_EQ(obu->payload.size(), 2u) << "what follows is another OBU";
  EXPECT_FALSE(Obu::parse(ByteView(sized).first(4))) << "shorter than it says";
  EXPECT_FALSE(Obu::parse(from_hex("b000").value())) << "the forbidden bit";
  EXPECT_FALSE(Obu::parse(from_hex("34").value())) << "no extension byte";
  EXPECT_FALSE(Obu::parse({}));
}

TEST(Leb128, low_bits_come_first_and_eight_bytes_are_the_end) {
  auto read = [](std::string_view text) {
    const auto bytes = from_hex(text).value();
    ByteReader r(bytes);
    return read_leb128(r);
  };
  EXPECT_EQ(read("00"), 0u);
  EXPECT_EQ(read("e58e26"), 624485u);
  EXPECT_EQ(read("8180000000"), 1u) << "padded";
  EXPECT_EQ(read("ffffffff0f"), 0xffffffffu);
  EXPECT_FALSE(read("ffffffff1f")) << "33 bits";
  EXPECT_FALSE(read("8080808080808080")) << "no end";
  EXPECT_FALSE(read("80"));
}

TEST(Av1KeyFrame, is_told_by_the_first_bits_of_its_header) {
  auto opens = [](std::string_view text) {
    const auto bytes = from_hex(text).value();
    return opens_key_frame(*Obu::parse(bytes));
  };
  EXPECT_TRUE(opens("3010"));
  EXPECT_TRUE(opens("1810")) << "frame header alone";
  EXPECT_FALSE(opens("3030")) << "inter frame";
  EXPECT_FALSE(opens("3080")) << "an old frame is shown again";
  EXPECT_FALSE(opens("0800")) << "sequence header";
  EXPECT_FALSE(opens("30")) << "nothing yet";
}

}  // namespace
}  // namespace footlight::codec
