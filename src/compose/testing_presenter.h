#pragma once
// For tests only: a presenter's browser as the pipe shows it. Once a second the picture flashes white for two frames
// and a 1 kHz beep of 60 ms begins at the same capture time.
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
}

#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "compose/canvas.h"
#include "compose/feeds.h"
#include "compose/opus_encoder.h"
#include "compose/timeline.h"
#include "libav/video_encoder.h"
#include "rtp/ntp.h"
#include "rtp/packet_view.h"
#include "rtp/packet_writer.h"
#include "rtp/payload/h264_packetizer.h"

namespace footlight::compose::testing {

// libvpx through libavcodec, as Firefox and Chromium send it.
class Vp8Encoder {
 public:
  Vp8Encoder(int width, int height) {
    context_ = avcodec_alloc_context3(avcodec_find_encoder_by_name("libvpx"));
    context_->width = width;
    context_->height = height;
    context_->pix_fmt = AV_PIX_FMT_YUV420P;
    context_->time_base = AVRational{1, 30};
    context_->bit_rate = 300'000;
    context_->gop_size = 3000;
    context_->thread_count = 1;
    av_opt_set(context_->priv_data, "deadline", "realtime", 0);
    av_opt_set_int(context_->priv_data, "lag-in-frames", 0, 0);
    av_opt_set_int(context_->priv_data, "cpu-used", 8, 0);
    good_ = avcodec_open2(context_, nullptr, nullptr) >= 0;
  }
  ~Vp8Encoder() { avcodec_free_context(&context_); }
  Vp8Encoder(const Vp8Encoder&) = delete;
  Vp8Encoder& operator=(const Vp8Encoder&) = delete;

  std::vector<uint8_t> encode(const CanvasBuffer& canvas, int64_t number, bool key) {
    std::vector<uint8_t> out;
    AVFrame* frame = av_frame_alloc();
    frame->format = AV_PIX_FMT_YUV420P;
    frame->width = canvas.width();
    frame->height = canvas.height();
    frame->pts = number;
    frame->pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    for (int i = 0; i < 3; ++i) {
      frame->data[i] = const_cast<uint8_t*>(canvas.plane(i));
      frame->linesize[i] = canvas.stride(i);
    }
    AVPacket* packet = av_packet_alloc();
    if (good_ && avcodec_send_frame(context_, frame) >= 0 && avcodec_receive_packet(context_, packet) >= 0)
      out.assign(packet->data, packet->data + packet->size);
    av_packet_free(&packet);
    av_frame_free(&frame);
    return out;
  }

 private:
  AVCodecContext* context_;
  bool good_ = false;
};

struct PresenterOptions {
  int width = 320, height = 180, fps = 30;
  media::Codec codec = media::Codec::kH264;
  uint32_t video_ssrc = 1001, audio_ssrc = 1002;
  double skew_ppm = 0;                          // of its clock against ours
  Duration video_delay = Duration::millis(25);  // capture to arrival, best case
  Duration audio_delay = Duration::millis(5);   // end of the packet's sound to arrival
  Duration jitter;                              // added at random, up to so much
  double loss = 0;                              // of RTP packets, never repaired
  bool video = true, audio = true, reports = true;
  double level = 0.25;  // of the beep
  double beep_hz = 1000;
  uint32_t seed = 1;
};

class Presenter {
 public:
  Presenter(PresenterOptions options, Timestamp start)
      : o_(options), start_(start), canvas_(o_.width, o_.height), random_(o_.seed) {
    auto encoder = libav::VideoEncoder::open({.width = o_.width,
                                              .height = o_.height,
                                              .fps = o_.fps,
                                              .key_interval = 100'000,
                                              .video_kbps = 400,
                                              .max_kbps = 800,
                                              .buffer_kbit = 800,
                                              .threads = 1});
    h264_.emplace(std::move(*encoder));
    if (o_.codec == media::Codec::kVp8) vp8_ = std::make_unique<Vp8Encoder>(o_.width, o_.height);
  }

