#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace footlight::state {

struct Canvas {
  int width = 1280;
  int height = 720;
  int fps = 30;
  bool operator==(const Canvas&) const = default;
};

// One rung of the ladder. Rates in kbit/s, the VBV buffer in kbit.
struct Rendition {
  std::string name = "720p";
  int width = 1280;
  int height = 720;
  int video_kbps = 2000;
  int max_kbps = 2500;
  int buffer_kbit = 5000;
  bool operator==(const Rendition&) const = default;
};

// Wishes of the hls section; the exact part length follows from the canvas (CONTRACT §2, hls.part_ms).
struct HlsTiming {
  int part_ms = 200;
  int segment_ms = 2000;
  bool operator==(const HlsTiming&) const = default;
};

// One end of the SRTP pipe between compose and relay. The key is new for each pair of incarnations, so no nonce is
// ever used twice; `ssrc` names the sender of RTCP and keep-alives of this end.
struct PipeKey {
  std::string id;  // opaque, unique to (programme, compose epoch, relay epoch)
  std::string
      key;  // base64 of 28 bytes (AES-128-GCM key 16, salt 12) to relay, then 28 bytes to compose. Secret: memory only
  uint32_t compose_ssrc =
      0;  // RTCP sender SSRC of the compose end; the relay finds the pipe by it before it knows the address
  uint32_t relay_ssrc = 0;  // RTCP sender SSRC of the relay end
};

// A track as it travels on a pipe: RTP with this SSRC and payload type.
struct PipeTrack {
  std::string kind;   // "audio" | "video"
  std::string codec;  // media::name_of: "h264", "vp8", "opus"
  uint32_t ssrc = 0;
  int payload_type = 0;
  int clock_rate = 0;     // Hz
  int channels = 0;       // audio only
  std::string fmtp;       // as in SDP, without the payload type
  bool b_frames = false;  // pictures are not sent in the order in which they are shown: no WebRTC receiver takes that
  bool operator==(const PipeTrack&) const = default;
};

}  // namespace footlight::state
