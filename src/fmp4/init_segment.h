#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace footlight::fmp4 {

inline constexpr uint32_t kVideoTrackId = 1;
inline constexpr uint32_t kAudioTrackId = 2;
inline constexpr uint32_t kVideoTimescale = 90000;
inline constexpr uint32_t kAudioTimescale = 48000;

// An avc1 track: BT.709 limited range, square pixels.
struct VideoTrack {
  ByteView avc_config;  // AVCDecoderConfigurationRecord, from build_avc_config() (avc.h)
  uint16_t width = 0;   // pixels
  uint16_t height = 0;
};

// An mp4a.40.2 (AAC-LC) track at 48 kHz.
struct AudioTrack {
  ByteView specific_config;  // AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1), libav's extradata of its AAC encoder
  uint16_t channels = 2;
  uint32_t bitrate = 0;  // bits a second, 0 for unknown
};

struct InitSegment {
  std::optional<VideoTrack> video;
  std::optional<AudioTrack> audio;
};

// ftyp and moov (ISO/IEC 14496-12) for fragments of these tracks; no samples in it. At least one track.
[[nodiscard]] std::vector<uint8_t> build_init_segment(const InitSegment& init);

}  // namespace footlight::fmp4
