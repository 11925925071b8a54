#include "compose/opus_decoder.h"

#include <opus/opus.h>

#include <algorithm>

#include "base/check.h"
#include "compose/timeline.h"

namespace footlight::compose {
namespace {

constexpr int kMaxPacketSamples = 5760;  // RFC 6716 §2.1.4: 120 ms

int run(OpusDecoder* decoder, ByteView packet, int samples, bool fec, std::vector<float>& out) {
  const size_t before = out.size();
  out.resize(before + 2 * static_cast<size_t>(samples));
  const int got = opus_decode_float(decoder, packet.empty() ? nullptr : packet.data(),
                                    static_cast<opus_int32>(packet.size()), out.data() + before, samples, fec ? 1 : 0);
  out.resize(before + 2 * static_cast<size_t>(std::max(got, 0)));
  return got;
}

}  // namespace

void OpusUnpacker::Free::operator()(OpusDecoder* d) const { opus_decoder_destroy(d); }

OpusUnpacker::OpusUnpacker() {
  int error = OPUS_OK;
  decoder_.reset(opus_decoder_create(kSampleRate, 2, &error));
  CHECK(decoder_ != nullptr);
}
OpusUnpacker::~OpusUnpacker() = default;

int OpusUnpacker::decode(ByteView packet, std::vector<float>& out) {
  const int got = packet.empty() ? -1 : run(decoder_.get(), packet, kMaxPacketSamples, false, out);
  return got > 0 ? got : conceal(static_cast<int>(kBlockSamples), out);
}

int OpusUnpacker::samples_of(ByteView packet) const {
  const int samples =
      packet.empty() ? 0
                     : opus_packet_get_nb_samples(packet.data(), static_cast<opus_int32>(packet.size()), kSampleRate);
  return samples > 0 ? samples : static_cast<int>(kBlockSamples);
}

int OpusUnpacker::recover(ByteView next, int samples, std::vector<float>& out) {
  const int got = run(decoder_.get(), next, samples, true, out);
  return got > 0 ? got : conceal(samples, out);
}

int OpusUnpacker::conceal(int samples, std::vector<float>& out) {
  const int got = run(decoder_.get(), {}, samples, false, out);
  if (got > 0) return got;
  out.resize(out.size() + 2 * static_cast<size_t>(samples), 0.0F);
  return samples;
}

}  // namespace footlight::compose
