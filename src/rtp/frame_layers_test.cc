#include "rtp/frame_layers.h"

#include <gtest/gtest.h>

#include "base/text_codec.h"

namespace footlight::rtp {
namespace {

std::vector<uint8_t> hex(std::string_view text) { return from_hex(text).value(); }

// c0 0001   start and end of a frame, template 0, frame number 1
// 80 0…     flags 10000: a structure follows; template_id_offset 000000; dt_cnt_minus_one 00001;
// …1b       layers 10 (next: a spatial one up), 11 (no more)
constexpr std::string_view kTwoLayers = "c000018001b0";

TEST(FrameLayers, a_structure_names_the_layers_of_the_packets_that_follow) {
  FrameLayers layers;
  auto key = layers.read(hex(kTwoLayers));
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->start && key->end);
  EXPECT_EQ(key->spatial_id, 0);
  auto upper = layers.read(hex("810002"));
  ASSERT_TRUE(upper);
  EXPECT_TRUE(upper->start && !upper->end);
  EXPECT_EQ(upper->spatial_id, 1);
  EXPECT_EQ(layers.read(hex("400003"))->spatial_id, 0);
  EXPECT_FALSE(layers.read(hex("450003"))->spatial_id) << "a template that is not there";
}

TEST(FrameLayers, temporal_layers_stay_in_their_spatial_one_and_an_offset_moves_the_ids) {
  FrameLayers layers;
  // Offset 000011 (3); layers 01 (temporal) 00 (the same) 10 (spatial) 01 (temporal) 11.
  // 10000 000011 00001 01 00 10 01 11
  ASSERT_TRUE(
      layers.read(hex("c300018061"
                      "49c0")));
  for (auto [id, spatial] : {std::pair{3, 0}, {4, 0}, {5, 0}, {6, 1}, {7, 1}}) {
    const std::array<uint8_t, 3> descriptor{static_cast<uint8_t>(id), 0, 2};
    EXPECT_EQ(layers.read(descriptor)->spatial_id, spatial) << id;
  }
}

TEST(FrameLayers, without_a_structure_no_layer_is_known_and_a_cut_one_changes_nothing) {
  FrameLayers layers;
  EXPECT_FALSE(layers.read(hex("c00001"))->spatial_id);
  const auto whole = hex(kTwoLayers);
  for (size_t size = 0; size < whole.size(); ++size) {
    auto place = layers.read(ByteView(whole).first(size));
    EXPECT_EQ(place.has_value(), size >= 3) << size;
    if (place) EXPECT_FALSE(place->spatial_id) << size;
  }
  ASSERT_TRUE(layers.read(whole));
  // Layers without an end.
  ASSERT_TRUE(layers.read(hex("c000018001" + std::string(40, '0'))));
  EXPECT_EQ(layers.read(hex("010002"))->spatial_id, 1) << "those of before";
}

}  // namespace
}  // namespace footlight::rtp
