#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "compose/sound_decoder.h"

namespace footlight::compose {

struct SpeechCounters {
  uint64_t late = 0;       // packets that came after their place was concealed
  uint64_t recovered = 0;  // packets rebuilt from the next one (FEC)
  uint64_t concealed = 0;  // samples made up
  uint64_t jumps = 0;      // times the reading place was set anew
  uint64_t shortened = 0;  // samples left out to be nearer to the source again
};

// One sound track's packets, decoded when their samples are needed (so that a late packet has all the time there is),
// read at the pace that the clock asks for. Owned by a Feed, under its lock. Packets go in by their place in samples at
// 48 kHz, 20 ms of stereo come out; loss is concealed, then fades to silence. Holds at most two seconds.
class SpeechBuffer {
 public:
  explicit SpeechBuffer(std::unique_ptr<SoundDecoder> decoder) : decoder_(std::move(decoder)) {}
  void insert(int64_t place, ByteView packet);
  // Fills `out` with interleaved stereo whose first sample is `position` (from FeedClock). The reading place
  // slews towards it by at most 0.4 %, and jumps when it is off by more than 60 ms. False: nothing but silence.
  bool pull(double position, double skew, std::span<float> out);
  // Leaves out up to `most` samples from the reading place on, where nobody hears it and what follows is here; the next
  // pull() fades over the place. Returns how many: the next position lies so much further.
  [[nodiscard]] int shorten(double most);
  [[nodiscard]] const SpeechCounters& counters() const { return counters_; }

 private:
  bool decode_until(int64_t end);
  void decode_next(int64_t end);
  void start_at(double position);
  void forget_before(int64_t sample);
  [[nodiscard]] int64_t here_until() const;

  std::unique_ptr<SoundDecoder> decoder_;
  std::map<int64_t, std::vector<uint8_t>> packets_;  // by place
  std::vector<float> pcm_;                           // interleaved, from pcm_start_
  int64_t pcm_start_ = 0;                            // place of pcm_'s first sample
  std::optional<double> read_;                       // place to be read next
  int splice_ = 0;                                   // samples that the next pull() leaves out
  int packet_samples_ = 960;                         // of the last packet decoded
  int64_t guessed_ = 0;                              // samples concealed since the last real one
  SpeechCounters counters_;
};

}  // namespace footlight::compose
