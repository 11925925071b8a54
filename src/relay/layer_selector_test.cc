// Which layer a receiver gets: budgets that rise and fall, wishes, layers that freeze or never answer.
#include "relay/layer_selector.h"

#include <gtest/gtest.h>

#include <vector>

namespace footlight::relay {
namespace {

constexpr Duration kFrame = Duration::millis(33);

struct LayerSelectorTest : testing::Test {
  LayerSelector selector;
  std::vector<LayerFacts> layers = {layer(150, 320, 180), layer(500, 640, 360), layer(1700, 1280, 720)};
  LayerSelector::Input in{};
  Timestamp now = Timestamp::millis(100'000);

  static LayerFacts layer(int64_t kbps, int width, int height) {
    LayerFacts facts;
    facts.alive = true;
    facts.silence = Duration::zero();
    facts.interval = kFrame;
    facts.size = {width, height};
    facts.bps = {kbps * 500, kbps * 750, kbps * 1000};
    return facts;
  }
  void die(size_t i) {
    layers[i].alive = false;
    layers[i].silence = Duration::seconds(2);
  }
  // Asks every 100 ms, and follows at once.
  LayerSelector::Choice run(std::optional<int64_t> kbps, Duration duration = Duration::millis(100)) {
    LayerSelector::Choice choice;
    for (Timestamp end = now + duration; now < end; now += Duration::millis(100)) {
      for (LayerFacts& facts : layers) facts.before_newest = facts.silence + std::max(kFrame, facts.interval);
      in.layers = layers;
      in.budget = kbps ? std::optional(DataRate::kbps(*kbps)) : std::nullopt;
      choice = selector.choose(in, now);
      in.current = choice.layer;
    }
    return choice;
  }
};

TEST_F(LayerSelectorTest, the_first_choice_is_the_best_that_the_path_carries) { EXPECT_EQ(run(1000).layer, 1u); }

TEST_F(LayerSelectorTest, the_lowest_is_sent_on_a_path_that_carries_none) {
  const auto choice = run(100, Duration::millis(300));
  EXPECT_EQ(choice.layer, 0u);
  EXPECT_EQ(choice.temporal, 0) << "and of it the base only";
}

TEST_F(LayerSelectorTest, it_rises_only_after_the_path_has_carried_the_next_layer_for_a_second) {
  run(300);
  EXPECT_EQ(run(550, Duration::seconds(5)).layer, 0u) << "no room above its rate";
  EXPECT_EQ(run(700, Duration::millis(900)).layer, 0u);
  EXPECT_EQ(run(700, Duration::millis(300)).layer, 1u);
}

TEST_F(LayerSelectorTest, a_budget_that_wavers_around_a_layer_does_not_flap) {
  run(600);
  int changes = 0;
  auto last = in.current;
  for (int i = 0; i < 300; ++i) {
    const auto choice = run(i % 3 == 0 ? 480 : 590);
    if (choice.layer != last) ++changes;
    last = choice.layer;
  }
  EXPECT_EQ(changes, 0);
}

TEST_F(LayerSelectorTest, it_falls_at_once_when_packets_wait_for_the_path) {
  run(2500);
  ASSERT_EQ(in.current, 2u);
  in.lagging = true;
  EXPECT_EQ(run(600).layer, 1u);
}

TEST_F(LayerSelectorTest, it_falls_at_once_far_below_and_after_half_a_second_just_below) {
  run(2500);
  EXPECT_EQ(run(1600, Duration::millis(400)).layer, 2u);
  EXPECT_EQ(run(1600, Duration::millis(300)).layer, 1u);
  EXPECT_EQ(run(300).layer, 0u);
}

TEST_F(LayerSelectorTest, each_attempt_that_fails_makes_the_next_one_wait_longer) {
  run(600);
  std::vector<int64_t> waits;
  for (int attempt = 0; attempt < 4; ++attempt) {
    const Timestamp from = now;
    while (run(2500).layer != 2u && now - from < Duration::seconds(60)) continue;
    waits.push_back((now - from).ms());
    run(600, Duration::millis(200));
    ASSERT_EQ(in.current, 1u);
  }
  EXPECT_LT(waits[0], 1500);
  EXPECT_LT(waits[1], waits[2]);
  EXPECT_LT(waits[2], waits[3]);
}

TEST_F(LayerSelectorTest, a_lower_layer_that_fits_comes_with_all_its_pictures) {
  run(2500, Duration::seconds(3));
  ASSERT_EQ(in.current, 2u);
  EXPECT_EQ(run(400).temporal, 0) << "of the one that is left";
  ASSERT_EQ(in.current, 0u);
  EXPECT_EQ(run(400).temporal, LayerSelector::kAllTemporal);
}

TEST_F(LayerSelectorTest, temporal_layers_go_before_a_picture_of_another_size_comes) {
  run(600);
  const auto choice = run(450, Duration::millis(200));
  EXPECT_EQ(choice.layer, 1u);
  EXPECT_EQ(choice.temporal, 1);
}

TEST_F(LayerSelectorTest, a_wish_is_met_by_the_smallest_layer_that_covers_it) {
  in.wish = {640, 360};
  EXPECT_EQ(run({}).layer, 1u);
  in.wish = {641, 100};
  EXPECT_EQ(run({}).layer, 2u);
  in.wish = {4000, 2000};
  EXPECT_EQ(run({}).layer, 2u);
  in.wish = {0, 0};
  EXPECT_FALSE(run({}).layer);
}

TEST_F(LayerSelectorTest, a_frozen_layer_is_left_and_all_silent_ones_are_a_still_picture) {
  run(2500);
  die(2);
  EXPECT_EQ(run(2500).layer, 1u);
  die(0);
  die(1);
  EXPECT_EQ(run(2500).layer, 1u);
}

TEST_F(LayerSelectorTest, a_layer_that_its_source_has_dropped_is_left_after_half_a_second) {
  run(2500);
  layers[2].silence = Duration::millis(400);
  EXPECT_EQ(run(2500).layer, 2u);
  layers[2].silence = Duration::millis(600);
  EXPECT_EQ(run(2500).layer, 1u);
  layers[0].silence = layers[1].silence = Duration::millis(600);
  EXPECT_EQ(run(2500).layer, 1u) << "a still picture";
}

TEST_F(LayerSelectorTest, a_one_fps_layer_beside_a_30_fps_one_is_not_frozen) {
  run(2500);
  layers[2].interval = Duration::seconds(1);
  layers[2].silence = Duration::millis(1400);
  EXPECT_EQ(run(2500).layer, 2u);
  layers[2].silence = Duration::seconds(3);
  EXPECT_EQ(run(2500).layer, 1u);
}

TEST_F(LayerSelectorTest, layers_of_a_slide_show_that_come_one_after_the_other_are_not_frozen) {
  run(2500);
  for (LayerFacts& facts : layers) {
    facts.silence = Duration::millis(700);
    facts.interval = Duration::millis(1000);
  }
  layers[0].silence = Duration::millis(20);
  EXPECT_EQ(run(2500).layer, 2u);
}

TEST_F(LayerSelectorTest, a_layer_without_a_key_frame_is_refused_for_a_while) {
  run(2500);
  selector.refuse(2, now);
  EXPECT_EQ(run(2500).layer, 1u);
  EXPECT_EQ(run(2500, Duration::seconds(8)).layer, 2u);
}

TEST_F(LayerSelectorTest, layers_of_unknown_size_are_told_apart_by_rate) {
  for (LayerFacts& facts : layers) facts.size = {};
  std::swap(layers[0], layers[2]);
  EXPECT_EQ(run({}).layer, 0u);
  EXPECT_EQ(run(200).layer, 2u);
}

}  // namespace
}  // namespace footlight::relay
