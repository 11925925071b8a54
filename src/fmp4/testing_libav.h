#pragma once
// For fmp4/*_test.cc: libav as the oracle. Encodes a few pictures and sounds, and demuxes what we wrote.
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <numbers>
#include <vector>

#include "base/bytes.h"

namespace footlight::fmp4 {

struct FreeCodec {
  void operator()(AVCodecContext* c) const { avcodec_free_context(&c); }
};
using CodecPtr = std::unique_ptr<AVCodecContext, FreeCodec>;

struct CodedPacket {
  std::vector<uint8_t> data;
  bool key = false;
};
struct Coded {
  std::vector<uint8_t> extradata;
  std::vector<CodedPacket> packets;
};

inline void drain(AVCodecContext* c, AVFrame* frame, Coded& out) {
  ASSERT_EQ(avcodec_send_frame(c, frame), 0);
  AVPacket* packet = av_packet_alloc();
  while (avcodec_receive_packet(c, packet) == 0) {
    out.packets.push_back({{packet->data, packet->data + packet->size}, (packet->flags & AV_PKT_FLAG_KEY) != 0});
    av_packet_unref(packet);
  }
  av_packet_free(&packet);
}

// `frames` pictures of 160x96 at 30 a second, an IDR every ten; Annex B.
inline Coded encode_video(int frames) {
  av_log_set_level(AV_LOG_ERROR);
  Coded out;
  CodecPtr c(avcodec_alloc_context3(avcodec_find_encoder_by_name("libx264")));
  c->width = 160;
  c->height = 96;
  c->pix_fmt = AV_PIX_FMT_YUV420P;
  c->time_base = {1, 30};
  c->framerate = {30, 1};
  c->gop_size = 10;
  c->max_b_frames = 0;
  c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "preset", "superfast", 0);
  av_dict_set(&options, "tune", "zerolatency", 0);
  av_dict_set(&options, "profile", "main", 0);
  EXPECT_EQ(avcodec_open2(c.get(), c->codec, &options), 0);
  av_dict_free(&options);
  out.extradata.assign(c->extradata, c->extradata + c->extradata_size);
  AVFrame* frame = av_frame_alloc();
  frame->width = c->width;
  frame->height = c->height;
  frame->format = c->pix_fmt;
  av_frame_get_buffer(frame, 0);
  for (int i = 0; i < frames; ++i) {
    av_frame_make_writable(frame);
    for (int y = 0; y < 96; ++y)
      for (int x = 0; x < 160; ++x) frame->data[0][y * frame->linesize[0] + x] = static_cast<uint8_t>(x + y + i * 7);
    for (int p = 1; p < 3; ++p) std::fill_n(frame->data[p], frame->linesize[p] * 48, uint8_t{128});
    frame->pts = i;
    drain(c.get(), frame, out);
  }
  drain(c.get(), nullptr, out);
  av_frame_free(&frame);
  return out;
}

// `packets` AAC access units of 1024 samples at 48 kHz, stereo.
inline Coded encode_audio(int packets) {
  Coded out;
  CodecPtr c(avcodec_alloc_context3(avcodec_find_encoder(AV_CODEC_ID_AAC)));
  c->sample_rate = 48000;
  c->sample_fmt = AV_SAMPLE_FMT_FLTP;
  c->bit_rate = 128000;
  c->ch_layout = AV_CHANNEL_LAYOUT_STEREO;
  c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  EXPECT_EQ(avcodec_open2(c.get(), c->codec, nullptr), 0);
  out.extradata.assign(c->extradata, c->extradata + c->extradata_size);
  AVFrame* frame = av_frame_alloc();
  frame->nb_samples = c->frame_size;
  frame->format = c->sample_fmt;
  frame->ch_layout = AV_CHANNEL_LAYOUT_STEREO;
  frame->sample_rate = c->sample_rate;
  av_frame_get_buffer(frame, 0);
  for (int i = 0; i < packets; ++i) {
    av_frame_make_writable(frame);
    for (int s = 0; s < frame->nb_samples; ++s)
      for (int ch = 0; ch < 2; ++ch)
        reinterpret_cast<float*>(frame->data[ch])[s] =
            static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * 440 * (i * 1024 + s) / 48000.0));
    frame->pts = i * 1024;
    drain(c.get(), frame, out);
  }
  av_frame_free(&frame);
  out.packets.resize(std::min(out.packets.size(), static_cast<size_t>(packets)));
  return out;
}

// Opens bytes in memory as a file of libavformat.
class Demuxed {
 public:
  explicit Demuxed(ByteView bytes) : bytes_(bytes) {
    constexpr int kBuffer = 4096;
    io_ = avio_alloc_context(static_cast<unsigned char*>(av_malloc(kBuffer)), kBuffer, 0, this, &Demuxed::read, nullptr,
                             nullptr);
    format = avformat_alloc_context();
    format->pb = io_;
    opened = avformat_open_input(&format, "", av_find_input_format("mp4"), nullptr) == 0 &&
             avformat_find_stream_info(format, nullptr) >= 0;
  }
  ~Demuxed() {
    if (opened) avformat_close_input(&format);
    av_freep(&io_->buffer);
    avio_context_free(&io_);
  }
  AVFormatContext* format = nullptr;
  bool opened = false;

 private:
  static int read(void* self, uint8_t* out, int size) {
    auto* d = static_cast<Demuxed*>(self);
    const size_t n = std::min(static_cast<size_t>(size), d->bytes_.size() - d->at_);
    if (n == 0) return AVERROR_EOF;
    std::copy_n(d->bytes_.begin() + static_cast<ptrdiff_t>(d->at_), n, out);
    d->at_ += n;
    return static_cast<int>(n);
  }
  ByteView bytes_;
  size_t at_ = 0;
  AVIOContext* io_ = nullptr;
};

}  // namespace footlight::fmp4
