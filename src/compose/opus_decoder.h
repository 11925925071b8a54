#pragma once
#include <memory>
#include <vector>

#include "base/bytes.h"

struct OpusDecoder;

namespace footlight::compose {

// libopus as stereo at 48 kHz. Owned by one SpeechBuffer; one thread at a time. Every call appends interleaved f32 and
// says how many samples (per channel) it appended: a damaged packet is concealed, never an error.
class OpusUnpacker {
 public:
  OpusUnpacker();
  ~OpusUnpacker();
  OpusUnpacker(OpusUnpacker&&) noexcept = default;
  OpusUnpacker& operator=(OpusUnpacker&&) noexcept = default;

  int decode(ByteView packet, std::vector<float>& out);
  // The packet before `next` is lost: what `next` carries of it (in-band FEC), else an educated guess.
  int recover(ByteView next, int samples, std::vector<float>& out);
  // Nothing is known: `samples` (multiple of 120, at most 5760) of concealment.
  int conceal(int samples, std::vector<float>& out);

 private:
  struct Free {
    void operator()(OpusDecoder* d) const;
  };
  std::unique_ptr<OpusDecoder, Free> decoder_;
};

}  // namespace footlight::compose
