#pragma once
#include <optional>
#include <string_view>

#include "compose/sound_decoder.h"
#include "libav/aac_decoder.h"

namespace footlight::compose {

// AAC of an RTMP source, of any rate. AAC has no concealment of its own: what is lost is silence, and the decoder
// begins anew behind it.
class AacUnpacker final : public SoundDecoder {
 public:
  // `fmtp` as RFC 3640 §4.1 has it, `clock_rate` of its RTP; nullopt: no configuration that libavcodec takes.
  [[nodiscard]] static std::optional<AacUnpacker> make(std::string_view fmtp, int clock_rate);

  int decode(ByteView unit, std::vector<float>& out) override;
  [[nodiscard]] int samples_of(ByteView) const override { return unit_samples_; }
  int recover(ByteView next, int samples, std::vector<float>& out) override;
  int conceal(int samples, std::vector<float>& out) override;

 private:
  AacUnpacker(libav::AacDecoder decoder, int unit_samples)
      : decoder_(std::move(decoder)), unit_samples_(unit_samples) {}

  libav::AacDecoder decoder_;
  int unit_samples_;  // at 48 kHz, nearly
  bool continues_ = false;
};

}  // namespace footlight::compose
