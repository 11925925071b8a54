#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

struct OpusEncoder;

namespace footlight::compose {

// The programme's sound for WHEP: libopus, stereo, 20 ms, 96 kbit/s, in-band FEC. Owned by the Programme, on its
// thread.
class OpusPacker {
 public:
  OpusPacker();
  ~OpusPacker();

  // One block of kBlockSamples, interleaved stereo. Empty on an inner fault of libopus.
  [[nodiscard]] std::vector<uint8_t> encode(std::span<const float> block);
  // Samples by which the decoder's output lags behind what went in: to be taken off the RTP time.
  [[nodiscard]] int64_t lookahead() const { return lookahead_; }

 private:
  struct Free {
    void operator()(OpusEncoder* e) const;
  };
  std::unique_ptr<OpusEncoder, Free> encoder_;
  int64_t lookahead_ = 0;
};

}  // namespace footlight::compose
