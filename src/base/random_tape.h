#pragma once
#include <vector>

#include "base/bytes.h"

namespace footlight {

// What random_fill() gives one thread, kept while it runs or given again: a run with the same tape is the same run.
// Owned by whoever captures or replays; used on one thread, where at most one tape runs. A tape that has run out says
// so, and the kernel's randomness takes its place.
class RandomTape {
 public:
  enum class Mode { kRecord, kPlay };
  explicit RandomTape(Mode mode) : mode_(mode) {}
  ~RandomTape() { stop(); }
  RandomTape(const RandomTape&) = delete;
  RandomTape& operator=(const RandomTape&) = delete;

  // On the calling thread, from now until stop().
  void start();
  void stop();

  // Recorded since the last take().
  [[nodiscard]] std::vector<uint8_t> take();
  // To be played after what is left.
  void append(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  [[nodiscard]] bool ran_out() const { return ran_out_; }

  // For random_fill(): plays, or keeps what the kernel gave.
  [[nodiscard]] static RandomTape* running();
  [[nodiscard]] bool play(MutableByteView out);
  void keep(ByteView bytes);

 private:
  Mode mode_;
  std::vector<uint8_t> bytes_;
  size_t played_ = 0;
  bool ran_out_ = false;
};

}  // namespace footlight
