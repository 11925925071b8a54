#include "hls/multivariant.h"

#include <fmt/format.h>

#include <array>

namespace footlight::hls {

std::string build_multivariant_playlist(const VariantForm& form) {
  std::string out = fmt::format("#EXTM3U\n#EXT-X-VERSION:{}\n", form.with_token ? 11 : 9);
  if (form.with_token) out += "#EXT-X-DEFINE:QUERYPARAM=\"token\"\n";
  out += "#EXT-X-INDEPENDENT-SEGMENTS\n";
  fmt::format_to(std::back_inserter(out),
                 "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\",RESOLUTION={}x{},"
                 "FRAME-RATE={}.000,VIDEO-RANGE=SDR,CLOSED-CAPTIONS=NONE\n{}{}\n",
                 form.peak_bps, form.average_bps, form.codecs, form.width, form.height, form.fps, form.uri,
                 form.with_token ? "?token={$token}" : "");
  return out;
}

std::string expected_codecs(const state::Canvas& canvas) {
  // ITU-T H.264 table A-1: level, macroblocks a second, macroblocks a frame.
  struct Level {
    int idc;
    int64_t per_second, per_frame;
  };
  constexpr std::array<Level, 10> kLevels = {{{13, 11880, 396},
                                              {21, 19800, 792},
                                              {22, 20250, 1620},
                                              {30, 40500, 1620},
                                              {31, 108000, 3600},
                                              {32, 216000, 5120},
                                              {40, 245760, 8192},
                                              {42, 522240, 8704},
                                              {50, 589824, 22080},
                                              {51, 983040, 36864}}};
  const int64_t blocks = static_cast<int64_t>((canvas.width + 15) / 16) * ((canvas.height + 15) / 16);
  int idc = 52;
  for (const Level& level : kLevels) {
    if (blocks > level.per_frame || blocks * canvas.fps > level.per_second) continue;
    idc = level.idc;
    break;
  }
  return fmt::format("avc1.4d40{:02x},mp4a.40.2", idc);
}

RateForecast forecast_rates(const state::Rendition& rendition) {
  constexpr int64_t kAudioBps = 128'000;
  // 12 bytes a sample and about 250 a part: 77 samples a second in 5 parts are 17 kbit/s.
  constexpr int64_t kContainerBps = 20'000;
  return {rendition.max_kbps * 1000LL + kAudioBps + kContainerBps,
          rendition.video_kbps * 1000LL + kAudioBps + kContainerBps};
}

}  // namespace footlight::hls
