#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compose/canvas.h"
#include "compose/feeds.h"
#include "compose/test_source.h"
#include "compose/timeline.h"
#include "libav/picture.h"

namespace footlight::compose {

enum class InputState { kWaiting, kPlaying, kFrozen, kSlate };
[[nodiscard]] std::string_view name_of(InputState s);

// What the canvas shows, tick by tick: of the sources on stage the one with video that came last (layout `single`). A
// source without a new picture keeps its last one for kHold, then the slate stands in until the next picture comes.
// Owned by the Programme, on its thread; pictures come from feeds, one canvas picture goes out per tick.
class Stage {
 public:
  static constexpr Duration kHold = Duration::millis(1500);  // DESIGN §3

  Stage(int width, int height);
  void apply(std::vector<StageInput> inputs);
  // `due`: when the tick is due; `wall`: the same on the wall clock, for the test picture.
  [[nodiscard]] libav::Picture compose(Timestamp due, WallTime wall, Duration tick);
  [[nodiscard]] const std::vector<StageInput>& inputs() const { return inputs_; }
  [[nodiscard]] InputState state_of(const std::string& source) const;

 private:
  struct View {
    libav::Picture picture;              // the last one
    std::optional<Timestamp> new_since;  // when it came
    InputState state = InputState::kWaiting;
  };
  [[nodiscard]] const StageInput* chosen() const;
  void take_pictures(Timestamp due, Duration tick);
  void tell_slots(const StageInput* shown);
  [[nodiscard]] libav::Picture slate();
  [[nodiscard]] libav::Picture fitted(const libav::Picture& picture);

  int width_, height_;
  std::vector<StageInput> inputs_;
  std::map<std::string, View> views_;  // by source id
  CanvasPool pool_;
  std::unique_ptr<TestSource> test_;
  libav::Picture starting_slate_, away_slate_;
  bool anyone_seen_ = false;
  std::shared_ptr<const void> fitted_from_;  // the picture that fitted_ shows; kept, so that its address stays taken
  libav::Picture fitted_;
  libav::Picture shown_;                  // on the canvas now
  std::optional<Timestamp> shown_since_;  // last moment when it was a living picture
};

}  // namespace footlight::compose
