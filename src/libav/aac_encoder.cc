#include "libav/aac_encoder.h"

extern "C" {
#include <libavutil/channel_layout.h>
}

#include "libav/handles.h"

namespace footlight::libav {

struct AacEncoder::Impl {
  ContextPtr context;
  FramePtr frame{av_frame_alloc()};
  PacketPtr packet{av_packet_alloc()};
  int64_t base = 0;    // caller's index of the encoder's pts 0
  int64_t pushed = 0;  // whole samples given to libavcodec
  std::vector<float> pending;

  Result<void, CodecError> encode_one(const float* interleaved, std::vector<AacFrame>& out);
};

AacEncoder::AacEncoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AacEncoder::AacEncoder(AacEncoder&&) noexcept = default;
AacEncoder& AacEncoder::operator=(AacEncoder&&) noexcept = default;
AacEncoder::~AacEncoder() = default;

Result<AacEncoder, CodecError> AacEncoder::open(int bitrate_bps, int64_t first_sample) {
  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
  if (!codec) return unexpected(CodecError::kUnavailable);
  auto impl = std::make_unique<Impl>();
  impl->context.reset(avcodec_alloc_context3(codec));
  AVCodecContext* c = impl->context.get();
  if (!c || !impl->frame || !impl->packet) return unexpected(CodecError::kInternal);
  c->sample_fmt = AV_SAMPLE_FMT_FLTP;
  c->sample_rate = 48000;
  av_channel_layout_default(&c->ch_layout, 2);
  c->bit_rate = bitrate_bps;
  c->time_base = AVRational{1, 48000};
  c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;  // raw access units, AudioSpecificConfig in extradata
  if (avcodec_open2(c, codec, nullptr) < 0) return unexpected(CodecError::kSettings);
  impl->base = first_sample;
  return AacEncoder(std::move(impl));
}

Result<void, CodecError> AacEncoder::Impl::encode_one(const float* interleaved, std::vector<AacFrame>& out) {
  AVFrame* f = frame.get();
  av_frame_unref(f);
  f->format = AV_SAMPLE_FMT_FLTP;
  f->sample_rate = 48000;
  f->nb_samples = kAacFrameSamples;
  if (av_channel_layout_copy(&f->ch_layout, &context->ch_layout) < 0 || av_frame_get_buffer(f, 0) < 0)
    return unexpected(CodecError::kInternal);
  auto* left = reinterpret_cast<float*>(f->data[0]);
  auto* right = reinterpret_cast<float*>(f->data[1]);
  for (int i = 0; i < kAacFrameSamples; ++i) {
    left[i] = interleaved[2 * i];
    right[i] = interleaved[2 * i + 1];
  }
  f->pts = pushed;
  pushed += kAacFrameSamples;
  if (avcodec_send_frame(context.get(), f) < 0) return unexpected(CodecError::kInternal);
  while (avcodec_receive_packet(context.get(), packet.get()) >= 0) {
    // libavcodec counts the priming as negative pts (FACTS §7), which is what the decoder will play: keep it.
    AacFrame unit{base + packet->pts, {packet->data, packet->data + packet->size}};
    out.push_back(std::move(unit));
    av_packet_unref(packet.get());
  }
  return {};
}

Result<void, CodecError> AacEncoder::push(std::span<const float> interleaved, std::vector<AacFrame>& out) {
  auto& pending = impl_->pending;
  pending.insert(pending.end(), interleaved.begin(), interleaved.end());
  constexpr size_t kFrameFloats = size_t{2} * kAacFrameSamples;
  size_t used = 0;
  for (; pending.size() - used >= kFrameFloats; used += kFrameFloats)
    if (auto ok = impl_->encode_one(pending.data() + used, out); !ok) return ok;
  pending.erase(pending.begin(), pending.begin() + static_cast<ptrdiff_t>(used));
  return {};
}

ByteView AacEncoder::specific_config() const {
  return {impl_->context->extradata, static_cast<size_t>(impl_->context->extradata_size)};
}

}  // namespace footlight::libav
