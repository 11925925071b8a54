#pragma once
#include <vector>

#include "base/bytes.h"

namespace footlight::compose {

// One track's sound as stereo at 48 kHz. Owned by one SpeechBuffer; one thread at a time. Every call appends
// interleaved f32 and says how many samples (per channel) it appended, at least one: a damaged packet is concealed,
// never an error.
class SoundDecoder {
 public:
  virtual ~SoundDecoder() = default;
  virtual int decode(ByteView packet, std::vector<float>& out) = 0;
  // How many samples decode() will append, without decoding.
  [[nodiscard]] virtual int samples_of(ByteView packet) const = 0;
  // The packet before `next` is lost: what `next` carries of it, else an educated guess.
  virtual int recover(ByteView next, int samples, std::vector<float>& out) = 0;
  // Nothing is known: `samples` (multiple of 120, at most 5760) of concealment.
  virtual int conceal(int samples, std::vector<float>& out) = 0;
};

}  // namespace footlight::compose
