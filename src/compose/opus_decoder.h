#pragma once
#include <memory>
#include <vector>

#include "compose/sound_decoder.h"

struct OpusDecoder;

namespace footlight::compose {

// libopus, with its own concealment and in-band FEC.
class OpusUnpacker final : public SoundDecoder {
 public:
  OpusUnpacker();
  ~OpusUnpacker() override;

  int decode(ByteView packet, std::vector<float>& out) override;
  [[nodiscard]] int samples_of(ByteView packet) const override;
  int recover(ByteView next, int samples, std::vector<float>& out) override;
  int conceal(int samples, std::vector<float>& out) override;

 private:
  struct Free {
    void operator()(OpusDecoder* d) const;
  };
  std::unique_ptr<OpusDecoder, Free> decoder_;
};

}  // namespace footlight::compose
