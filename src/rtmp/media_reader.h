#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "rtmp/avc_config.h"
#include "rtmp/event.h"
#include "rtmp/message.h"
#include "rtmp/timeline.h"

namespace footlight::rtmp {

struct MediaCounters {
  uint64_t video_frames = 0;
  uint64_t audio_frames = 0;
  uint64_t discontinuities = 0;  // timestamps that jumped; a wrap at 2^32 is none
  // Frames before their configuration or with an absurd composition time, and empty configurations.
  uint64_t skipped = 0;
};

// Audio and video messages (FLV tag bodies) to frames on one timeline. Owned by a ServerSession. What Footlight does
// not take, or cannot read, is a Closed with a sentence that names it.
class MediaReader {
 public:
  [[nodiscard]] std::optional<Event> on_video(const Message& message, Timestamp now);
  [[nodiscard]] std::optional<Event> on_audio(const Message& message, Timestamp now);
  // Another stream begins: configurations and times are its own. The counters go on.
  void restart();
  [[nodiscard]] const MediaCounters& counters() const { return counters_; }

 private:
  [[nodiscard]] Duration place(Timeline::Track track, uint32_t timestamp, Timestamp now);
  [[nodiscard]] std::optional<Event> on_video_config(ByteView record);
  [[nodiscard]] std::optional<Event> on_audio_config(ByteView record);
  [[nodiscard]] std::optional<Event> on_picture(ByteView body, int32_t composition_ms, uint32_t timestamp,
                                                Timestamp now);
  [[nodiscard]] bool next_nal(ByteReader& r, ByteView& nal) const;
  [[nodiscard]] bool to_annex_b(ByteView body, bool& key);

  Timeline timeline_;
  std::optional<AvcConfig> avc_;
  std::optional<codec::AudioSpecificConfig> aac_;
  std::vector<uint8_t> frame_;  // Annex B of the present picture; its memory is used again
  MediaCounters counters_;
};

}  // namespace footlight::rtmp
