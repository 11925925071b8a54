// Which encoding of a source compose asks the relay for.
#include <gtest/gtest.h>

#include "compose/stage.h"
#include "compose/testing_presenter.h"

namespace footlight::compose {
namespace {

using testing::Presenter;
using testing::PresenterOptions;

constexpr Timestamp kStart = Timestamp::millis(100'000);
constexpr Duration kTick = Duration::millis(33);

// Two sources on a 1280x720 canvas, over a pipe without delay.
class Wishes : public ::testing::Test {
 protected:
  void apply(bool first_on_stage, bool second_on_stage) {
    std::vector<state::ComposeInput> inputs{first_.input("a", "one", 1), second_.input("b", "two", 2)};
    inputs[0].on_stage = first_on_stage;
    inputs[1].on_stage = second_on_stage;
    stage_.apply(feeds_.apply(inputs));
  }
  // Ticks and timers for so long; what was wished of the first and second source at last.
  void run(Duration time) {
    for (const Timestamp end = now_ + time; now_ < end; now_ = now_ + Duration::millis(5)) {
      first_.deliver(feeds_, now_);
      second_.deliver(feeds_, now_);
      if ((now_ - kStart).us() % kTick.us() < 5000) (void)stage_.compose(now_, WallTime::millis(0), kTick);
      std::vector<FeedbackWish> wishes;
      feeds_.on_timer(now_, wishes);
      for (const FeedbackWish& w : wishes) {
        if (!w.layer) continue;
        ++count_;
        (w.media == rtp::Ssrc(1001) ? wish_of_first_ : wish_of_second_) = *w.layer;
      }
    }
  }

  ManualClock clock_;
  Feeds feeds_{clock_};
  Stage stage_{1280, 720};
  Presenter first_{{.width = 640, .height = 480}, kStart};
  Presenter second_{{.video_ssrc = 2001, .audio_ssrc = 2002}, kStart};
  Timestamp now_ = kStart;
  int count_ = 0;
  std::optional<LayerSize> wish_of_first_, wish_of_second_;
};

TEST_F(Wishes, the_shown_source_is_asked_for_as_large_as_its_slot_and_one_off_stage_not_at_all) {
  apply(true, false);
  run(Duration::millis(50));
  EXPECT_EQ(wish_of_first_, (LayerSize{1280, 720})) << "its shape is not known yet";
  EXPECT_EQ(wish_of_second_, (LayerSize{0, 0}));
  run(Duration::millis(500));
  EXPECT_EQ(wish_of_first_, (LayerSize{960, 720})) << "4:3 on a canvas of 16:9";
}

TEST_F(Wishes, change_at_once_and_are_told_again_every_second) {
  apply(true, false);
  run(Duration::seconds(1));
  count_ = 0;
  run(Duration::seconds(4));
  EXPECT_NEAR(count_, 8, 2) << "two sources";
  apply(false, true);
  run(Duration::millis(40));
  EXPECT_EQ(wish_of_first_, (LayerSize{0, 0}));
  EXPECT_EQ(wish_of_second_, (LayerSize{1280, 720}));
}

TEST_F(Wishes, a_source_on_stage_that_is_not_shown_stays_ready_in_its_smallest_picture) {
  apply(true, true);
  run(Duration::seconds(1));
  EXPECT_EQ(wish_of_first_, (LayerSize{1, 1})) << "the other came later";
  EXPECT_EQ(wish_of_second_, (LayerSize{1280, 720}));
}

TEST_F(Wishes, what_was_left_when_a_source_went_off_stage_is_not_shown_when_it_is_back) {
  apply(true, false);
  const std::shared_ptr<Feed> feed = stage_.inputs()[0].feed;
  for (const Timestamp end = now_ + Duration::seconds(1); now_ < end; now_ = now_ + Duration::millis(5))
    first_.deliver(feeds_, now_);  // decoded, and nobody takes it
  EXPECT_FALSE(feed->take_picture(now_ + Duration::seconds(60), kTick));
}

TEST(Feeds, that_are_told_of_b_frames_later_go_on_with_what_they_have) {
  ManualClock clock;
  Feeds feeds(clock);
  std::vector<state::ComposeInput> inputs{Presenter({}, kStart).input("a", "one")};
  const auto before = feeds.apply(inputs);
  inputs[0].tracks[0].b_frames = true;
  EXPECT_EQ(feeds.apply(inputs)[0].feed, before[0].feed);
  inputs[0].tracks[0].ssrc = 7;
  EXPECT_NE(feeds.apply(inputs)[0].feed, before[0].feed);
}

}  // namespace
}  // namespace footlight::compose
