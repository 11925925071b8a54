#include "compose/stage.h"

#include "compose/slate.h"

namespace footlight::compose {
namespace {

// Longer than the frame time of the slowest camera.
constexpr Duration kFrozenAfter = Duration::millis(400);

}  // namespace

std::string_view name_of(InputState s) {
  switch (s) {
    case InputState::kWaiting:
      return "waiting";
    case InputState::kPlaying:
      return "playing";
    case InputState::kFrozen:
      return "frozen";
    case InputState::kSlate:
      return "slate";
  }
  return "";
}

Stage::Stage(int width, int height) : width_(width), height_(height), pool_(width, height) {}

void Stage::apply(std::vector<StageInput> inputs) {
  inputs_ = std::move(inputs);
  std::map<std::string, View> kept;
  for (const StageInput& i : inputs_)
    if (auto view = views_.extract(i.wish.id)) kept.insert(std::move(view));
  views_ = std::move(kept);
}

const StageInput* Stage::chosen() const {
  const StageInput* last = nullptr;
  for (const StageInput& i : inputs_) {
    const View* view = nullptr;
    if (auto found = views_.find(i.wish.id); found != views_.end()) view = &found->second;
    // A source that lost its session stays chosen: its slate shows until it is back.
    const bool has_video = i.wish.kind == "test" || (i.feed && i.feed->has_video()) || (view && view->new_since);
    if (!i.wish.on_stage || !has_video) continue;
    if (!last || i.wish.on_stage_order >= last->wish.on_stage_order) last = &i;
  }
  return last;
}

void Stage::take_pictures(Timestamp due, Duration tick) {
  for (const StageInput& i : inputs_) {
    View& view = views_[i.wish.id];
    if (i.wish.kind == "test") {
      view.state = i.wish.on_stage ? InputState::kPlaying : InputState::kWaiting;
      continue;
    }
    if (i.feed && i.wish.on_stage) {
      if (auto picture = i.feed->take_picture(due, tick)) {
        view.picture = std::move(*picture);
        view.new_since = due;
      }
    }
    if (!view.new_since)
      view.state = InputState::kWaiting;
    else if (due - *view.new_since < kFrozenAfter)
      view.state = InputState::kPlaying;
    else
      view.state = due - *view.new_since < kHold ? InputState::kFrozen : InputState::kSlate;
    if (view.state == InputState::kSlate) view.picture = {};
  }
}

// The source that is shown fills the canvas as far as its shape allows. The others on stage are ready to be shown in
// the smallest picture that they have.
void Stage::tell_slots(const StageInput* shown) {
  for (const StageInput& i : inputs_) {
    if (!i.feed || !i.wish.on_stage) continue;
    if (&i != shown) {
      i.feed->set_slot({1, 1});
      continue;
    }
    const libav::Picture& picture = views_[i.wish.id].picture;
    const Rectangle slot =
        picture.empty() ? Rectangle{0, 0, width_, height_} : fit(picture.width, picture.height, width_, height_);
    i.feed->set_slot({static_cast<uint16_t>(slot.width), static_cast<uint16_t>(slot.height)});
  }
}

libav::Picture Stage::compose(Timestamp due, WallTime wall, Duration tick) {
  take_pictures(due, tick);
  const StageInput* input = chosen();
  tell_slots(input);
  if (input && input->wish.kind == "test") {
    if (!test_) test_ = std::make_unique<TestSource>(width_, height_);
    auto canvas = pool_.take();
    test_->draw(wall, *canvas);
    shown_ = share(std::move(canvas));
    shown_since_ = due;
    return shown_;
  }
  const View* view = input ? &views_[input->wish.id] : nullptr;
  if (view && !view->picture.empty()) {
    anyone_seen_ = true;
    shown_ = fitted(view->picture);
    shown_since_ = view->new_since;
    return shown_;
  }
  // Someone is about to be seen: what was shown stays for as long as a lost picture would.
  if (input && shown_since_ && due - *shown_since_ < kHold && !shown_.empty()) return shown_;
  shown_ = slate();
  shown_since_.reset();
  return shown_;
}

libav::Picture Stage::fitted(const libav::Picture& picture) {
  if (fitted_from_ == picture.storage && !fitted_.empty()) return fitted_;
  auto canvas = pool_.take();
  draw_fitted(picture, *canvas);
  fitted_from_ = picture.storage;
  fitted_ = share(std::move(canvas));
  return fitted_;
}

libav::Picture Stage::slate() {
  libav::Picture& slate = anyone_seen_ ? away_slate_ : starting_slate_;
  if (slate.empty()) slate = render_slate(width_, height_, anyone_seen_ ? kAwayText : kStartingText);
  return slate;
}

InputState Stage::state_of(const std::string& source) const {
  const auto found = views_.find(source);
  return found == views_.end() ? InputState::kWaiting : found->second.state;
}

}  // namespace footlight::compose
