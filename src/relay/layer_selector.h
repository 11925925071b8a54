#pragma once
#include <array>
#include <optional>
#include <span>

#include "relay/layer_meter.h"
#include "sdp/negotiate.h"

namespace footlight::relay {

// Which of a track's layers one receiver gets: the best that its path carries, no larger than it wishes, and alive. A
// pure decision, asked every 100 ms. Owned by a consumer. In: facts of the layers, the path's budget, the wish; out: a
// layer and how many of its temporal layers. Up only after the budget has covered the next one for a while, longer
// after each attempt that failed; down at once when the path falls behind. The caller waits for the key frame.
class LayerSelector {
 public:
  static constexpr size_t kMaxLayers = sdp::kMaxLayers;
  static constexpr uint8_t kAllTemporal = LayerFacts::kTemporal - 1;

  struct Wish {  // pixels; 0 by 0: no picture
    uint16_t width = 0;
    uint16_t height = 0;
  };
  struct Input {
    std::span<const LayerFacts> layers;  // at most kMaxLayers, in the publisher's order
    std::optional<size_t> current;       // being sent
    std::optional<DataRate> budget;      // nullopt: the path carries anything
    std::optional<Wish> wish;            // nullopt: the best
    bool lagging = false;                // packets wait for the path
  };
  struct Choice {
    std::optional<size_t> layer;      // nullopt: none is wished, or none is there
    uint8_t temporal = kAllTemporal;  // highest temporal id to send
  };

  [[nodiscard]] Choice choose(const Input& in, Timestamp now);
  // This layer was asked for a key frame and gave none: others first, for a while.
  void refuse(size_t layer, Timestamp now);
  // What the receiver would take if its path carried anything: what is worth probing for.
  [[nodiscard]] std::optional<size_t> wanted(const Input& in, Timestamp now) const;
  void reset() { *this = {}; }

 private:
  // Layers that may be chosen, the least first, none larger than wished.
  struct Ladder {
    std::array<size_t, kMaxLayers> layers{};
    size_t size = 0;
    [[nodiscard]] std::optional<size_t> rank_of(std::optional<size_t> layer) const;
  };
  [[nodiscard]] Ladder ladder(const Input& in, Timestamp now) const;
  [[nodiscard]] size_t by_budget(const Ladder& ladder, const Input& in, Timestamp now);
  [[nodiscard]] uint8_t temporal(const LayerFacts& layer, const Input& in, Timestamp now);
  void fell(Timestamp now);

  std::array<Timestamp, kMaxLayers> refused_until_{};
  std::optional<Timestamp> covered_since_;  // the budget covers the next layer up
  std::optional<Timestamp> over_since_;     // the budget does not cover the present one
  std::optional<Timestamp> rose_at_;
  Timestamp hold_until_{};  // not up before
  Duration hold_{};
  std::optional<size_t> temporal_of_;  // the layer that temporal_ is of
  uint8_t temporal_ = kAllTemporal;
  std::optional<Timestamp> temporal_covered_since_;
};

}  // namespace footlight::relay
