#include <gtest/gtest.h>

extern "C" {
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
}

#include <cmath>
#include <random>

#include "libav/aac_encoder.h"
#include "libav/handles.h"
#include "libav/log_level.h"
#include "libav/video_decoder.h"
#include "libav/video_encoder.h"

namespace footlight::libav {
namespace {

// A grey picture with a white square whose place tells its number.
Picture numbered_picture(int width, int height, int number) {
  const size_t luma = static_cast<size_t>(width) * static_cast<size_t>(height);
  auto pixels = std::make_shared<std::vector<uint8_t>>(luma * 3 / 2, uint8_t{128});
  std::fill_n(pixels->begin(), luma, uint8_t{60});
  const int left = number * 8 % (width - 16);
  for (int y = 16; y < 32; ++y)
    for (int x = left; x < left + 16; ++x) (*pixels)[static_cast<size_t>(y * width + x)] = 235;
  Picture p;
  p.width = width;
  p.height = height;
  p.plane = {pixels->data(), pixels->data() + luma, pixels->data() + luma + luma / 4};
  p.stride = {width, width / 2, width / 2};
  p.storage = pixels;
  return p;
}

VideoEncoderSettings small_settings() {
  return {.width = 160,
          .height = 96,
          .fps = 30,
          .key_interval = 60,
          .video_kbps = 300,
          .max_kbps = 400,
          .buffer_kbit = 400};
}

TEST(VideoEncoder, every_picture_comes_out_at_once_and_decodes_to_what_went_in) {
  auto encoder = VideoEncoder::open(small_settings());
  ASSERT_TRUE(encoder);
  auto decoder = VideoDecoder::open(media::Codec::kH264);
  ASSERT_TRUE(decoder);
  for (int i = 0; i < 30; ++i) {
    auto coded = encoder->encode(numbered_picture(160, 96, i), i, false);
    ASSERT_TRUE(coded);
    EXPECT_EQ(coded->tick, i);
    EXPECT_EQ(coded->key, i == 0);
    auto shown = decoder->decode(coded->data, i * 3000);
    ASSERT_TRUE(shown && shown->has_value());
    EXPECT_EQ((*shown)->time, i * 3000);
    const Picture& p = (*shown)->picture;
    EXPECT_EQ(p.width, 160);
    EXPECT_EQ(p.matrix, YuvMatrix::kBt709);
    EXPECT_FALSE(p.full_range);
    const int left = i * 8 % 144;
    EXPECT_GT(p.plane[0][24 * p.stride[0] + left + 8], 200) << i;
  }
}

TEST(VideoEncoder, forced_key_frames_are_idr_with_parameter_sets_and_others_are_not) {
  auto encoder = VideoEncoder::open(small_settings());
  ASSERT_TRUE(encoder);
  for (int i = 0; i < 50; ++i) {
    const bool force = i == 17 || i == 40;
    auto coded = encoder->encode(numbered_picture(160, 96, i), i, force);
    ASSERT_TRUE(coded);
    EXPECT_EQ(coded->key, force || i == 0) << i;
    if (coded->key) {
      EXPECT_EQ(coded->data[4] & 0x1f, 7) << "an SPS stands first";
    }
  }
}

TEST(VideoEncoder, impossible_settings_are_refused) {
  auto settings = small_settings();
  settings.width = 0;
  EXPECT_FALSE(VideoEncoder::open(settings));
}

TEST(VideoDecoder, damaged_pictures_never_end_it_and_a_key_frame_heals) {
  quiet_library_log();
  auto encoder = VideoEncoder::open(small_settings());
  auto decoder = VideoDecoder::open(media::Codec::kH264);
  ASSERT_TRUE(encoder && decoder);
  std::mt19937 random(7);
  for (int i = 0; i < 400; ++i) {
    auto coded = encoder->encode(numbered_picture(160, 96, i), i, i % 10 == 0);
    ASSERT_TRUE(coded);
    for (int hits = 0; hits < 6; ++hits) coded->data[random() % coded->data.size()] = static_cast<uint8_t>(random());
    if (i % 7 == 0) coded->data.resize(random() % coded->data.size());
    (void)decoder->decode(coded->data, i);
  }
  auto whole = encoder->encode(numbered_picture(160, 96, 3), 1000, true);
  ASSERT_TRUE(whole);
  ASSERT_TRUE(decoder->reset());
  auto shown = decoder->decode(whole->data, 1);
  ASSERT_TRUE(shown);
  EXPECT_TRUE(shown->has_value());
}

// What x264 makes of a grey picture in this format, coded.
std::vector<uint8_t> coded_in(AVPixelFormat format) {
  ContextPtr context(avcodec_alloc_context3(avcodec_find_encoder_by_name("libx264")));
  context->width = 160;
  context->height = 96;
  context->time_base = {1, 30};
  context->pix_fmt = format;
  av_opt_set(context->priv_data, "tune", "zerolatency", 0);
  FramePtr frame(av_frame_alloc());
  PacketPtr packet(av_packet_alloc());
  frame->width = 160;
  frame->height = 96;
  frame->format = format;
  if (avcodec_open2(context.get(), nullptr, nullptr) < 0 || av_frame_get_buffer(frame.get(), 0) < 0) return {};
  const AVPixFmtDescriptor* form = av_pix_fmt_desc_get(format);
  for (int i = 0; i < 3; ++i) {
    const int value = (i == 0 ? 90 : 200) << (form->comp[0].depth - 8);
    const bool deep = form->comp[0].depth > 8;
    for (int at = 0; at < frame->linesize[i] * (i == 0 ? 96 : 96 >> form->log2_chroma_h); ++at)
      frame->data[i][at] = static_cast<uint8_t>(deep && at % 2 == 1 ? value >> 8 : value);
  }
  if (avcodec_send_frame(context.get(), frame.get()) < 0 || avcodec_receive_packet(context.get(), packet.get()) < 0)
    return {};
  return {packet->data, packet->data + packet->size};
}

// The programme showed nothing of a GStreamer pipeline that left the format to x264enc.
TEST(VideoDecoder, pictures_of_4_2_2_and_4_4_4_and_10_bits_are_given_as_8_bit_4_2_0) {
  for (AVPixelFormat format : {AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV420P10LE,
                               AV_PIX_FMT_YUV422P10LE, AV_PIX_FMT_YUV444P10LE}) {
    auto decoder = VideoDecoder::open(media::Codec::kH264);
    ASSERT_TRUE(decoder);
    auto shown = decoder->decode(coded_in(format), 0);
    ASSERT_TRUE(shown && shown->has_value()) << format;
    const Picture& p = (*shown)->picture;
    EXPECT_EQ(p.width, 160);
    EXPECT_EQ(p.full_range, format == AV_PIX_FMT_YUVJ444P);
    EXPECT_NEAR(p.plane[0][95 * p.stride[0] + 159], 90, 3) << format;
    EXPECT_NEAR(p.plane[1][47 * p.stride[1] + 79], 200, 3) << format;
    EXPECT_NEAR(p.plane[2][47 * p.stride[2] + 79], 200, 3) << format;
  }
}

TEST(VideoDecoder, random_bytes_are_refused_by_every_codec) {
  quiet_library_log();
  std::mt19937 random(11);
  for (auto codec : {media::Codec::kH264, media::Codec::kVp8, media::Codec::kVp9, media::Codec::kAv1}) {
    auto decoder = VideoDecoder::open(codec);
    ASSERT_TRUE(decoder);
    for (int i = 0; i < 300; ++i) {
      std::vector<uint8_t> bytes(random() % 400);
      for (auto& b : bytes) b = static_cast<uint8_t>(random());
      (void)decoder->decode(bytes, i);
    }
  }
  EXPECT_FALSE(VideoDecoder::open(media::Codec::kAac));
}

TEST(AacEncoder, units_follow_each_other_and_start_one_frame_of_priming_early) {
  auto encoder = AacEncoder::open(128'000, 480'000);
  ASSERT_TRUE(encoder);
  EXPECT_GE(encoder->specific_config().size(), 2U);
  std::vector<AacFrame> units;
  std::vector<float> block(960 * 2);
  for (int b = 0; b < 50; ++b) {
    for (int i = 0; i < 960; ++i)
      block[static_cast<size_t>(2 * i)] = block[static_cast<size_t>(2 * i + 1)] =
          static_cast<float>(0.3 * std::sin((b * 960 + i) * 2 * M_PI * 440 / 48000));
    ASSERT_TRUE(encoder->push(block, units));
  }
  ASSERT_GE(units.size(), 44U);
  for (size_t i = 0; i < units.size(); ++i)
    EXPECT_EQ(units[i].first_sample, 480'000 - 1024 + static_cast<int64_t>(i) * 1024);
}

}  // namespace
}  // namespace footlight::libav
