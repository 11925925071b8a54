#include "libav/aac_decoder.h"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libswresample/swresample.h>
}

#include <algorithm>
#include <cstring>

#include "libav/handles.h"

namespace footlight::libav {
namespace {

constexpr int kOutputRate = 48'000;
constexpr size_t kMaxConfig = 64;  // real ones have 2 to 20 bytes
constexpr int kMaxRate = 192'000;  // ISO/IEC 14496-3: 96 kHz, twice that with SBR
constexpr int kMaxChannels = 8;

struct SwrFree {
  void operator()(SwrContext* s) const { swr_free(&s); }
};
using SwrPtr = std::unique_ptr<SwrContext, SwrFree>;

}  // namespace

struct AacDecoder::Impl {
  ContextPtr context;
  FramePtr frame{av_frame_alloc()};
  PacketPtr packet{av_packet_alloc()};
  SwrPtr converter;
  int rate = 0;  // what the converter takes
  int channels = 0;
  std::vector<uint8_t> padded;

  Result<void, CodecError> prepare_converter();
  Result<int, CodecError> convert(std::vector<float>& out);
};

AacDecoder::AacDecoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AacDecoder::AacDecoder(AacDecoder&&) noexcept = default;
AacDecoder& AacDecoder::operator=(AacDecoder&&) noexcept = default;
AacDecoder::~AacDecoder() = default;

Result<AacDecoder, CodecError> AacDecoder::open(ByteView specific_config) {
  const AVCodec* codec = avcodec_find_decoder(AV_CODEC_ID_AAC);
  if (!codec) return unexpected(CodecError::kUnavailable);
  if (specific_config.empty() || specific_config.size() > kMaxConfig) return unexpected(CodecError::kSettings);
  auto impl = std::make_unique<Impl>();
  impl->context.reset(avcodec_alloc_context3(codec));
  AVCodecContext* c = impl->context.get();
  if (!c || !impl->frame || !impl->packet) return unexpected(CodecError::kInternal);
  c->extradata = static_cast<uint8_t*>(av_mallocz(specific_config.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (!c->extradata) return unexpected(CodecError::kInternal);
  std::memcpy(c->extradata, specific_config.data(), specific_config.size());
  c->extradata_size = static_cast<int>(specific_config.size());
  c->thread_count = 1;
  if (avcodec_open2(c, codec, nullptr) < 0) return unexpected(CodecError::kSettings);
  return AacDecoder(std::move(impl));
}

// Rate and channels show in the first frame only: SBR doubles the one, parametric stereo the other.
Result<void, CodecError> AacDecoder::Impl::prepare_converter() {
  if (converter && rate == frame->sample_rate && channels == frame->ch_layout.nb_channels) return {};
  if (frame->sample_rate <= 0 || frame->sample_rate > kMaxRate || frame->ch_layout.nb_channels > kMaxChannels)
    return unexpected(CodecError::kUnsupported);
  AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
  SwrContext* made = nullptr;
  int set = swr_alloc_set_opts2(&made, &stereo, AV_SAMPLE_FMT_FLT, kOutputRate, &frame->ch_layout,
                                static_cast<AVSampleFormat>(frame->format), frame->sample_rate, 0, nullptr);
  converter.reset(made);
  if (set < 0 || swr_init(converter.get()) < 0) {
    converter.reset();
    return unexpected(CodecError::kUnsupported);
  }
  rate = frame->sample_rate;
  channels = frame->ch_layout.nb_channels;
  return {};
}

Result<int, CodecError> AacDecoder::Impl::convert(std::vector<float>& out) {
  if (auto ok = prepare_converter(); !ok) return unexpected(ok.error());
  int room = swr_get_out_samples(converter.get(), frame->nb_samples);
  if (room < 0) return unexpected(CodecError::kInternal);
  size_t before = out.size();
  out.resize(before + 2 * static_cast<size_t>(room));
  auto* to = reinterpret_cast<uint8_t*>(out.data() + before);
  int got =
      swr_convert(converter.get(), &to, room, const_cast<const uint8_t**>(frame->extended_data), frame->nb_samples);
  out.resize(before + 2 * static_cast<size_t>(std::max(got, 0)));
  if (got < 0) return unexpected(CodecError::kInternal);
  return got;
}

Result<int, CodecError> AacDecoder::decode(ByteView unit, std::vector<float>& out) {
  if (unit.empty()) return unexpected(CodecError::kCorrupt);
  Impl& i = *impl_;
  i.padded.assign(unit.begin(), unit.end());
  i.padded.resize(unit.size() + AV_INPUT_BUFFER_PADDING_SIZE, 0);
  i.packet->data = i.padded.data();
  i.packet->size = static_cast<int>(unit.size());
  if (avcodec_send_packet(i.context.get(), i.packet.get()) < 0) return unexpected(CodecError::kCorrupt);
  int samples = 0;
  while (avcodec_receive_frame(i.context.get(), i.frame.get()) >= 0) {
    auto got = i.convert(out);
    av_frame_unref(i.frame.get());
    if (!got) return got;
    samples += *got;
  }
  if (samples == 0) return unexpected(CodecError::kCorrupt);
  return samples;
}

void AacDecoder::reset() {
  avcodec_flush_buffers(impl_->context.get());
  impl_->converter.reset();
}

}  // namespace footlight::libav
