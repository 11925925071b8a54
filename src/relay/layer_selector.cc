#include "relay/layer_selector.h"

#include <algorithm>

namespace footlight::relay {
namespace {

// Room above a layer's measured rate before it is begun: estimates waver by a tenth, key frames come on top.
constexpr double kUpRoom = 1.15;
constexpr Duration kUpAfter = Duration::seconds(1);
// A budget that is this far below the present layer leaves no doubt; a smaller lack may pass.
constexpr double kFarBelow = 0.85;
constexpr Duration kOverFor = Duration::millis(500);
// After a fall, the wait before the next attempt: doubled when the attempt before did not last.
constexpr Duration kMinHold = Duration::seconds(2);
constexpr Duration kMaxHold = Duration::seconds(32);
constexpr Duration kLasted = Duration::seconds(10);
constexpr Duration kRefusedFor = Duration::seconds(5);
// A layer that is silent for so long, and for several of its own pictures, is frozen when another one has gone on: a
// source drops its upper layers without a word. A still picture silences all of them.
constexpr Duration kFrozen = Duration::millis(500);

bool covers(double room, DataRate budget, int64_t bps) {
  return static_cast<double>(bps) * room <= static_cast<double>(budget.bps());
}

bool smaller(const LayerFacts& a, const LayerFacts& b) {
  const int64_t area_a = int64_t{a.size.width} * a.size.height;
  const int64_t area_b = int64_t{b.size.width} * b.size.height;
  return area_a > 0 && area_b > 0 && area_a != area_b ? area_a < area_b : a.whole() < b.whole();
}

// Two pictures of another layer since: the layers of one picture need not come in the same order each time.
bool frozen(const LayerFacts& layer, std::span<const LayerFacts> all) {
  if (layer.silence < std::max(kFrozen, layer.interval * LayerMeter::kMissed)) return false;
  return std::ranges::any_of(all, [&](const LayerFacts& other) { return other.before_newest < layer.silence; });
}

bool covers_wish(const LayerFacts& layer, const LayerSelector::Wish& wish) {
  return layer.size.width >= wish.width && layer.size.height >= wish.height;
}

}  // namespace

std::optional<size_t> LayerSelector::Ladder::rank_of(std::optional<size_t> layer) const {
  for (size_t i = 0; i < size; ++i)
    if (layers[i] == layer) return i;
  return std::nullopt;
}

LayerSelector::Ladder LayerSelector::ladder(const Input& in, Timestamp now) const {
  Ladder out;
  for (size_t i = 0; i < in.layers.size() && i < kMaxLayers; ++i) {
    const LayerFacts& layer = in.layers[i];
    const bool present = !frozen(layer, in.layers) && (layer.alive || in.current == i);
    if (present && now >= refused_until_[i]) out.layers[out.size++] = i;
  }
  std::sort(out.layers.begin(), out.layers.begin() + static_cast<ptrdiff_t>(out.size),
            [&](size_t a, size_t b) { return smaller(in.layers[a], in.layers[b]); });
  for (size_t i = 0; in.wish && i < out.size; ++i)
    if (covers_wish(in.layers[out.layers[i]], *in.wish)) out.size = i + 1;
  return out;
}

std::optional<size_t> LayerSelector::wanted(const Input& in, Timestamp now) const {
  if (in.wish && in.wish->width == 0 && in.wish->height == 0) return std::nullopt;
  const Ladder all = ladder(in, now);
  return all.size > 0 ? std::optional(all.layers[all.size - 1]) : std::nullopt;
}

LayerSelector::Choice LayerSelector::choose(const Input& in, Timestamp now) {
  if (in.wish && in.wish->width == 0 && in.wish->height == 0) return {std::nullopt, kAllTemporal};
  const Ladder all = ladder(in, now);
  if (all.size == 0) return {in.current, temporal_};
  Choice choice;
  choice.layer = all.layers[in.budget ? by_budget(all, in, now) : all.size - 1];
  choice.temporal = in.budget && in.current ? temporal(in.layers[*in.current], in, now) : kAllTemporal;
  return choice;
}

// The rank in the ladder to go to.
size_t LayerSelector::by_budget(const Ladder& all, const Input& in, Timestamp now) {
  auto rate = [&](size_t rank) { return in.layers[all.layers[rank]].whole(); };
  size_t fitting = 0;
  for (size_t i = 1; i < all.size; ++i)
    if (covers(1, *in.budget, rate(i))) fitting = i;
  const auto present = all.rank_of(in.current);
  if (!present) {  // at the beginning, or the present one is frozen or no longer wished
    covered_since_.reset();
    over_since_.reset();
    return fitting;
  }
  const bool over = !covers(1, *in.budget, rate(*present)) || in.lagging;
  if (!over) over_since_.reset();
  if (over && !over_since_) over_since_ = now;
  if (over && *present > 0) {
    covered_since_.reset();
    const bool surely = in.lagging || !covers(kFarBelow, *in.budget, rate(*present));
    if (!surely && now - *over_since_ < kOverFor) return *present;
    fell(now);
    return std::min(fitting, *present - 1);
  }
  const size_t next = *present + 1;
  if (next >= all.size || over || now < hold_until_ || !covers(kUpRoom, *in.budget, rate(next)) ||
      now - in.layers[all.layers[next]].alive_since < kUpAfter) {
    covered_since_.reset();
    return *present;
  }
  if (!covered_since_) covered_since_ = now;
  if (now - *covered_since_ < kUpAfter) return *present;
  rose_at_ = now;
  // Straight to the best that there is room for: each step costs a key frame.
  size_t best = next;
  for (size_t i = next + 1; i < all.size; ++i)
    if (covers(kUpRoom, *in.budget, rate(i))) best = i;
  return best;
}

void LayerSelector::fell(Timestamp now) {
  const bool failed = rose_at_ && now - *rose_at_ < kLasted;
  hold_ = failed ? std::clamp(hold_ * 2, kMinHold, kMaxHold) : kMinHold;
  hold_until_ = now + hold_;
  over_since_.reset();
}

// Leaving temporal layers out works at once, with no key frame: it bridges the way to a lower layer, and is all there
// is below the lowest. What the layer before had to leave out says nothing of the next one.
uint8_t LayerSelector::temporal(const LayerFacts& layer, const Input& in, Timestamp now) {
  if (temporal_of_ != in.current) {
    temporal_of_ = in.current;
    temporal_ = kAllTemporal;
    temporal_covered_since_.reset();
  }
  uint8_t fitting = 0;
  while (fitting < kAllTemporal && covers(1, *in.budget, layer.bps[fitting + 1u])) ++fitting;
  if (fitting < temporal_) {
    temporal_ = fitting;
    temporal_covered_since_.reset();
  } else if (fitting > temporal_ && covers(kUpRoom, *in.budget, layer.bps[temporal_ + 1u])) {
    if (!temporal_covered_since_) temporal_covered_since_ = now;
    if (now - *temporal_covered_since_ >= kUpAfter) {
      ++temporal_;
      temporal_covered_since_.reset();
    }
  } else {
    temporal_covered_since_.reset();
  }
  return temporal_;
}

void LayerSelector::refuse(size_t layer, Timestamp now) {
  if (layer < kMaxLayers) refused_until_[layer] = now + kRefusedFor;
}

}  // namespace footlight::relay
