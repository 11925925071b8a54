#include "compose/aac_unpacker.h"

#include <algorithm>

#include "base/text_codec.h"
#include "codec/aac.h"
#include "compose/timeline.h"

namespace footlight::compose {
namespace {

// The value of `config` in "a=1;config=1210;…".
std::string_view config_of(std::string_view fmtp) {
  constexpr std::string_view kName = "config=";
  while (!fmtp.empty()) {
    std::string_view parameter = fmtp.substr(0, fmtp.find(';'));
    fmtp.remove_prefix(std::min(fmtp.size(), parameter.size() + 1));
    while (parameter.starts_with(' ')) parameter.remove_prefix(1);
    if (parameter.starts_with(kName)) return parameter.substr(kName.size());
  }
  return {};
}

}  // namespace

std::optional<AacUnpacker> AacUnpacker::make(std::string_view fmtp, int clock_rate) {
  const auto config = from_hex(config_of(fmtp));
  if (!config || clock_rate <= 0) return std::nullopt;
  const auto parsed = codec::AudioSpecificConfig::parse(*config);
  if (!parsed) return std::nullopt;
  auto decoder = libav::AacDecoder::open(*config);
  if (!decoder) return std::nullopt;
  const auto samples = static_cast<int64_t>(parsed->frame_samples) * kSampleRate / clock_rate;
  return AacUnpacker(std::move(*decoder), static_cast<int>(samples));
}

int AacUnpacker::decode(ByteView unit, std::vector<float>& out) {
  if (!continues_) decoder_.reset();
  const auto got = decoder_.decode(unit, out);
  if (!got) return conceal(unit_samples_, out);
  continues_ = true;
  return *got;
}

int AacUnpacker::recover(ByteView, int samples, std::vector<float>& out) { return conceal(samples, out); }

int AacUnpacker::conceal(int samples, std::vector<float>& out) {
  continues_ = false;
  out.resize(out.size() + 2 * static_cast<size_t>(samples), 0.0F);
  return samples;
}

}  // namespace footlight::compose
