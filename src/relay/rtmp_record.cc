#include "relay/rtmp_record.h"

namespace footlight::relay {
namespace {

enum Kind : uint8_t { kVideoConfig = 1, kAudioConfig, kPicture, kSound };

constexpr size_t kSpsHead = 4;  // with profile and level
// A year, which no session lasts: in ticks of any clock it fits 64 bits.
constexpr uint64_t kLatest = uint64_t{1} << 45;

bool read_time(ByteReader& reader, Duration& out) {
  uint64_t us = 0;
  if (!reader.read_u64(us) || us > kLatest) return false;
  out = Duration::micros(static_cast<int64_t>(us));
  return true;
}

std::vector<uint8_t> record_of(Kind kind, std::initializer_list<Duration> times, std::optional<bool> key,
                               ByteView data) {
  ByteBuffer out;
  out.u8(kind);
  for (Duration time : times) out.u64(static_cast<uint64_t>(time.us()));
  if (key) out.u8(*key ? 1 : 0);
  out.bytes(data);
  return out.take();
}

std::optional<rtmp::Event> picture_of(ByteReader& reader) {
  rtmp::VideoFrame frame;
  uint8_t key = 0;
  if (!read_time(reader, frame.decode) || !read_time(reader, frame.present) || !reader.read_u8(key))
    return std::nullopt;
  frame.key = key != 0;
  frame.data = reader.rest();
  if (frame.data.empty()) return std::nullopt;
  return frame;
}

}  // namespace

std::vector<uint8_t> to_record(const rtmp::Event& event) {
  if (auto* e = std::get_if<rtmp::VideoConfig>(&event)) return record_of(kVideoConfig, {}, {}, e->sps);
  if (auto* e = std::get_if<rtmp::AudioConfig>(&event)) return record_of(kAudioConfig, {}, {}, e->raw);
  if (auto* e = std::get_if<rtmp::VideoFrame>(&event))
    return record_of(kPicture, {e->decode, e->present}, e->key, e->data);
  if (auto* e = std::get_if<rtmp::AudioFrame>(&event)) return record_of(kSound, {e->time}, {}, e->data);
  return {};
}

std::optional<rtmp::Event> event_of(ByteView record) {
  ByteReader reader(record);
  uint8_t kind = 0;
  if (!reader.read_u8(kind)) return std::nullopt;
  switch (kind) {
    case kVideoConfig:
      if (reader.remaining() < kSpsHead) return std::nullopt;
      return rtmp::VideoConfig{reader.rest()};
    case kAudioConfig: {
      auto config = codec::AudioSpecificConfig::parse(reader.rest());
      if (!config) return std::nullopt;
      return rtmp::AudioConfig{*config, reader.rest()};
    }
    case kPicture:
      return picture_of(reader);
    case kSound: {
      rtmp::AudioFrame frame;
      if (!read_time(reader, frame.time)) return std::nullopt;
      frame.data = reader.rest();
      return frame;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace footlight::relay
