#include "codec/h264.h"

#include <gtest/gtest.h>

#include "base/text_codec.h"
#include "codec/h264_profile.h"
#include "codec/h264_sps.h"

namespace footlight::codec {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes hex(std::string_view text) { return from_hex(text).value(); }
Bytes copy(ByteView v) { return {v.begin(), v.end()}; }

std::vector<Bytes> nals_of(ByteView annex_b) {
  std::vector<Bytes> out;
  NalReader reader(annex_b);
  for (ByteView nal; reader.next(nal);) out.push_back(copy(nal));
  return out;
}

// What x264 writes for pictures of these sizes (Main, BT.709 limited).
constexpr std::string_view kSps640x360 = "674d401eda0280bfe5c05a808080a0000003002000000791e2c5d4";
constexpr std::string_view kSps1280x720 = "674d401fda014016ec05a808080a000003000200000300791e306540";
constexpr std::string_view kSps1920x1080 = "674d4028da01e0089f97016a02020280000003008000001e478c1950";
constexpr std::string_view kSps322x182 = "674d400dda05467889b016a0202028000003000800000301e478a155";
constexpr std::string_view kSpsHigh422Ten = "677a001eb6cd940a03db0110000003001000000303c0f162d960";
constexpr std::string_view kSpsInterlaced = "67640028acd94078044fde0220000003002000000783e2c5b2c0";
constexpr std::string_view kSpsFullRangeWithHrd =
    "6742c01ed900a03db016c8000003000800000301e302000493e000927d261803c58b92";

TEST(NalReader, start_codes_of_both_lengths_and_trailing_zeros_leave_only_the_units) {
  auto nals =
      nals_of(hex("0000000167420000010000"
                  "00016801020000000000"
                  "000106"));
  ASSERT_EQ(nals.size(), 3u);
  EXPECT_EQ(nals[0], hex("6742"));
  EXPECT_EQ(nals[1], hex("680102"));
  EXPECT_EQ(nals[2], hex("06"));
  EXPECT_TRUE(nals_of({}).empty());
  EXPECT_TRUE(nals_of(hex("6742001f")).empty()) << "without a start code it is no Annex B";
  EXPECT_TRUE(nals_of(hex("000001")).empty());
}

TEST(NalReader, every_truncation_gives_units_inside_the_bytes) {
  Bytes stream = hex("00000001674d401eda000003000161000001680102000001650aff000000010003");
  for (size_t n = 0; n <= stream.size(); ++n) {
    Bytes cut(stream.begin(), stream.begin() + static_cast<ptrdiff_t>(n));
    size_t total = 0;
    for (const Bytes& nal : nals_of(cut)) total += nal.size();
    EXPECT_LE(total, n);
  }
}

TEST(Slice, only_the_first_of_a_picture_opens_it) {
  EXPECT_TRUE(opens_picture(hex("65b800")));
  EXPECT_FALSE(opens_picture(hex("6540")));
  EXPECT_FALSE(opens_picture(hex("65")));
}

TEST(Sps, sizes_are_cropped_and_colour_is_read) {
  struct Case {
    std::string_view sps;
    int width;
    int height;
  };
  for (auto [text, width, height] : {Case{kSps640x360, 640, 360}, Case{kSps1280x720, 1280, 720},
                                     Case{kSps1920x1080, 1920, 1080}, Case{kSps322x182, 322, 182}}) {
    auto sps = Sps::parse(hex(text));
    ASSERT_TRUE(sps) << text;
    EXPECT_EQ(sps->width, width);
    EXPECT_EQ(sps->height, height);
    EXPECT_EQ(sps->profile_idc, 77);
    EXPECT_EQ(sps->colour, (VideoColour{false, 1, 1, 1}));
    EXPECT_EQ(sps->reorder_frames, 0u);
    EXPECT_FALSE(sps->interlaced);
  }
}

TEST(Sps, high_profiles_interlace_and_hrd_are_understood) {
  auto ten = Sps::parse(hex(kSpsHigh422Ten));
  ASSERT_TRUE(ten);
  EXPECT_EQ(ten->width, 640);
  EXPECT_EQ(ten->height, 480);
  EXPECT_EQ(ten->chroma_format_idc, 2);
  EXPECT_EQ(ten->bit_depth_luma, 10);
  auto interlaced = Sps::parse(hex(kSpsInterlaced));
  ASSERT_TRUE(interlaced);
  EXPECT_TRUE(interlaced->interlaced);
  EXPECT_EQ(interlaced->height, 1080);
  auto full = Sps::parse(hex(kSpsFullRangeWithHrd));
  ASSERT_TRUE(full);
  EXPECT_TRUE(full->colour.full_range);
  EXPECT_EQ(full->max_ref_frames, 3u);
}

TEST(Sps, every_truncation_is_refused_or_keeps_the_size) {
  for (std::string_view text : {kSps1280x720, kSpsHigh422Ten, kSpsFullRangeWithHrd}) {
    Bytes whole = hex(text);
    auto reference = Sps::parse(whole);
    ASSERT_TRUE(reference);
    for (size_t n = 0; n < whole.size(); ++n) {
      auto sps = Sps::parse(ByteView(whole).first(n));
      if (!sps) continue;  // a cut VUI is forgiven
      EXPECT_EQ(sps->width, reference->width) << n;
      EXPECT_EQ(sps->height, reference->height) << n;
    }
  }
  EXPECT_EQ(Sps::parse(hex("68ee3c80")).error(), SpsError::kNotSps);
  EXPECT_EQ(Sps::parse({}).error(), SpsError::kNotSps);
}

TEST(ProfileLevelId, names_are_those_of_rfc_6184_table_5) {
  auto profile = [](std::string_view text) { return ProfileLevelId::parse(text).value().profile(); };
  EXPECT_EQ(profile("42e01f"), H264Profile::kConstrainedBaseline);
  EXPECT_EQ(profile("42001f"), H264Profile::kBaseline);
  EXPECT_EQ(profile("4d001f"), H264Profile::kMain);
  EXPECT_EQ(profile("640c1f"), H264Profile::kConstrainedHigh);
  EXPECT_EQ(profile("640032"), H264Profile::kHigh);
  EXPECT_EQ(profile("f4001f"), H264Profile::kHigh444);
  EXPECT_EQ(profile("7a001e"), H264Profile::kOther);
  EXPECT_EQ(ProfileLevelId::parse("42E01f")->text(), "42e01f");
  for (auto bad : {"", "42e01", "42e01f0", "42e0xf"}) EXPECT_FALSE(ProfileLevelId::parse(bad)) << bad;
}

TEST(ProfileLevelId, a_receiver_that_decodes_more_is_nearer_than_one_that_decodes_less) {
  auto distance = [](std::string_view sent, std::string_view asked) {
    return profile_distance(ProfileLevelId::parse(sent).value(), ProfileLevelId::parse(asked).value());
  };
  EXPECT_EQ(distance("4d0020", "4d001f"), 0) << "levels do not count";
  EXPECT_LT(distance("4d001f", "64001f"), distance("4d001f", "42001f"));
  EXPECT_LT(distance("42e01f", "4d001f"), distance("42e01f", "64001f"));
  EXPECT_LT(distance("64001f", "4d001f"), distance("64001f", "42e01f"));
  EXPECT_LT(distance("64001f", "f4001f"), distance("64001f", "4d001f"));
  EXPECT_LT(distance("64001f", "42e01f"), distance("64001f", "7a001e")) << "what we know nothing of comes last";
  EXPECT_EQ(distance("7a001e", "7a0028"), 0);
}

}  // namespace
}  // namespace footlight::codec
