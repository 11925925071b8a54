#pragma once
// For tests only: sinks that remember, and libav as the judge of what was written.
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compose/part.h"

namespace footlight::compose::testing {

struct RecordingParts final : PartSink {
  void on_init(int init, std::string body) override { inits[init] = std::move(body); }
  void on_part(Part part) override { parts.push_back(std::move(part)); }
  void on_end() override { ++ends; }
  // One file of everything that belongs to an init segment.
  [[nodiscard]] std::string file(int init = 0) const {
    std::string all = inits.at(init);
    for (const Part& p : parts)
      if (p.init == init) all += p.body;
    return all;
  }
  std::map<int, std::string> inits;
  std::vector<Part> parts;
  int ends = 0;
};

struct RecordingTracks final : TrackSink {
  void on_video(int64_t time, std::shared_ptr<const std::vector<uint8_t>> annex_b, Moment moment) override {
    video.push_back({time, *annex_b});
    last = moment;
  }
  void on_audio(int64_t time, std::vector<uint8_t> opus, Moment moment) override {
    audio.push_back({time, std::move(opus)});
    last = moment;
  }
  struct Frame {
    int64_t time;
    std::vector<uint8_t> data;
  };
  std::vector<Frame> video, audio;
  Moment last;
};

struct ProbedPacket {
  int64_t dts = 0, pts = 0, duration = 0;
  bool key = false;
  size_t size = 0;
};

// A decoded file: packets of both tracks, mean luma of each picture, samples of the left channel.
struct Probe {
  std::vector<ProbedPacket> video, audio;
  struct Shown {
    int64_t pts;
    int width, height;
    std::vector<uint8_t> luma;
  };
  std::vector<Shown> pictures;
  struct Sound {
    int64_t pts;
    std::vector<float> left;
  };
  std::vector<Sound> sound;
  int errors = 0;
};

namespace detail {
struct Memory {
  const std::string* bytes;
  size_t at = 0;
};
inline int read_memory(void* opaque, uint8_t* out, int size) {
  auto* m = static_cast<Memory*>(opaque);
  const size_t n = std::min(static_cast<size_t>(size), m->bytes->size() - m->at);
  if (n == 0) return AVERROR_EOF;
  std::memcpy(out, m->bytes->data() + m->at, n);
  m->at += n;
  return static_cast<int>(n);
}
inline void drain(AVCodecContext* codec, AVFrame* frame, Probe& out) {
  while (avcodec_receive_frame(codec, frame) >= 0) {
    if (codec->codec_type == AVMEDIA_TYPE_VIDEO) {
      Probe::Shown shown{frame->pts, frame->width, frame->height, {}};
      for (int y = 0; y < frame->height; ++y)
        shown.luma.insert(shown.luma.end(), frame->data[0] + y * frame->linesize[0],
                          frame->data[0] + y * frame->linesize[0] + frame->width);
      out.pictures.push_back(std::move(shown));
    } else {
      const auto* left = reinterpret_cast<const float*>(frame->data[0]);
      out.sound.push_back({frame->pts, {left, left + frame->nb_samples}});
    }
  }
}
}  // namespace detail

inline Probe probe(const std::string& file) {
  Probe out;
  detail::Memory memory{&file};
  auto* buffer = static_cast<uint8_t*>(av_malloc(65536));
  AVIOContext* io = avio_alloc_context(buffer, 65536, 0, &memory, detail::read_memory, nullptr, nullptr);
  AVFormatContext* format = avformat_alloc_context();
  format->pb = io;
  if (avformat_open_input(&format, nullptr, av_find_input_format("mov"), nullptr) < 0 ||
      avformat_find_stream_info(format, nullptr) < 0) {
    ++out.errors;
    return out;
  }
  std::vector<AVCodecContext*> codecs;
  for (unsigned i = 0; i < format->nb_streams; ++i) {
    AVCodecContext* c = avcodec_alloc_context3(avcodec_find_decoder(format->streams[i]->codecpar->codec_id));
    avcodec_parameters_to_context(c, format->streams[i]->codecpar);
    c->thread_count = 1;
    c->pkt_timebase = format->streams[i]->time_base;
    c->flags2 |= AV_CODEC_FLAG2_SKIP_MANUAL;
    if (avcodec_open2(c, nullptr, nullptr) < 0) ++out.errors;
    codecs.push_back(c);
  }
  AVPacket* packet = av_packet_alloc();
  AVFrame* frame = av_frame_alloc();
  while (av_read_frame(format, packet) >= 0) {
    AVCodecContext* c = codecs[static_cast<size_t>(packet->stream_index)];
    auto& list = c->codec_type == AVMEDIA_TYPE_VIDEO ? out.video : out.audio;
    list.push_back({packet->dts, packet->pts, packet->duration, (packet->flags & AV_PKT_FLAG_KEY) != 0,
                    static_cast<size_t>(packet->size)});
    if (avcodec_send_packet(c, packet) < 0) ++out.errors;
    detail::drain(c, frame, out);
    av_packet_unref(packet);
  }
  for (AVCodecContext* c : codecs) {
    avcodec_send_packet(c, nullptr);
    detail::drain(c, frame, out);
    avcodec_free_context(&c);
  }
  av_frame_free(&frame);
  av_packet_free(&packet);
  avformat_close_input(&format);
  av_freep(&io->buffer);
  avio_context_free(&io);
  return out;
}

}  // namespace footlight::compose::testing
