#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/units.h"
#include "rtp/ntp.h"
#include "rtp/packet_view.h"
#include "rtp/packet_writer.h"

namespace footlight::rtp {

enum class ExtensionType : uint8_t {
  kMid,
  kRid,
  kRepairedRid,
  kAbsSendTime,
  kTransportSequence,
  kAudioLevel,
  kAbsCaptureTime,
  kVideoOrientation,
  kPlayoutDelay,
  kDependencyDescriptor,
};
inline constexpr size_t kExtensionTypeCount = 10;

// The URI of an a=extmap line, and back. nullopt: not one of ours.
[[nodiscard]] std::string_view uri_of(ExtensionType type);
[[nodiscard]] std::optional<ExtensionType> extension_of_uri(std::string_view uri);

// The ids that offer and answer agreed on for one media section. 0: not agreed.
class ExtensionMap {
 public:
  void set(ExtensionType type, uint8_t id) { ids_[static_cast<size_t>(type)] = id; }
  [[nodiscard]] uint8_t id_of(ExtensionType type) const { return ids_[static_cast<size_t>(type)]; }
  [[nodiscard]] bool has(ExtensionType type) const { return id_of(type) != 0; }
  [[nodiscard]] std::optional<ExtensionType> type_of(uint8_t id) const;
  // a=extmap-allow-mixed (RFC 8285 §6): packets may use the two-byte form, which a dependency descriptor of more than
  // 16 bytes needs.
  void allow_two_byte(bool allowed) { two_byte_ = allowed; }
  [[nodiscard]] bool allows_two_byte() const { return two_byte_; }
  friend bool operator==(const ExtensionMap&, const ExtensionMap&) = default;

 private:
  std::array<uint8_t, kExtensionTypeCount> ids_{};
  bool two_byte_ = false;
};

struct AudioLevel {  // RFC 6464
  bool voice = false;
  uint8_t minus_dbov = 127;  // 0 loudest .. 127 silence
};
struct VideoOrientation {  // 3GPP TS 26.114 §7.4.5
  bool back_camera = false;
  bool flipped = false;
  int clockwise_degrees = 0;  // 0, 90, 180, 270: how far the receiver must turn the picture
};
struct PlayoutDelay {  // webrtc.org/experiments/rtp-hdrext/playout-delay: 12 + 12 bits of 10 ms
  Duration min;
  Duration max;
};
struct AbsCaptureTime {  // webrtc.org/experiments/rtp-hdrext/abs-capture-time
  NtpTime captured{};
  std::optional<int64_t> clock_offset;  // estimated capture clock offset, signed 32.32 s
};

// 24 bits of 6.18 fixed-point seconds (webrtc.org/experiments/rtp-hdrext/abs-send-time); wraps every 64 s.
[[nodiscard]] uint32_t abs_send_time_from(Timestamp t);

// What one packet carried of the agreed extensions. Texts are views into the packet.
struct Extensions {
  std::string_view mid;
  std::string_view rid;
  std::string_view repaired_rid;
  std::optional<uint32_t> abs_send_time;
  std::optional<SeqNum> transport_sequence;
  std::optional<AudioLevel> audio_level;
  std::optional<AbsCaptureTime> abs_capture_time;
  std::optional<VideoOrientation> video_orientation;
  std::optional<PlayoutDelay> playout_delay;
  ByteView dependency_descriptor;  // AV1 RTP specification appendix A, whole; empty: none
};
// One walk over the block. An element of a wrong length is passed over.
[[nodiscard]] Extensions read_extensions(const PacketView& packet, const ExtensionMap& map);

// Each writes nothing where the map has no id for it.
void write_mid(HeaderWriter& w, const ExtensionMap& map, std::string_view mid);
void write_rid(HeaderWriter& w, const ExtensionMap& map, std::string_view rid);
void write_repaired_rid(HeaderWriter& w, const ExtensionMap& map, std::string_view rid);
void write_abs_send_time(HeaderWriter& w, const ExtensionMap& map, Timestamp t);
void write_transport_sequence(HeaderWriter& w, const ExtensionMap& map, SeqNum seq);
void write_audio_level(HeaderWriter& w, const ExtensionMap& map, AudioLevel level);
void write_abs_capture_time(HeaderWriter& w, const ExtensionMap& map, const AbsCaptureTime& time);
void write_video_orientation(HeaderWriter& w, const ExtensionMap& map, VideoOrientation orientation);
void write_playout_delay(HeaderWriter& w, const ExtensionMap& map, PlayoutDelay delay);
// As it came. Longer than 16 bytes it needs a HeaderWriter of the two-byte form: needs_two_byte() says when to make
// one.
void write_dependency_descriptor(HeaderWriter& w, const ExtensionMap& map, ByteView descriptor);
[[nodiscard]] bool needs_two_byte(const ExtensionMap& map, ByteView descriptor);

}  // namespace footlight::rtp
