#include "fmp4/avc.h"
#include "fmp4/fragment_reader.h"
#include "fmp4/fragment_writer.h"
#include "fmp4/init_reader.h"
#include "fmp4/init_segment.h"
#include "fmp4/testing_libav.h"

namespace footlight::fmp4 {
namespace {

// A second of picture and sound in five parts, as compose writes it.
class WrittenFile : public ::testing::Test {
 protected:
  static constexpr uint64_t kStartFrames = 900;  // tfdt does not begin at 0
  static void SetUpTestSuite() {
    video = encode_video(30);
    audio = encode_audio(48);
  }
  WrittenFile() {
    avc_config = build_avc_config_from_annex_b(video.extradata);
    init =
        build_init_segment({.video = VideoTrack{avc_config, 160, 96}, .audio = AudioTrack{audio.extradata, 2, 128000}});
    file = init;
    for (int part = 0; part < 5; ++part) {
      parts.push_back(write_part(part));
      file.insert(file.end(), parts.back().begin(), parts.back().end());
    }
  }
  std::vector<uint8_t> write_part(int part) {
    std::vector<std::vector<uint8_t>> pictures;
    std::vector<Sample> video_samples, audio_samples;
    for (size_t i = 0; i < 6; ++i) {
      const CodedPacket& packet = video.packets[static_cast<size_t>(part) * 6 + i];
      pictures.emplace_back();
      append_length_prefixed(packet.data, pictures.back());
      video_samples.push_back({.data = {}, .duration = 3000, .sync = packet.key});
    }
    for (size_t i = 0; i < 6; ++i) video_samples[i].data = pictures[i];
    for (int i = part * 9; i < (part + 1) * 9; ++i)
      audio_samples.push_back({.data = audio.packets[static_cast<size_t>(i)].data, .duration = 1024, .sync = true});
    const TrackRun runs[] = {
        {kVideoTrackId, (kStartFrames + static_cast<uint64_t>(part) * 6) * 3000, video_samples},
        {kAudioTrackId, kStartFrames * 1600 + static_cast<uint64_t>(part) * 9 * 1024, audio_samples},
    };
    std::vector<uint8_t> out;
    write_fragment(static_cast<uint32_t>(part + 1), runs, out);
    return out;
  }
  static Coded video, audio;
  std::vector<uint8_t> avc_config, init, file;
  std::vector<std::vector<uint8_t>> parts;
};
Coded WrittenFile::video, WrittenFile::audio;

TEST_F(WrittenFile, libav_reads_the_tracks_as_they_were_meant) {
  Demuxed demuxed(file);
  ASSERT_TRUE(demuxed.opened);
  ASSERT_EQ(demuxed.format->nb_streams, 2u);
  const AVCodecParameters& v = *demuxed.format->streams[0]->codecpar;
  EXPECT_EQ(v.codec_id, AV_CODEC_ID_H264);
  EXPECT_EQ(v.width, 160);
  EXPECT_EQ(v.height, 96);
  EXPECT_EQ(v.color_space, AVCOL_SPC_BT709);
  EXPECT_EQ(v.color_range, AVCOL_RANGE_MPEG);
  EXPECT_EQ(v.color_primaries, AVCOL_PRI_BT709);
  EXPECT_EQ(demuxed.format->streams[0]->time_base.den, 90000);
  const AVCodecParameters& a = *demuxed.format->streams[1]->codecpar;
  EXPECT_EQ(a.codec_id, AV_CODEC_ID_AAC);
  EXPECT_EQ(a.sample_rate, 48000);
  EXPECT_EQ(a.ch_layout.nb_channels, 2);
  EXPECT_EQ(demuxed.format->streams[1]->time_base.den, 48000);
}

TEST_F(WrittenFile, libav_decodes_every_sample_at_its_time) {
  Demuxed demuxed(file);
  ASSERT_TRUE(demuxed.opened);
  std::vector<CodecPtr> decoders;
  for (unsigned i = 0; i < 2; ++i) {
    const AVCodecParameters* par = demuxed.format->streams[i]->codecpar;
    decoders.emplace_back(avcodec_alloc_context3(avcodec_find_decoder(par->codec_id)));
    avcodec_parameters_to_context(decoders.back().get(), par);
    decoders.back()->flags |= AV_CODEC_FLAG_LOW_DELAY;
    ASSERT_EQ(avcodec_open2(decoders.back().get(), decoders.back()->codec, nullptr), 0);
  }
  int64_t next[] = {900 * 3000, 900 * 1600};
  int count[] = {0, 0}, decoded[] = {0, 0};
  AVPacket* packet = av_packet_alloc();
  AVFrame* frame = av_frame_alloc();
  while (av_read_frame(demuxed.format, packet) == 0) {
    const auto i = static_cast<size_t>(packet->stream_index);
    EXPECT_EQ(packet->pts, next[i]);
    EXPECT_EQ(packet->dts, next[i]);
    EXPECT_EQ(packet->duration, i == 0 ? 3000 : 1024);
    if (i == 0) {
      EXPECT_EQ((packet->flags & AV_PKT_FLAG_KEY) != 0, count[0] % 10 == 0) << count[0];
    }
    next[i] += packet->duration;
    ++count[i];
    ASSERT_EQ(avcodec_send_packet(decoders[i].get(), packet), 0);
    while (avcodec_receive_frame(decoders[i].get(), frame) == 0) ++decoded[i];
    av_packet_unref(packet);
  }
  for (size_t i = 0; i < 2; ++i) {
    avcodec_send_packet(decoders[i].get(), nullptr);
    while (avcodec_receive_frame(decoders[i].get(), frame) == 0) ++decoded[i];
  }
  av_frame_free(&frame);
  av_packet_free(&packet);
  EXPECT_EQ(count[0], 30);
  EXPECT_EQ(decoded[0], 30);
  EXPECT_EQ(count[1], 45);
  EXPECT_EQ(decoded[1], 45);
}

TEST_F(WrittenFile, what_was_written_is_read_back) {
  const auto info = read_init_segment(init);
  ASSERT_TRUE(info);
  ASSERT_TRUE(info->video && info->audio);
  EXPECT_EQ(info->video->width, 160);
  EXPECT_EQ(info->video->timescale, 90000u);
  EXPECT_EQ(info->video->profile, 77);
  EXPECT_EQ(info->audio->timescale, 48000u);
  EXPECT_EQ(codecs(*info).substr(0, 9), "avc1.4d40");
  EXPECT_EQ(codecs(*info).substr(11), ",mp4a.40.2");
  const auto fragment = read_fragment(parts[2]);
  ASSERT_TRUE(fragment);
  EXPECT_EQ(fragment->sequence, 3u);
  ASSERT_EQ(fragment->tracks().size(), 2u);
  EXPECT_EQ(fragment->tracks()[0].track_id, kVideoTrackId);
  EXPECT_EQ(fragment->tracks()[0].decode_time, (900u + 12) * 3000);
  EXPECT_EQ(fragment->tracks()[0].duration, 18000u);
  EXPECT_EQ(fragment->tracks()[0].sample_count, 6u);
  EXPECT_FALSE(fragment->tracks()[0].starts_with_sync);
  EXPECT_TRUE(fragment->tracks()[1].starts_with_sync);
  EXPECT_EQ(fragment->tracks()[1].duration, 9u * 1024);
  EXPECT_TRUE(read_fragment(parts[0])->tracks()[0].starts_with_sync);
}

TEST_F(WrittenFile, a_part_or_init_cut_anywhere_is_refused) {
  for (size_t n = 0; n < parts[0].size(); ++n) ASSERT_FALSE(read_fragment(ByteView(parts[0]).first(n))) << n;
  for (size_t n = 0; n < init.size(); ++n) ASSERT_FALSE(read_init_segment(ByteView(init).first(n))) << n;
}

TEST_F(WrittenFile, two_parts_or_a_part_with_something_behind_it_are_refused) {
  std::vector<uint8_t> two = parts[0];
  two.insert(two.end(), parts[1].begin(), parts[1].end());
  EXPECT_EQ(read_fragment(two).error(), ReadError::kUnexpected);
  std::vector<uint8_t> tail = parts[0];
  tail.insert(tail.end(), {0, 0, 0, 8, 'f', 'r', 'e', 'e'});
  EXPECT_EQ(read_fragment(tail).error(), ReadError::kUnexpected);
  EXPECT_EQ(read_fragment(init).error(), ReadError::kUnexpected);
  EXPECT_EQ(read_fragment({}).error(), ReadError::kMissing);
}

TEST_F(WrittenFile, samples_that_lie_outside_of_the_media_data_are_refused) {
  // The first sample's size is at moof 8 + mfhd 16 + traf 8 + tfhd 16 + tfdt 20 + trun 20 + 4.
  std::vector<uint8_t> part = parts[0];
  part[8 + 16 + 8 + 16 + 20 + 20 + 4] = 0x7f;
  EXPECT_EQ(read_fragment(part).error(), ReadError::kInconsistent);
  part = parts[0];
  part[8 + 16 + 8 + 16 + 20 + 16 + 3] = 1;  // data_offset into moof
  EXPECT_EQ(read_fragment(part).error(), ReadError::kInconsistent);
}

// The other direction: our reader against libav's own fragmented files.
TEST_F(WrittenFile, libavs_own_fragments_are_read_too) {
  AVFormatContext* out = nullptr;
  ASSERT_EQ(avformat_alloc_output_context2(&out, nullptr, "mp4", nullptr), 0);
  AVStream* stream = avformat_new_stream(out, nullptr);
  stream->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
  stream->codecpar->codec_id = AV_CODEC_ID_H264;
  stream->codecpar->width = 160;
  stream->codecpar->height = 96;
  stream->codecpar->extradata =
      static_cast<uint8_t*>(av_mallocz(video.extradata.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  stream->codecpar->extradata_size = static_cast<int>(video.extradata.size());
  std::copy(video.extradata.begin(), video.extradata.end(), stream->codecpar->extradata);
  stream->time_base = {1, 90000};
  ASSERT_EQ(avio_open_dyn_buf(&out->pb), 0);
  AVDictionary* options = nullptr;
  av_dict_set(&options, "movflags", "cmaf+frag_custom+empty_moov+default_base_moof", 0);
  ASSERT_GE(avformat_write_header(out, &options), 0);
  av_dict_free(&options);
  avio_flush(out->pb);
  uint8_t* bytes = nullptr;
  int size = avio_get_dyn_buf(out->pb, &bytes);
  const auto head = static_cast<size_t>(size);
  const auto info = read_init_segment({bytes, head});
  ASSERT_TRUE(info) << sentence(info.error());
  EXPECT_EQ(info->video->profile, 77);
  AVPacket* packet = av_packet_alloc();
  for (int i = 0; i < 6; ++i) {
    const CodedPacket& p = video.packets[static_cast<size_t>(i)];
    av_new_packet(packet, static_cast<int>(p.data.size()));
    std::copy(p.data.begin(), p.data.end(), packet->data);
    packet->flags = p.key ? AV_PKT_FLAG_KEY : 0;
    packet->pts = packet->dts = i * int64_t{stream->time_base.den} / 30;
    packet->duration = stream->time_base.den / 30;
    ASSERT_EQ(av_write_frame(out, packet), 0);
    av_packet_unref(packet);
  }
  av_packet_free(&packet);
  av_write_frame(out, nullptr);
  avio_flush(out->pb);
  size = avio_get_dyn_buf(out->pb, &bytes);
  const auto fragment = read_fragment(ByteView(bytes, static_cast<size_t>(size)).subspan(head));
  ASSERT_TRUE(fragment) << sentence(fragment.error());
  EXPECT_EQ(fragment->tracks()[0].sample_count, 6u);
  EXPECT_EQ(fragment->tracks()[0].duration, static_cast<uint64_t>(stream->time_base.den / 5));
  EXPECT_TRUE(fragment->tracks()[0].starts_with_sync);
  uint8_t* buffer = nullptr;
  avio_close_dyn_buf(out->pb, &buffer);
  av_free(buffer);
  avformat_free_context(out);
}

TEST(InitSegment, one_track_is_a_cmaf_header_and_two_are_not) {
  const std::vector<uint8_t> aac = {0x11, 0x90}, sps = {0x67, 0x4d, 0x40, 0x1f}, pps = {0x68, 1};
  const auto avcc = build_avc_config(sps, pps);
  const auto audio = build_init_segment({.video = {}, .audio = AudioTrack{aac, 2, 0}});
  const auto both = build_init_segment({VideoTrack{avcc, 640, 360}, AudioTrack{aac, 2, 0}});
  EXPECT_NE(as_text(audio).find("cmfc"), std::string_view::npos);
  EXPECT_EQ(as_text(both).find("cmfc"), std::string_view::npos);
  EXPECT_EQ(codecs(*read_init_segment(audio)), "mp4a.40.2");
  EXPECT_EQ(codecs(*read_init_segment(both)), "avc1.4d401f,mp4a.40.2");
}

TEST(Avc, parameter_sets_and_delimiters_stay_out_of_samples) {
  // AUD, SPS, PPS, then an IDR slice behind a four-byte and a slice behind a three-byte start code.
  const std::vector<uint8_t> annex_b = {0,    0,    0, 1, 0x09, 0x10, 0,    0, 0,    1,    0x67, 0x4d,
                                        0x40, 0x1f, 0, 0, 1,    0x68, 0xee, 0, 0,    0,    1,    0x65,
                                        0xaa, 0,    0, 3, 1,    0,    0,    1, 0x41, 0xbb, 0,    0};
  std::vector<uint8_t> out;
  EXPECT_EQ(append_length_prefixed(annex_b, out), out.size());
  EXPECT_EQ(out, (std::vector<uint8_t>{0, 0, 0, 6, 0x65, 0xaa, 0, 0, 3, 1, 0, 0, 0, 2, 0x41, 0xbb}));
  EXPECT_EQ(build_avc_config_from_annex_b(annex_b),
            (std::vector<uint8_t>{1, 0x4d, 0x40, 0x1f, 0xff, 0xe1, 0, 4, 0x67, 0x4d, 0x40, 0x1f, 1, 0, 2, 0x68, 0xee}));
}

TEST(Avc, high_profile_says_its_chroma) {
  const std::vector<uint8_t> sps = {0x67, 0x64, 0x00, 0x1f}, pps = {0x68, 0xee};
  const auto config = build_avc_config(sps, pps);
  EXPECT_EQ(std::vector<uint8_t>(config.end() - 4, config.end()), (std::vector<uint8_t>{0xfd, 0xf8, 0xf8, 0}));
}

TEST(Avc, bytes_without_start_codes_or_sets_give_nothing) {
  std::vector<uint8_t> out;
  for (const std::vector<uint8_t>& odd :
       std::vector<std::vector<uint8_t>>{{}, {0}, {0, 0, 1}, {0, 0, 0, 1}, {1, 2, 3}}) {
    EXPECT_EQ(append_length_prefixed(odd, out), 0u);
    EXPECT_TRUE(build_avc_config_from_annex_b(odd).empty());
  }
}

TEST(BoxReader, large_sizes_are_read_and_lies_refused) {
  const std::vector<uint8_t> large = {0, 0, 0, 1, 'm', 'd', 'a', 't', 0, 0, 0, 0, 0, 0, 0, 18, 7, 8};
  const auto box = BoxReader(large).next();
  ASSERT_TRUE(box);
  EXPECT_EQ(box->type, fourcc("mdat"));
  EXPECT_EQ(box->payload.size(), 2u);
  const auto error_of = [](std::vector<uint8_t> bytes) { return BoxReader(bytes).next().error(); };
  EXPECT_EQ(error_of({0, 0, 0, 7, 'f', 'r', 'e', 'e'}), ReadError::kBadSize);
  EXPECT_EQ(error_of({0, 0, 0, 0, 'm', 'd', 'a', 't'}), ReadError::kBadSize);
  EXPECT_EQ(error_of({0, 0, 0, 9, 'f', 'r', 'e', 'e'}), ReadError::kTruncated);
  EXPECT_EQ(error_of({0, 0, 0, 1, 'f', 'r', 'e', 'e', 255, 255, 255, 255, 255, 255, 255, 255}), ReadError::kTruncated);
}

}  // namespace
}  // namespace footlight::fmp4
