#include "codec/vp9.h"

#include <gtest/gtest.h>

#include "base/text_codec.h"

namespace footlight::codec {
namespace {

std::optional<Vp9FrameHeader> parse(std::string_view hex) { return Vp9FrameHeader::parse(from_hex(hex).value()); }

// Chromium's 640x360 key frame: marker 2, profile 0, key, shown; sync code; BT.601 limited; sizes less one.
TEST(Vp9FrameHeader, captured_from_a_browser) {
  constexpr std::string_view kFrame = "824983420027f01676";
  auto header = parse(kFrame);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->profile, 0);
  EXPECT_TRUE(header->key);
  EXPECT_TRUE(header->shown);
  EXPECT_EQ(header->size, (PictureSize{640, 360}));
  for (size_t n = 0; n < kFrame.size() - 2; n += 2) EXPECT_FALSE(parse(kFrame.substr(0, n))) << n;
}

TEST(Vp9FrameHeader, other_frames_have_no_size) {
  auto inter = parse("86");
  ASSERT_TRUE(inter);
  EXPECT_FALSE(inter->key);
  EXPECT_TRUE(inter->shown);
  EXPECT_FALSE(inter->size);
  auto again = parse("88");
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->key) << "an old frame is shown again";
  EXPECT_FALSE(parse("42498342"));
  EXPECT_FALSE(parse("8249834300")) << "wrong sync code";
}

TEST(Vp9FrameHeader, profiles_with_more_bits_or_colour_are_read) {
  auto ten_bits = parse("924983420013f80b38");
  ASSERT_TRUE(ten_bits);
  EXPECT_EQ(ten_bits->profile, 2);
  EXPECT_EQ(ten_bits->size, (PictureSize{640, 360}));
  auto other_subsampling = parse("a24983420004fe02ce");
  ASSERT_TRUE(other_subsampling);
  EXPECT_EQ(other_subsampling->profile, 1);
  EXPECT_EQ(other_subsampling->size, (PictureSize{640, 360}));
}

}  // namespace
}  // namespace footlight::codec
