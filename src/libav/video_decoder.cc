#include "libav/video_decoder.h"

#include <vector>

#include "libav/frame_picture.h"
#include "libav/handles.h"

namespace footlight::libav {
namespace {

// 4K: what a browser can send and we would show. Beyond it a hostile header only asks for memory.
constexpr int64_t kMaxPixels = 4096LL * 2304;

const AVCodec* decoder_of(media::Codec codec) {
  switch (codec) {
    case media::Codec::kH264:
      return avcodec_find_decoder(AV_CODEC_ID_H264);
    case media::Codec::kVp8:
      return avcodec_find_decoder(AV_CODEC_ID_VP8);
    case media::Codec::kVp9:
      return avcodec_find_decoder(AV_CODEC_ID_VP9);
    case media::Codec::kAv1:
      return avcodec_find_decoder_by_name("libdav1d");  // libavcodec's own decodes on graphics cards only
    case media::Codec::kOpus:
    case media::Codec::kAac:
      break;
  }
  return nullptr;
}

}  // namespace

struct VideoDecoder::Impl {
  const AVCodec* codec = nullptr;
  ContextPtr context;
  PacketPtr packet{av_packet_alloc()};
  Result<void, CodecError> open();
  std::vector<uint8_t> padded;  // libavcodec reads up to AV_INPUT_BUFFER_PADDING_SIZE beyond the end
};

VideoDecoder::VideoDecoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VideoDecoder::VideoDecoder(VideoDecoder&&) noexcept = default;
VideoDecoder& VideoDecoder::operator=(VideoDecoder&&) noexcept = default;
VideoDecoder::~VideoDecoder() = default;

Result<VideoDecoder, CodecError> VideoDecoder::open(media::Codec codec) {
  auto impl = std::make_unique<Impl>();
  impl->codec = decoder_of(codec);
  if (!impl->codec) return unexpected(CodecError::kUnavailable);
  if (auto ok = impl->open(); !ok) return unexpected(ok.error());
  return VideoDecoder(std::move(impl));
}

Result<void, CodecError> VideoDecoder::Impl::open() {
  context.reset(avcodec_alloc_context3(codec));
  if (!context || !packet) return unexpected(CodecError::kInternal);
  // Frame threads would hold back a picture each.
  context->thread_count = 1;
  context->flags |= AV_CODEC_FLAG_LOW_DELAY;
  context->max_pixels = kMaxPixels;
  context->pkt_timebase = AVRational{1, 90000};
  if (avcodec_open2(context.get(), codec, nullptr) < 0) return unexpected(CodecError::kSettings);
  return {};
}

Result<std::optional<DecodedPicture>, CodecError> VideoDecoder::decode(ByteView coded, int64_t time) {
  AVCodecContext* context = impl_->context.get();
  impl_->padded.assign(coded.begin(), coded.end());
  impl_->padded.resize(coded.size() + AV_INPUT_BUFFER_PADDING_SIZE, 0);
  impl_->packet->data = impl_->padded.data();
  impl_->packet->size = static_cast<int>(coded.size());
  impl_->packet->pts = time;
  if (coded.empty() || avcodec_send_packet(context, impl_->packet.get()) < 0) return unexpected(CodecError::kCorrupt);

  // A stream with B-frames may give several at once, and one with spatial layers one a layer; the newest is to be
  // shown.
  std::optional<DecodedPicture> newest;
  bool damaged = false;
  for (;;) {
    FramePtr frame(av_frame_alloc());
    if (!frame) return unexpected(CodecError::kInternal);
    const int got = avcodec_receive_frame(context, frame.get());
    if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) break;
    if (got < 0) return unexpected(CodecError::kCorrupt);
    if (frame->decode_error_flags != 0 || (frame->flags & AV_FRAME_FLAG_CORRUPT)) {
      damaged = true;
      continue;
    }
    const int64_t pts = frame->pts;
    auto picture = picture_of(std::move(frame));
    if (!picture) return unexpected(picture.error());
    newest = DecodedPicture{pts, std::move(*picture)};
  }
  if (!newest && damaged) return unexpected(CodecError::kCorrupt);
  return newest;
}

Result<void, CodecError> VideoDecoder::reset() { return impl_->open(); }

}  // namespace footlight::libav
