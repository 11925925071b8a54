#include "fmp4/init_segment.h"

#include "base/check.h"
#include "fmp4/box_writer.h"

namespace footlight::fmp4 {
namespace {

constexpr uint32_t kMovieTimescale = 90000;
constexpr uint16_t kLanguageUndetermined = 0x55c4;  // "und" in three times five bits

// A track's box contents that the two kinds share.
struct TrackHead {
  uint32_t id;
  uint32_t timescale;
  uint16_t width, height;  // 0 for audio
  bool audio;
};

// Unity matrix {0x10000,0,0, 0,0x10000,0, 0,0,0x40000000} (ISO/IEC 14496-12 §8.2.2).
void write_matrix(ByteBuffer& out) {
  for (uint32_t v : {0x10000u, 0u, 0u, 0u, 0x10000u, 0u, 0u, 0u, 0x40000000u}) out.u32(v);
}

void write_ftyp(ByteBuffer& out, bool single_track) {
  BoxScope box(out, "ftyp");
  out.text("iso6");
  out.u32(0);  // minor_version
  out.text("iso6");
  out.text("mp41");
  // A CMAF header holds exactly one track (ISO/IEC 23000-19 §7.3.1); a muxed one must not claim the brand.
  if (single_track) out.text("cmfc");
}

void write_mvhd(ByteBuffer& out) {
  BoxScope box(out, "mvhd", 0, 0);
  out.zeros(8);  // creation and modification time: unknown, so that equal streams are equal bytes
  out.u32(kMovieTimescale);
  out.u32(0);  // duration: in fragments
  out.u32(0x10000);
  out.u16(0x100);
  out.zeros(10);
  write_matrix(out);
  out.zeros(24);
  out.u32(kAudioTrackId + 1);  // next_track_ID
}

void write_tkhd(ByteBuffer& out, const TrackHead& head) {
  constexpr uint32_t kEnabledInMovie = 3;
  BoxScope box(out, "tkhd", 0, kEnabledInMovie);
  out.zeros(8);
  out.u32(head.id);
  out.zeros(8);   // reserved, duration
  out.zeros(12);  // reserved, layer, alternate_group
  out.u16(head.audio ? 0x100 : 0);
  out.u16(0);
  write_matrix(out);
  out.u32(static_cast<uint32_t>(head.width) << 16);
  out.u32(static_cast<uint32_t>(head.height) << 16);
}

void write_mdhd_hdlr(ByteBuffer& out, const TrackHead& head) {
  {
    BoxScope box(out, "mdhd", 0, 0);
    out.zeros(8);
    out.u32(head.timescale);
    out.u32(0);
    out.u16(kLanguageUndetermined);
    out.u16(0);
  }
  BoxScope box(out, "hdlr", 0, 0);
  out.u32(0);
  out.text(head.audio ? "soun" : "vide");
  out.zeros(12);
  out.text(head.audio ? "Sound" : "Video");
  out.u8(0);
}

void write_dinf(ByteBuffer& out) {
  constexpr uint32_t kSelfContained = 1;
  BoxScope dinf(out, "dinf");
  BoxScope dref(out, "dref", 0, 0);
  out.u32(1);
  BoxScope url(out, "url ", 0, kSelfContained);
}

// ISO/IEC 14496-12 §12.1.3, ISO/IEC 14496-15 §5.4.2.1.
void write_avc1(ByteBuffer& out, const VideoTrack& video) {
  constexpr uint32_t k72Dpi = 0x480000;
  constexpr uint16_t kDepth24 = 0x18;
  BoxScope entry(out, "avc1");
  out.zeros(6);
  out.u16(1);  // data_reference_index
  out.zeros(16);
  out.u16(video.width);
  out.u16(video.height);
  out.u32(k72Dpi);
  out.u32(k72Dpi);
  out.u32(0);
  out.u16(1);  // frame_count
  out.zeros(32);
  out.u16(kDepth24);
  out.u16(0xffff);
  {
    BoxScope box(out, "avcC");
    out.bytes(video.avc_config);
  }
  {
    constexpr uint16_t kBt709 = 1;  // ITU-T H.273: primaries, transfer and matrix alike
    BoxScope box(out, "colr");
    out.text("nclx");
    for (int i = 0; i < 3; ++i) out.u16(kBt709);
    out.u8(0);  // limited range
  }
  BoxScope box(out, "pasp");
  out.u32(1);
  out.u32(1);
}

// One MPEG-4 descriptor's tag and size; sizes here stay below 128, so one byte is enough (ISO/IEC 14496-1 §8.3.3).
void write_descriptor(ByteBuffer& out, uint8_t tag, size_t size) {
  CHECK(size < 128);
  out.u8(tag);
  out.u8(size);
}

// ES_Descriptor (ISO/IEC 14496-1 §7.2.6.5) around AudioSpecificConfig.
void write_esds(ByteBuffer& out, const AudioTrack& audio) {
  constexpr uint8_t kEsTag = 3, kDecoderConfigTag = 4, kDecoderSpecificTag = 5, kSlConfigTag = 6;
  constexpr uint8_t kMpeg4Audio = 0x40;
  constexpr uint8_t kAudioStream = 0x15;  // streamType 5, upStream 0, reserved 1
  const size_t specific = 2 + audio.specific_config.size();
  const size_t decoder = 2 + 13 + specific;
  BoxScope box(out, "esds", 0, 0);
  write_descriptor(out, kEsTag, 3 + decoder + 3);
  out.u16(0);  // ES_ID: 0 in a file
  out.u8(0);
  write_descriptor(out, kDecoderConfigTag, 13 + specific);
  out.u8(kMpeg4Audio);
  out.u8(kAudioStream);
  out.u24(0);  // bufferSizeDB
  out.u32(audio.bitrate);
  out.u32(audio.bitrate);
  write_descriptor(out, kDecoderSpecificTag, audio.specific_config.size());
  out.bytes(audio.specific_config);
  write_descriptor(out, kSlConfigTag, 1);
  out.u8(2);  // predefined: in an MP4 file
}

void write_mp4a(ByteBuffer& out, const AudioTrack& audio) {
  BoxScope entry(out, "mp4a");
  out.zeros(6);
  out.u16(1);  // data_reference_index
  out.zeros(8);
  out.u16(audio.channels);
  out.u16(16);  // samplesize: template value
  out.u32(0);
  out.u32(kAudioTimescale << 16);
  write_esds(out, audio);
}

// The sample tables are there and empty: samples live in fragments (ISO/IEC 14496-12 §8.8).
template <class WriteEntry>
void write_stbl(ByteBuffer& out, WriteEntry write_entry) {
  BoxScope stbl(out, "stbl");
  {
    BoxScope box(out, "stsd", 0, 0);
    out.u32(1);
    write_entry();
  }
  {
    BoxScope box(out, "stts", 0, 0);
    out.u32(0);
  }
  {
    BoxScope box(out, "stsc", 0, 0);
    out.u32(0);
  }
  {
    BoxScope box(out, "stsz", 0, 0);
    out.zeros(8);
  }
  BoxScope box(out, "stco", 0, 0);
  out.u32(0);
}

template <class WriteEntry>
void write_trak(ByteBuffer& out, const TrackHead& head, WriteEntry write_entry) {
  BoxScope trak(out, "trak");
  write_tkhd(out, head);
  BoxScope mdia(out, "mdia");
  write_mdhd_hdlr(out, head);
  BoxScope minf(out, "minf");
  if (head.audio) {
    BoxScope box(out, "smhd", 0, 0);
    out.u32(0);
  } else {
    BoxScope box(out, "vmhd", 0, 1);
    out.zeros(8);
  }
  write_dinf(out);
  write_stbl(out, write_entry);
}

void write_trex(ByteBuffer& out, uint32_t track_id) {
  BoxScope box(out, "trex", 0, 0);
  out.u32(track_id);
  out.u32(1);     // default_sample_description_index
  out.zeros(12);  // duration, size, flags: each fragment says them
}

}  // namespace

std::vector<uint8_t> build_init_segment(const InitSegment& init) {
  CHECK(init.video || init.audio);
  ByteBuffer out;
  write_ftyp(out, !init.video || !init.audio);
  {
    BoxScope moov(out, "moov");
    write_mvhd(out);
    if (init.video)
      write_trak(out, {kVideoTrackId, kVideoTimescale, init.video->width, init.video->height, false},
                 [&] { write_avc1(out, *init.video); });
    if (init.audio)
      write_trak(out, {kAudioTrackId, kAudioTimescale, 0, 0, true}, [&] { write_mp4a(out, *init.audio); });
    BoxScope mvex(out, "mvex");
    if (init.video) write_trex(out, kVideoTrackId);
    if (init.audio) write_trex(out, kAudioTrackId);
  }
  return out.take();
}

}  // namespace footlight::fmp4
