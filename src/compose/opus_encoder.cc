#include "compose/opus_encoder.h"

#include <opus/opus.h>

#include "base/check.h"
#include "compose/timeline.h"

namespace footlight::compose {
namespace {

constexpr opus_int32 kBitrate = 96'000;
constexpr opus_int32 kExpectedLossPercent = 5;  // what makes libopus spend bits on FEC
constexpr size_t kMaxPacket = 1275;             // RFC 6716 §3.4

}  // namespace

void OpusPacker::Free::operator()(OpusEncoder* e) const { opus_encoder_destroy(e); }

OpusPacker::OpusPacker() {
  int error = OPUS_OK;
  encoder_.reset(opus_encoder_create(kSampleRate, 2, OPUS_APPLICATION_AUDIO, &error));
  CHECK(encoder_ != nullptr);
  opus_encoder_ctl(encoder_.get(), OPUS_SET_BITRATE(kBitrate));
  opus_encoder_ctl(encoder_.get(), OPUS_SET_INBAND_FEC(1));
  opus_encoder_ctl(encoder_.get(), OPUS_SET_PACKET_LOSS_PERC(kExpectedLossPercent));
  opus_encoder_ctl(encoder_.get(), OPUS_SET_COMPLEXITY(5));  // half the cost of 10, no difference at 96 kbit/s
  opus_int32 lookahead = 0;
  opus_encoder_ctl(encoder_.get(), OPUS_GET_LOOKAHEAD(&lookahead));
  lookahead_ = lookahead;
}
OpusPacker::~OpusPacker() = default;

std::vector<uint8_t> OpusPacker::encode(std::span<const float> block) {
  std::vector<uint8_t> packet(kMaxPacket);
  const int size = opus_encode_float(encoder_.get(), block.data(), static_cast<int>(block.size() / 2), packet.data(),
                                     static_cast<opus_int32>(packet.size()));
  packet.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return packet;
}

}  // namespace footlight::compose
