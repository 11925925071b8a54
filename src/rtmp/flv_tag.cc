#include "rtmp/flv_tag.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace footlight::rtmp {
namespace {

constexpr uint8_t kExtendedHeader = 0x80;  // Enhanced RTMP: a FourCC names the codec
constexpr uint8_t kCommandFrame = 5;       // FLV E.4.3.1 FrameType: nothing to show
constexpr uint8_t kAvc = 7;                // CodecID
constexpr uint8_t kAac = 10;               // SoundFormat (E.4.2.1)
constexpr uint8_t kExtendedAudio = 9;      // Enhanced RTMP v2: SoundFormat that says "a FourCC follows"

constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kFourCcs = {{
    {"hvc1", "HEVC (hvc1)"},
    {"av01", "AV1 (av01)"},
    {"vp09", "VP9 (vp09)"},
    {"vp08", "VP8 (vp08)"},
    {"vvc1", "VVC (vvc1)"},
    {"avc1", "H.264 in Enhanced RTMP's form (avc1)"},
    {"mp4a", "AAC in Enhanced RTMP's form (mp4a)"},
    {"Opus", "Opus"},
    {"fLaC", "FLAC"},
    {"ac-3", "AC-3"},
    {"ec-3", "E-AC-3"},
}};
constexpr std::array<std::string_view, 16> kVideoCodecs = {"",
                                                           "",
                                                           "Sorenson H.263",
                                                           "Screen Video",
                                                           "VP6",
                                                           "VP6 with alpha",
                                                           "Screen Video 2",
                                                           "H.264",
                                                           "",
                                                           "",
                                                           "",
                                                           "",
                                                           "HEVC",
                                                           "AV1",
                                                           "",
                                                           ""};
constexpr std::array<std::string_view, 16> kAudioCodecs = {
    "PCM",         "ADPCM", "MP3", "PCM",   "Nellymoser", "Nellymoser", "Nellymoser", "G.711 A-law",
    "G.711 µ-law", "",      "AAC", "Speex", "",           "",           "MP3",        "device-specific sound"};

std::string fourcc_name(ByteView tag) {
  if (tag.size() < 5) return "a codec that it does not name";
  std::string_view code = as_text(tag.subspan(1, 4));
  for (const auto& [known, name] : kFourCcs)
    if (code == known) return std::string(name);
  bool printable = std::ranges::all_of(code, [](char c) { return c > ' ' && c <= '~'; });
  return printable ? "the codec " + std::string(code) : "an unknown codec";
}

std::string numbered_name(std::string_view name, int number) {
  return name.empty() ? "codec number " + std::to_string(number) : std::string(name);
}

}  // namespace

// | IsEx 1 | FrameType 3 | CodecID 4 | AVCPacketType 8 | CompositionTime 24, signed |  (FLV E.4.3)
Result<FlvVideo, FlvError> FlvVideo::parse(ByteView tag) {
  ByteReader r(tag);
  uint8_t head = 0;
  uint8_t packet = 0;
  uint32_t composition = 0;
  if (!r.read_u8(head)) return unexpected(FlvError::kTruncated);
  if ((head & kExtendedHeader) != 0) return unexpected(FlvError::kOtherCodec);
  if (head >> 4 == kCommandFrame) return unexpected(FlvError::kCommand);
  if ((head & 0x0f) != kAvc) return unexpected(FlvError::kOtherCodec);
  if (!r.read_u8(packet) || !r.read_u24(composition)) return unexpected(FlvError::kTruncated);
  FlvVideo out;
  out.kind = packet == 0 ? Kind::kConfig : packet == 1 ? Kind::kPicture : Kind::kEnd;
  out.composition_ms = static_cast<int32_t>(composition << 8) >> 8;
  out.body = r.rest();
  return out;
}

// | SoundFormat 4 | rate 2 | size 1 | type 1 | AACPacketType 8 |  (FLV E.4.2)
Result<FlvAudio, FlvError> FlvAudio::parse(ByteView tag) {
  ByteReader r(tag);
  uint8_t head = 0;
  uint8_t packet = 0;
  if (!r.read_u8(head)) return unexpected(FlvError::kTruncated);
  if (head >> 4 != kAac) return unexpected(FlvError::kOtherCodec);
  if (!r.read_u8(packet)) return unexpected(FlvError::kTruncated);
  return FlvAudio{packet == 0, r.rest()};
}

std::string video_codec_name(ByteView tag) {
  if (tag.empty()) return "nothing";
  if ((tag[0] & kExtendedHeader) != 0) return fourcc_name(tag);
  int id = tag[0] & 0x0f;
  return numbered_name(kVideoCodecs[static_cast<size_t>(id)], id);
}

std::string audio_codec_name(ByteView tag) {
  if (tag.empty()) return "nothing";
  int format = tag[0] >> 4;
  if (format == kExtendedAudio) return fourcc_name(tag);
  return numbered_name(kAudioCodecs[static_cast<size_t>(format)], format);
}

}  // namespace footlight::rtmp
