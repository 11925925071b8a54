#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

// The bodies of FLV's audio and video tags (Adobe's "Video File Format Specification 10.1", "FLV" in comments, annex E;
// Veovera's "Enhanced RTMP" v2 for what came later): what RTMP's media messages carry.
namespace footlight::rtmp {

enum class FlvError : uint8_t { kTruncated, kOtherCodec, kCommand };

struct FlvVideo {
  enum class Kind : uint8_t { kConfig, kPicture, kEnd };
  Kind kind{};
  int32_t composition_ms = 0;  // presentation minus decode time
  ByteView body;               // AVCDecoderConfigurationRecord, or NAL units behind their lengths

  [[nodiscard]] static Result<FlvVideo, FlvError> parse(ByteView tag);
};

struct FlvAudio {
  bool config = false;
  ByteView body;  // AudioSpecificConfig, or one raw access unit

  [[nodiscard]] static Result<FlvAudio, FlvError> parse(ByteView tag);
};

// What a tag of another codec holds, for people: "HEVC (hvc1)", "MP3".
[[nodiscard]] std::string video_codec_name(ByteView tag);
[[nodiscard]] std::string audio_codec_name(ByteView tag);

}  // namespace footlight::rtmp
