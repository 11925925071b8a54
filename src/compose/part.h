#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/units.h"

namespace footlight::compose {

// One part of one segment, finished. Segments are numbered from 0 in this process; media sequence numbers are the
// origin's affair (IngestClient).
struct Part {
  int64_t segment = 0;
  int part = 0;
  int init = 0;              // which init segment it belongs to, from 0 in this process
  bool independent = false;  // starts with an IDR
  bool last = false;         // of its segment
  Duration duration;
  WallTime date_time;  // of its first frame on the programme's timeline
  std::string body;    // moof + mdat
};

// Where finished parts go. Called on the programme thread; must not block it.
class PartSink {
 public:
  virtual ~PartSink() = default;
  virtual void on_init(int init, std::string body) = 0;  // before the first part that names it
  virtual void on_part(Part part) = 0;
  virtual void on_end() = 0;  // no more will come
};

// Now, on the wall clock and on the timeline of each track: what a sender report says (RFC 3550 §6.4.1).
struct Moment {
  WallTime wall;
  int64_t video_time = 0;  // 90 kHz
  int64_t audio_time = 0;  // 48 kHz
};

// Where the programme goes as live tracks (WHEP). Called on the programme thread, once a frame. shared_ptr: the frame
// is packetized on the pipe thread while the part that holds it is built.
class TrackSink {
 public:
  virtual ~TrackSink() = default;
  virtual void on_video(int64_t time_90k, std::shared_ptr<const std::vector<uint8_t>> annex_b, Moment moment) = 0;
  virtual void on_audio(int64_t time_48k, std::vector<uint8_t> opus, Moment moment) = 0;
};

}  // namespace footlight::compose
