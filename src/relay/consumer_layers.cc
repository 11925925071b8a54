// How a consumer chooses among the encodings of its track, and goes over from one to another.
#include "relay/consumer.h"

namespace footlight::relay {
namespace {

constexpr Duration kChoice = Duration::millis(100);
// Behind by this much, a lower layer is better.
constexpr Duration kLagging = Duration::millis(250);
// A layer that gives no key frame for so long is left alone: five requests of the governor's.
constexpr Duration kKeyFramePatience = Duration::millis(2500);
// A key frame that came just before it was wished for will do.
constexpr Duration kRecentKey = Duration::millis(100);
// What a path should carry before a layer is begun, and some: probes find out.
constexpr int64_t kWantedPercent = 125;

}  // namespace

void Consumer::on_wish(const rtp::rtcp::LayerWish& wish, Timestamp now) {
  wish_ = {wish.width, wish.height};
  if (producer_ && state_ != State::kIdle && kind() == media::Kind::kVideo) choose(now);
}

void Consumer::choose(Timestamp now) {
  next_choice_ = now + kChoice;
  std::array<LayerFacts, LayerSelector::kMaxLayers> facts;
  const size_t count = std::min(track_->layers.size(), facts.size());
  for (size_t i = 0; i < count; ++i) facts[i] = producer_at(i).facts(now);
  LayerSelector::Input in;
  in.layers = std::span(facts).first(count);
  if (begun()) in.current = layer_;
  if (path_) in.budget = budget_;
  in.wish = wish_;
  in.lagging = state_ == State::kLive && path_ && lag() > kLagging;
  const auto choice = selector_.choose(in, now);
  // A packet sent again in the same bytes must never have been left out in between.
  if (!parameters_.resend_plain) filter_.set_wanted(choice.temporal);
  const auto best = selector_.wanted(in, now);
  wanted_ = DataRate::bps(best ? facts[*best].whole() * kWantedPercent / 100 : 0);
  if (wish_ && wish_->width == 0 && wish_->height == 0) return pause();
  if (state_ == State::kPaused) {
    state_ = State::kWaiting;
    waiting_since_ = now;
  }
  if (choice.layer) return go_to(*choice.layer, now);
  for (size_t i = 0; i < count && !begun(); ++i)  // all are silent: the last picture of any
    if (producer_at(i).join_start()) return go_to(i, now);
}

void Consumer::pause() {
  if (state_ == State::kPaused) return;
  state_ = State::kPaused;
  skipping_ = false;
  target_.reset();
  mapping_.end();
}

void Consumer::go_to(size_t layer, Timestamp now) {
  if (begun()) {
    if (layer != layer_) return follow(layer, now);
    target_.reset();
    return;
  }
  if (layer == layer_) {  // nothing is sent as yet, and nothing comes of this one
    if (track_->layers.size() > 1 && now - waiting_since_ > kKeyFramePatience) {
      selector_.refuse(layer, now);
      waiting_since_ = now;
    }
    return;
  }
  layer_ = static_cast<uint8_t>(layer);
  producer_ = &producer_at(layer);
  incarnation_ = producer_->incarnation();
  waiting_since_ = now;
}

// The present encoding is sent on until the next one has a key frame.
void Consumer::follow(size_t layer, Timestamp now) {
  Producer& next = producer_at(layer);
  if (target_ != layer) {
    target_ = static_cast<uint8_t>(layer);
    target_since_ = now;
  } else if (now - target_since_ > kKeyFramePatience) {
    selector_.refuse(layer, now);
    target_.reset();
    return;
  }
  const bool recent = next.key_arrival() && *next.key_arrival() + kRecentKey >= target_since_;
  const bool nothing_comes = skipping_ || !producer_->facts(now).alive;
  const auto start = next.join_start();
  if (start && (recent || nothing_comes))
    begin(layer, *start, now);
  else
    next.request_key_frame(now);
}

}  // namespace footlight::relay
