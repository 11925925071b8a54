#include "rtp/header_extensions.h"

#include <algorithm>

namespace footlight::rtp {
namespace {

constexpr std::array<std::string_view, kExtensionTypeCount> kUris = {
    "urn:ietf:params:rtp-hdrext:sdes:mid",                                                      // RFC 9143 §15.2
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",                                            // RFC 8852 §4.1
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",                                   // RFC 8852 §4.2
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",                               //
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",                //
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level",                                              // RFC 6464 §4
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",                            //
    "urn:3gpp:video-orientation",                                                               // 3GPP TS 26.114 §7.4.5
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",                               //
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",  // AV1 RTP appendix A
};

constexpr Duration kPlayoutTick = Duration::millis(10);
constexpr int64_t kPlayoutTicksMax = 0xfff;

void read_abs_capture_time(ByteView data, Extensions& out) {
  ByteReader r(data);
  uint64_t captured = 0;
  if (!r.read_u64(captured)) return;
  uint64_t offset = 0;
  AbsCaptureTime time{NtpTime(captured), std::nullopt};
  if (r.read_u64(offset)) time.clock_offset = static_cast<int64_t>(offset);
  out.abs_capture_time = time;
}

void read_one(ExtensionType type, ByteView data, Extensions& out) {
  ByteReader r(data);
  uint8_t byte = 0;
  uint16_t half = 0;
  uint32_t three = 0;
  switch (type) {
    case ExtensionType::kMid:
      out.mid = as_text(data);
      break;
    case ExtensionType::kRid:
      out.rid = as_text(data);
      break;
    case ExtensionType::kRepairedRid:
      out.repaired_rid = as_text(data);
      break;
    case ExtensionType::kAbsSendTime:
      if (r.read_u24(three)) out.abs_send_time = three;
      break;
    case ExtensionType::kTransportSequence:
      if (r.read_u16(half)) out.transport_sequence = SeqNum(half);
      break;
    case ExtensionType::kAudioLevel:
      if (r.read_u8(byte)) out.audio_level = AudioLevel{byte >> 7 != 0, static_cast<uint8_t>(byte & 0x7f)};
      break;
    case ExtensionType::kAbsCaptureTime:
      read_abs_capture_time(data, out);
      break;
    case ExtensionType::kVideoOrientation:
      if (r.read_u8(byte)) out.video_orientation = VideoOrientation{(byte & 8) != 0, (byte & 4) != 0, (byte & 3) * 90};
      break;
    case ExtensionType::kPlayoutDelay:
      if (r.read_u24(three))
        out.playout_delay = PlayoutDelay{kPlayoutTick * int64_t{three >> 12}, kPlayoutTick * int64_t{three & 0xfff}};
      break;
    case ExtensionType::kDependencyDescriptor:
      out.dependency_descriptor = data;
      break;
  }
}

void write(HeaderWriter& w, const ExtensionMap& map, ExtensionType type, ByteView data) {
  if (map.has(type)) w.add_extension(map.id_of(type), data);
}

}  // namespace

std::string_view uri_of(ExtensionType type) { return kUris[static_cast<size_t>(type)]; }

std::optional<ExtensionType> extension_of_uri(std::string_view uri) {
  for (size_t i = 0; i < kUris.size(); ++i)
    if (kUris[i] == uri) return static_cast<ExtensionType>(i);
  return std::nullopt;
}

std::optional<ExtensionType> ExtensionMap::type_of(uint8_t id) const {
  if (id == 0) return std::nullopt;
  for (size_t i = 0; i < ids_.size(); ++i)
    if (ids_[i] == id) return static_cast<ExtensionType>(i);
  return std::nullopt;
}

uint32_t abs_send_time_from(Timestamp t) {
  auto us = static_cast<uint64_t>(std::max<int64_t>(t.us(), 0));
  constexpr uint64_t kMicros = 1'000'000;
  uint64_t seconds = us / kMicros;
  return static_cast<uint32_t>((seconds << 18 | (us % kMicros << 18) / kMicros) & 0xffffff);
}

Extensions read_extensions(const PacketView& packet, const ExtensionMap& map) {
  Extensions out;
  ExtensionReader reader = packet.extensions();
  for (ExtensionElement element; reader.next(element);)
    if (auto type = map.type_of(element.id)) read_one(*type, element.data, out);
  return out;
}

void write_mid(HeaderWriter& w, const ExtensionMap& map, std::string_view mid) {
  write(w, map, ExtensionType::kMid, as_bytes(mid));
}
void write_rid(HeaderWriter& w, const ExtensionMap& map, std::string_view rid) {
  write(w, map, ExtensionType::kRid, as_bytes(rid));
}
void write_repaired_rid(HeaderWriter& w, const ExtensionMap& map, std::string_view rid) {
  write(w, map, ExtensionType::kRepairedRid, as_bytes(rid));
}

void write_abs_send_time(HeaderWriter& w, const ExtensionMap& map, Timestamp t) {
  uint8_t raw[3];
  ByteWriter out(raw);
  out.u24(abs_send_time_from(t));
  write(w, map, ExtensionType::kAbsSendTime, raw);
}

void write_transport_sequence(HeaderWriter& w, const ExtensionMap& map, SeqNum seq) {
  uint8_t raw[2];
  ByteWriter out(raw);
  out.u16(seq.value());
  write(w, map, ExtensionType::kTransportSequence, raw);
}

void write_audio_level(HeaderWriter& w, const ExtensionMap& map, AudioLevel level) {
  const uint8_t raw[1] = {static_cast<uint8_t>((level.voice ? 0x80 : 0) | std::min<int>(level.minus_dbov, 127))};
  write(w, map, ExtensionType::kAudioLevel, raw);
}

void write_abs_capture_time(HeaderWriter& w, const ExtensionMap& map, const AbsCaptureTime& time) {
  uint8_t raw[16];
  ByteWriter out(raw);
  out.u64(time.captured.value());
  if (time.clock_offset) out.u64(static_cast<uint64_t>(*time.clock_offset));
  write(w, map, ExtensionType::kAbsCaptureTime, out.written());
}

void write_video_orientation(HeaderWriter& w, const ExtensionMap& map, VideoOrientation orientation) {
  int quarter_turns = orientation.clockwise_degrees / 90 & 3;
  const uint8_t raw[1] = {
      static_cast<uint8_t>((orientation.back_camera ? 8 : 0) | (orientation.flipped ? 4 : 0) | quarter_turns)};
  write(w, map, ExtensionType::kVideoOrientation, raw);
}

void write_playout_delay(HeaderWriter& w, const ExtensionMap& map, PlayoutDelay delay) {
  auto ticks = [](Duration d) {
    return static_cast<uint32_t>(std::clamp<int64_t>(d.us() / kPlayoutTick.us(), 0, kPlayoutTicksMax));
  };
  uint8_t raw[3];
  ByteWriter out(raw);
  out.u24(ticks(delay.min) << 12 | ticks(delay.max));
  write(w, map, ExtensionType::kPlayoutDelay, raw);
}

void write_dependency_descriptor(HeaderWriter& w, const ExtensionMap& map, ByteView descriptor) {
  write(w, map, ExtensionType::kDependencyDescriptor, descriptor);
}

bool needs_two_byte(const ExtensionMap& map, ByteView descriptor) {
  return map.has(ExtensionType::kDependencyDescriptor) && map.allows_two_byte() &&
         descriptor.size() > kMaxOneByteExtension;
}

}  // namespace footlight::rtp
