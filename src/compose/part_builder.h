#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "compose/part.h"
#include "compose/timeline.h"
#include "libav/aac_encoder.h"
#include "libav/video_encoder.h"
#include "state/hls_grid.h"
#include "state/programme.h"

namespace footlight::compose {

// Cuts coded pictures and AAC units into parts and segments on the canvas grid, from the tick on at which publishing
// began. A part leaves with its last picture; it takes the AAC units that are finished by then (they trail pictures by
// the encoder's look-ahead, at most 0.1 s, always the same, with gapless times). Owned by the Programme, on its thread.
class PartBuilder {
 public:
  // `first_tick` begins the first segment. `inits` and `segments`: numbers already used in this process.
  PartBuilder(PartSink& sink, const Timeline& timeline, const state::HlsGrid& grid, const state::Rendition& rendition,
              int64_t first_tick, int init, int64_t segment);

  [[nodiscard]] bool starts_segment(int64_t tick) const { return (tick - first_tick_) % segment_ticks() == 0; }
  [[nodiscard]] bool starts_part(int64_t tick) const { return (tick - first_tick_) % grid_.part_frames == 0; }

  // Pictures by rising tick. The picture at a segment's start must be an IDR.
  void on_picture(const libav::EncodedPicture& picture, ByteView audio_config);
  void on_audio(std::vector<libav::AacFrame> units);
  // The last part has left, its segment is open, and nothing of the next part is here: close() would have no part to
  // mark as the last.
  [[nodiscard]] bool between_parts() const { return pictures_.empty() && part_ > 0; }
  // Ends the open part before `tick`, as the last of its segment. Nothing more may come.
  void close(int64_t tick);
  [[nodiscard]] int64_t next_segment() const { return segment_ + (part_ > 0 ? 1 : 0); }

 private:
  struct Picture {
    int64_t tick;
    bool key;
    size_t begin, end;  // in video_bytes_
  };
  [[nodiscard]] int64_t segment_ticks() const { return grid_.part_frames * grid_.segment_parts; }
  void announce(const libav::EncodedPicture& picture, ByteView audio_config);
  void finish_part(int64_t end_tick, bool last);

  PartSink& sink_;
  Timeline timeline_;
  state::HlsGrid grid_;
  state::Rendition rendition_;
  int64_t first_tick_;
  int init_;
  int64_t segment_;
  int part_ = 0;
  bool announced_ = false;
  uint32_t sequence_ = 0;
  int64_t part_start_;
  std::vector<Picture> pictures_;
  std::vector<uint8_t> video_bytes_;  // length-prefixed NAL units of pictures_
  std::vector<libav::AacFrame> units_;
  std::vector<uint8_t> scratch_;
};

}  // namespace footlight::compose
