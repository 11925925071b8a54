#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "base/units.h"

namespace footlight::load {

struct PublishOptions {
  std::string url;  // the WHIP endpoint
  std::string token;
  std::string ca_file;
  int video_kbps = 1000;
  int fps = 30;
  bool muted = false;  // no sound is sent
  Duration key_interval = Duration::seconds(2);
  Duration duration = Duration::seconds(10);  // of sending; zero: until stopped
};

struct PublishReport {
  Duration connect;  // POST sent → DTLS and SRTP ready
  Duration sent_for;
  uint64_t frames = 0;
  uint64_t packets = 0;
  uint64_t bytes = 0;   // of their datagrams
  uint64_t nacked = 0;  // packets that the server asked for again
  uint64_t resent = 0;
  uint64_t key_frames_asked = 0;  // PLI and FIR
  double loss_ratio = 0;          // as the server's last receiver report has it
  Duration round_trip;
};

// Publishes H.264 and Opus: a real clip, encoded once at the given rate and sent over and over, each frame in one
// burst. Blocks. `progress` comes about once a second with what is so far, and returns false to end early. Error: one
// sentence why it could not be published, or why it ended.
[[nodiscard]] Result<PublishReport, Error> publish(const PublishOptions& options,
                                                   const std::function<bool(const PublishReport&)>& progress);

}  // namespace footlight::load
