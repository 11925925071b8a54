#include "control/programme_tracks.h"

#include <fmt/format.h>

namespace footlight::control {
namespace {

constexpr int kVideoPayloadType = 96;
constexpr int kAudioPayloadType = 111;

// Rec. ITU-T H.264 Table A-1: level_idc, macroblocks a second, macroblocks a frame.
struct Level {
  int idc, rate, frame;
};
constexpr Level kLevels[] = {{30, 40500, 1620},  {31, 108000, 3600},  {32, 216000, 5120},  {40, 245760, 8192},
                             {42, 522240, 8704}, {50, 589824, 22080}, {51, 983040, 36864}, {52, 2073600, 36864}};

}  // namespace

std::string programme_stream(std::string_view event) { return "programme/" + std::string(event); }

std::string profile_level_id(int width, int height, int fps) {
  const int frame = ((width + 15) / 16) * ((height + 15) / 16);
  int idc = kLevels[std::size(kLevels) - 1].idc;
  for (const Level& level : kLevels) {
    if (frame > level.frame || frame * fps > level.rate) continue;
    idc = level.idc;
    break;
  }
  return fmt::format("4d00{:02x}", idc);  // 4d: Main; 00: no constraint flags
}

std::vector<state::PipeTrack> programme_tracks(const Keyring& keyring, const Keyring::PipeEnds& ends,
                                               const state::Rendition& rung, int fps) {
  return {{.kind = "video",
           .codec = "h264",
           .ssrc = keyring.programme_ssrc(ends, "video"),
           .payload_type = kVideoPayloadType,
           .clock_rate = 90000,
           .fmtp = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=" +
                   profile_level_id(rung.width, rung.height, fps)},
          {.kind = "audio",
           .codec = "opus",
           .ssrc = keyring.programme_ssrc(ends, "audio"),
           .payload_type = kAudioPayloadType,
           .clock_rate = 48000,
           .channels = 2,
           .fmtp = "minptime=10;useinbandfec=1;stereo=1"}};
}

}  // namespace footlight::control
