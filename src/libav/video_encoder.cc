#include "libav/video_encoder.h"

extern "C" {
#include <libavutil/opt.h>
}

#include "base/check.h"
#include "libav/handles.h"

namespace footlight::libav {

struct VideoEncoder::Impl {
  ContextPtr context;
  FramePtr frame{av_frame_alloc()};
  PacketPtr packet{av_packet_alloc()};
};

VideoEncoder::VideoEncoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VideoEncoder::VideoEncoder(VideoEncoder&&) noexcept = default;
VideoEncoder& VideoEncoder::operator=(VideoEncoder&&) noexcept = default;
VideoEncoder::~VideoEncoder() = default;

Result<VideoEncoder, CodecError> VideoEncoder::open(const VideoEncoderSettings& s) {
  const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
  if (!codec) return unexpected(CodecError::kUnavailable);
  auto impl = std::make_unique<Impl>();
  impl->context.reset(avcodec_alloc_context3(codec));
  AVCodecContext* c = impl->context.get();
  if (!c || !impl->frame || !impl->packet) return unexpected(CodecError::kInternal);
  c->width = s.width;
  c->height = s.height;
  c->pix_fmt = AV_PIX_FMT_YUV420P;
  c->time_base = AVRational{1, s.fps};
  c->framerate = AVRational{s.fps, 1};
  c->sample_aspect_ratio = AVRational{1, 1};
  c->color_primaries = AVCOL_PRI_BT709;
  c->color_trc = AVCOL_TRC_BT709;
  c->colorspace = AVCOL_SPC_BT709;
  c->color_range = AVCOL_RANGE_MPEG;
  c->profile = FF_PROFILE_H264_MAIN;
  c->gop_size = s.key_interval;
  c->max_b_frames = 0;
  c->bit_rate = static_cast<int64_t>(s.video_kbps) * 1000;
  c->rc_max_rate = static_cast<int64_t>(s.max_kbps) * 1000;
  c->rc_buffer_size = s.buffer_kbit * 1000;
  c->thread_count = s.threads;
  av_opt_set(c->priv_data, "preset", "veryfast", 0);
  av_opt_set(c->priv_data, "tune", "zerolatency", 0);
  av_opt_set(c->priv_data, "profile", "main", 0);
  // The segment grid forces its own IDRs; a scene cut's I-frame would spend the VBV twice.
  av_opt_set(c->priv_data, "sc_threshold", "0", 0);
  av_opt_set(c->priv_data, "forced-idr", "1", 0);
  if (avcodec_open2(c, codec, nullptr) < 0) return unexpected(CodecError::kSettings);
  return VideoEncoder(std::move(impl));
}

Result<EncodedPicture, CodecError> VideoEncoder::encode(const Picture& picture, int64_t tick, bool force_key) {
  AVCodecContext* c = impl_->context.get();
  CHECK(picture.width == c->width && picture.height == c->height);
  AVFrame* f = impl_->frame.get();
  av_frame_unref(f);
  f->format = AV_PIX_FMT_YUV420P;
  f->width = picture.width;
  f->height = picture.height;
  f->color_range = AVCOL_RANGE_MPEG;
  f->colorspace = AVCOL_SPC_BT709;
  f->color_primaries = AVCOL_PRI_BT709;
  f->color_trc = AVCOL_TRC_BT709;
  f->pts = tick;
  f->pict_type = force_key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
  for (size_t i = 0; i < 3; ++i) {
    f->data[i] = const_cast<uint8_t*>(picture.plane[i]);  // x264 only reads; the flag below says so
    f->linesize[i] = picture.stride[i];
  }
  // A reference-counted buffer keeps libavcodec from copying the picture.
  auto* keep = new std::shared_ptr<const void>(picture.storage);
  const size_t luma = static_cast<size_t>(picture.stride[0]) * static_cast<size_t>(picture.height);
  f->buf[0] = av_buffer_create(
      f->data[0], luma, [](void* opaque, uint8_t*) { delete static_cast<std::shared_ptr<const void>*>(opaque); }, keep,
      AV_BUFFER_FLAG_READONLY);
  if (!f->buf[0]) {
    delete keep;
    return unexpected(CodecError::kInternal);
  }
  const int sent = avcodec_send_frame(c, f);
  av_frame_unref(f);
  if (sent < 0) return unexpected(CodecError::kInternal);
  if (avcodec_receive_packet(c, impl_->packet.get()) < 0) return unexpected(CodecError::kInternal);
  EncodedPicture out;
  out.tick = impl_->packet->pts;
  out.key = (impl_->packet->flags & AV_PKT_FLAG_KEY) != 0;
  out.data.assign(impl_->packet->data, impl_->packet->data + impl_->packet->size);
  av_packet_unref(impl_->packet.get());
  return out;
}

}  // namespace footlight::libav
