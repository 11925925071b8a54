#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/secret.h"
#include "base/units.h"
#include "codec/aac.h"

// What a ServerSession tells its owner. Views last until the session's next read().
namespace footlight::rtmp {

// The peer wants to publish with this key. Answer with accept() or refuse() before the next read().
struct PublishRequest {
  Secret key;  // the stream name, without "?query"
};

// What the peer's encoder says of itself (onMetaData), to be logged: once. At most 64 printable bytes.
struct Encoder {
  std::string name;
};

// The video's parameter sets have come, or changed. Frames follow.
struct VideoConfig {
  ByteView sps;  // the first, as a NAL unit
};

// The audio's AudioSpecificConfig has come, or changed.
struct AudioConfig {
  codec::AudioSpecificConfig config;
  ByteView raw;  // as it came
};

// Times lie on the session's own timeline: both tracks share it, it begins near zero and never goes back.
struct VideoFrame {
  Duration decode;   // ascending
  Duration present;  // where the picture belongs: not ascending with B-frames
  bool key = false;  // holds an IDR
  ByteView data;     // Annex B; parameter sets in front of an IDR
};

struct AudioFrame {
  Duration time;  // ascending
  ByteView data;  // one raw AAC access unit
};

// The peer has ended its stream. It closes the connection, or publishes again.
struct Unpublished {};

enum class CloseReason : uint8_t {
  kBadHandshake,
  kProtocolError,  // chunks or commands that cannot be read
  kTooLarge,       // a bound was exceeded
  kUnknownApp,
  kRefused,      // the key
  kUnavailable,  // the key is right, and there is no room
  kUnsupportedCodec,
  kUnsupported,       // something else that Footlight does not do (play)
  kBadMedia,          // FLV or AVC structure that cannot be read
  kHandshakeTimeout,  // no publish in time
  kMediaTimeout,
  kEnded,  // by our side: end()
};
[[nodiscard]] std::string_view name_of(CloseReason reason);

// The last event. What is in output() is still worth sending.
struct Closed {
  CloseReason reason{};
  std::string detail;  // one sentence for the log and the peer; never the key
};

using Event =
    std::variant<PublishRequest, Encoder, VideoConfig, AudioConfig, VideoFrame, AudioFrame, Unpublished, Closed>;

}  // namespace footlight::rtmp