  [[nodiscard]] state::ComposeInput input(const std::string& id, const std::string& session, int64_t order = 1) const {
    state::ComposeInput i{.id = id, .session = session, .kind = "camera", .on_stage = true, .on_stage_order = order};
    if (o_.video)
      i.tracks.push_back({.kind = "video",
                          .codec = std::string(media::name_of(o_.codec)),
                          .ssrc = o_.video_ssrc,
                          .payload_type = 96,
                          .clock_rate = 90'000});
    if (o_.audio)
      i.tracks.push_back({.kind = "audio",
                          .codec = "opus",
                          .ssrc = o_.audio_ssrc,
                          .payload_type = 111,
                          .clock_rate = 48'000,
                          .channels = 2});
    return i;
  }

  void request_key_frame() { key_wanted_ = true; }
  void mute_everything(bool silent) { silent_ = silent; }  // the network is gone: nothing arrives

  // Delivers everything that arrives by `now`.
  void deliver(Feeds& feeds, Timestamp now) {
    produce(now);
    while (!flight_.empty() && flight_.begin()->first <= now) {
      auto node = flight_.extract(flight_.begin());
      if (silent_) continue;
      if (node.mapped().report) {
        feeds.on_sender_report(*node.mapped().report, node.key());
      } else if (auto view = rtp::PacketView::parse(node.mapped().packet)) {
        feeds.on_rtp(*view, node.key());
      }
    }
  }

 private:
  struct Datagram {
    std::vector<uint8_t> packet;
    std::optional<rtp::rtcp::SenderReport> report;
  };
  // Local time of a moment of the sender's clock: a fast sender's second is shorter.
  [[nodiscard]] Timestamp local(double sender_seconds) const {
    return start_ + Duration::seconds_f(sender_seconds / (1 + o_.skew_ppm * 1e-6));
  }
  [[nodiscard]] Duration wobble() {
    return o_.jitter.us() > 0
               ? Duration::micros(static_cast<int64_t>(random_() % static_cast<uint64_t>(o_.jitter.us())))
               : Duration();
  }
  [[nodiscard]] bool lost() { return o_.loss > 0 && static_cast<double>(random_() % 10'000) < o_.loss * 10'000; }

  void produce(Timestamp now) {
    for (;;) {
      const double video_at = static_cast<double>(frame_) / o_.fps;
      const double audio_at = static_cast<double>(block_ * kBlockSamples) / kSampleRate;
      if (o_.video && video_at <= audio_at) {
        if (local(video_at) > now) return;
        make_frame(video_at);
      } else {
        if (local(audio_at) > now) return;
        make_sound(audio_at);
      }
    }
  }

  void make_frame(double at) {
    // Flash while the beep begins: the first frame at or after each second.
    const bool white = std::fmod(at + 1e-9, 1.0) < 2.0 / o_.fps;
    canvas_.fill(white ? Yuv{235, 128, 128} : Yuv{60, 128, 128});
    canvas_.fill_rectangle(static_cast<int>(frame_ * 4 % o_.width), 8, 16, 16, {140, 90, 160});
    const bool key = frame_ == 0 || std::exchange(key_wanted_, false);
    const auto time = static_cast<uint32_t>(video_base_ + std::llround(at * 90'000));
    const Timestamp arrival = local(at) + o_.video_delay + wobble();
    report_if_due(at, o_.video_ssrc, time, video_reported_, arrival);
    std::vector<uint8_t> coded;
    if (vp8_) {
      coded = vp8_->encode(canvas_, frame_, key);
      cut_vp8(coded, time, arrival);
    } else {
      CanvasBuffer copy = canvas_;
      auto encoded = h264_->encode(share(std::make_shared<CanvasBuffer>(std::move(copy))), frame_, key);
      cut_h264(encoded->data, time, arrival);
    }
    ++frame_;
  }

  void cut_h264(ByteView coded, uint32_t time, Timestamp arrival) {
    rtp::H264Packetizer packetizer(coded, 1100);
    std::vector<uint8_t> payload(1100);
    while (const size_t size = packetizer.next(payload))
      send(96, o_.video_ssrc, video_seq_, time, packetizer.done(), ByteView(payload).first(size), arrival);
  }
  void cut_vp8(ByteView coded, uint32_t time, Timestamp arrival) {
    for (size_t at = 0; at < coded.size(); at += 1000) {
      const size_t size = std::min<size_t>(1000, coded.size() - at);
      std::vector<uint8_t> payload{static_cast<uint8_t>(at == 0 ? 0x10 : 0x00)};  // RFC 7741 §4.2: S set, PID 0
      payload.insert(payload.end(), coded.begin() + static_cast<ptrdiff_t>(at),
                     coded.begin() + static_cast<ptrdiff_t>(at + size));
      send(96, o_.video_ssrc, video_seq_, time, at + size == coded.size(), payload, arrival);
    }
  }

  void make_sound(double at) {
    std::vector<float> pcm(2 * kBlockSamples);
    for (int64_t i = 0; i < kBlockSamples; ++i) {
      const double t = at + static_cast<double>(i) / kSampleRate;
      const double second = std::fmod(t + 1e-9, 1.0);
      const double v = second < 0.06 ? o_.level * std::sin(2 * M_PI * o_.beep_hz * second) : 0;
      pcm[static_cast<size_t>(2 * i)] = pcm[static_cast<size_t>(2 * i + 1)] = static_cast<float>(v);
    }
    const std::vector<uint8_t> packet = opus_.encode(pcm);
    // A browser's timestamps name the capture of what comes out of the decoder, as ours do: less the look-ahead.
    const auto time = static_cast<uint32_t>(audio_base_ + block_ * kBlockSamples - opus_.lookahead());
    const Timestamp arrival = local(at + 0.02) + o_.audio_delay + wobble();
    report_if_due(at, o_.audio_ssrc, time + static_cast<uint32_t>(opus_.lookahead()), audio_reported_, arrival);
    if (o_.audio) send(111, o_.audio_ssrc, audio_seq_, time, false, packet, arrival);
    ++block_;
  }

  void report_if_due(double at, uint32_t ssrc, uint32_t time, double& reported, Timestamp arrival) {
    if (!o_.reports || (reported >= 0 && at - reported < 1)) return;
    reported = at;
    rtp::rtcp::SenderReport sr;
    sr.sender = rtp::Ssrc(ssrc);
    sr.ntp = rtp::ntp_from_wall(WallTime::millis(1'600'000'000'000) + Duration::seconds_f(at));
    sr.rtp_time = rtp::RtpTime(time);
    flight_.emplace(arrival + Duration::millis(1), Datagram{{}, sr});
  }

  void send(int type, uint32_t ssrc, uint16_t& seq, uint32_t time, bool marker, ByteView payload, Timestamp arrival) {
    std::vector<uint8_t> packet(1500);
    packet.resize(rtp::write_packet(packet,
                                    {.marker = marker,
                                     .payload_type = rtp::PayloadType(static_cast<uint8_t>(type)),
                                     .seq = rtp::SeqNum(seq++),
                                     .time = rtp::RtpTime(time),
                                     .ssrc = rtp::Ssrc(ssrc)},
                                    payload));
    if (!lost()) flight_.emplace(arrival, Datagram{std::move(packet), {}});
  }

  PresenterOptions o_;
  Timestamp start_;
  CanvasBuffer canvas_;
  std::optional<libav::VideoEncoder> h264_;
  std::unique_ptr<Vp8Encoder> vp8_;
  OpusPacker opus_;
  std::mt19937_64 random_;
  int64_t frame_ = 0, block_ = 0;
  uint16_t video_seq_ = 65'500, audio_seq_ = 65'000;  // both wrap soon
  int64_t video_base_ = 0xffff'0000, audio_base_ = 0xfffe'0000;
  double video_reported_ = -1, audio_reported_ = -1;
  bool key_wanted_ = false, silent_ = false;
  std::multimap<Timestamp, Datagram> flight_;
};

}  // namespace footlight::compose::testing
