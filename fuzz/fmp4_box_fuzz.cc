// rooms: fmp4
#include <algorithm>
#include <cstdint>
#include <vector>

#include "fmp4/avc.h"
#include "fmp4/fragment_reader.h"
#include "fmp4/fragment_writer.h"
#include "fmp4/init_reader.h"

using namespace footlight;

namespace {

// A part made from the input itself, so that the fuzzer starts behind the outer sizes.
std::vector<uint8_t> make_part(ByteView bytes) {
  std::vector<fmp4::Sample> samples;
  for (size_t at = 0; at < std::min<size_t>(bytes.size(), 8); ++at)
    samples.push_back({.data = bytes.subspan(at, bytes[at] % (bytes.size() - at + 1)), .duration = bytes[at]});
  if (samples.empty()) return {};
  const fmp4::TrackRun run{.track_id = 1, .decode_time = bytes[0], .samples = samples};
  std::vector<uint8_t> out;
  fmp4::write_fragment(1, {&run, 1}, out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes(data, size);
  (void)fmp4::read_fragment(bytes);
  if (auto info = fmp4::read_init_segment(bytes)) (void)fmp4::codecs(*info);
  std::vector<uint8_t> samples;
  fmp4::append_length_prefixed(bytes, samples);
  (void)fmp4::build_avc_config_from_annex_b(bytes);
  if (std::vector<uint8_t> part = make_part(bytes); !part.empty()) {
    if (!fmp4::read_fragment(part)) __builtin_trap();
    part[bytes[0] % part.size()] ^= bytes[size - 1];
    (void)fmp4::read_fragment(part);
  }
  return 0;
}
