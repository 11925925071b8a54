#include "fmp4/init_reader.h"

#include <fmt/format.h>

namespace footlight::fmp4 {
namespace {

struct TrackHead {
  uint32_t id = 0, timescale = 0, handler = 0;
};

// A full box whose times are 32 bits wide in version 0 and 64 in version 1: skips to behind `times` of them.
bool skip_times(ByteReader& in, int times) {
  uint8_t version = 0;
  return in.read_u8(version) && version <= 1 && in.skip(3) &&
         in.skip(static_cast<size_t>(times) * (version == 1 ? 8 : 4));
}

Result<Box, ReadError> descend(ByteView payload, std::initializer_list<uint32_t> path) {
  Box box;
  box.payload = payload;
  for (uint32_t type : path) {
    auto child = only_child(box.payload, type);
    if (!child) return child;
    box = *child;
  }
  return box;
}

Result<TrackHead, ReadError> read_head(ByteView trak) {
  TrackHead head;
  auto tkhd = descend(trak, {fourcc("tkhd")});
  if (!tkhd) return unexpected(tkhd.error());
  auto mdhd = descend(trak, {fourcc("mdia"), fourcc("mdhd")});
  if (!mdhd) return unexpected(mdhd.error());
  auto hdlr = descend(trak, {fourcc("mdia"), fourcc("hdlr")});
  if (!hdlr) return unexpected(hdlr.error());
  ByteReader tk(tkhd->payload), md(mdhd->payload), hd(hdlr->payload);
  if (!skip_times(tk, 2) || !tk.read_u32(head.id) || !skip_times(md, 2) || !md.read_u32(head.timescale) ||
      !hd.skip(8) || !hd.read_u32(head.handler))
    return unexpected(ReadError::kTruncated);
  if (head.timescale == 0) return unexpected(ReadError::kUnsupported);
  return head;
}

// The one sample entry of the track (ISO/IEC 14496-12 §8.5.2).
Result<Box, ReadError> read_entry(ByteView trak) {
  auto stsd = descend(trak, {fourcc("mdia"), fourcc("minf"), fourcc("stbl"), fourcc("stsd")});
  if (!stsd) return stsd;
  ByteReader in(stsd->payload);
  uint32_t count = 0;
  if (!in.skip(4) || !in.read_u32(count)) return unexpected(ReadError::kTruncated);
  if (count != 1) return unexpected(ReadError::kUnsupported);
  return BoxReader(in.rest()).next();
}

Result<VideoInfo, ReadError> read_video(const TrackHead& head, const Box& entry) {
  constexpr size_t kBeforeSize = 24, kAfterSize = 50;  // fields of VisualSampleEntry around width and height
  VideoInfo info{.track_id = head.id, .timescale = head.timescale};
  if (entry.type != fourcc("avc1")) return unexpected(ReadError::kUnsupported);
  ByteReader in(entry.payload);
  if (!in.skip(kBeforeSize) || !in.read_u16(info.width) || !in.read_u16(info.height) || !in.skip(kAfterSize))
    return unexpected(ReadError::kTruncated);
  auto avcc = only_child(in.rest(), fourcc("avcC"));
  if (!avcc) return unexpected(avcc.error());
  ByteReader config(avcc->payload);
  if (!config.skip(1) || !config.read_u8(info.profile) || !config.read_u8(info.constraints) ||
      !config.read_u8(info.level))
    return unexpected(ReadError::kTruncated);
  return info;
}

// Enters one MPEG-4 descriptor: tag, then a size of up to four bytes of seven bits (ISO/IEC 14496-1 §8.3.3).
bool enter_descriptor(ByteReader& in, uint8_t tag) {
  uint8_t found = 0, more = 0x80;
  if (!in.read_u8(found) || found != tag) return false;
  for (int i = 0; i < 4 && (more & 0x80) != 0; ++i)
    if (!in.read_u8(more)) return false;
  return (more & 0x80) == 0;
}

Result<AudioInfo, ReadError> read_audio(const TrackHead& head, const Box& entry) {
  constexpr size_t kEntryFields = 28, kDecoderConfigFields = 13;
  constexpr uint8_t kMpeg4Audio = 0x40, kEscape = 31;
  AudioInfo info{.track_id = head.id, .timescale = head.timescale};
  if (entry.type != fourcc("mp4a")) return unexpected(ReadError::kUnsupported);
  if (entry.payload.size() < kEntryFields) return unexpected(ReadError::kTruncated);
  auto esds = only_child(entry.payload.subspan(kEntryFields), fourcc("esds"));
  if (!esds) return unexpected(esds.error());
  ByteReader in(esds->payload);
  uint8_t es_flags = 0, object_type_indication = 0, config = 0;
  if (!in.skip(4) || !enter_descriptor(in, 3) || !in.skip(2) || !in.read_u8(es_flags) || !enter_descriptor(in, 4) ||
      !in.read_u8(object_type_indication) || !in.skip(kDecoderConfigFields - 1) || !enter_descriptor(in, 5) ||
      !in.read_u8(config))
    return unexpected(ReadError::kTruncated);
  info.object_type = config >> 3;
  if (es_flags != 0 || object_type_indication != kMpeg4Audio || info.object_type == 0 || info.object_type == kEscape)
    return unexpected(ReadError::kUnsupported);
  return info;
}

Result<void, ReadError> read_track(ByteView trak, InitInfo& info) {
  auto head = read_head(trak);
  if (!head) return unexpected(head.error());
  auto entry = read_entry(trak);
  if (!entry) return unexpected(entry.error());
  if (head->handler == fourcc("vide") && !info.video) {
    auto video = read_video(*head, *entry);
    if (!video) return unexpected(video.error());
    info.video = *video;
  } else if (head->handler == fourcc("soun") && !info.audio) {
    auto audio = read_audio(*head, *entry);
    if (!audio) return unexpected(audio.error());
    info.audio = *audio;
  } else {
    return unexpected(ReadError::kUnsupported);
  }
  return {};
}

}  // namespace

Result<InitInfo, ReadError> read_init_segment(ByteView bytes) {
  InitInfo info;
  BoxReader file(bytes);
  auto ftyp = file.next();
  if (!ftyp) return unexpected(ftyp.error());
  if (ftyp->type != fourcc("ftyp")) return unexpected(ReadError::kMissing);
  auto moov = only_child(bytes, fourcc("moov"));
  if (!moov) return unexpected(moov.error());
  if (auto mvex = only_child(moov->payload, fourcc("mvex")); !mvex) return unexpected(mvex.error());
  BoxReader boxes(moov->payload);
  while (!boxes.done()) {
    auto box = boxes.next();
    if (!box) return unexpected(box.error());
    if (box->type != fourcc("trak")) continue;
    if (auto ok = read_track(box->payload, info); !ok) return unexpected(ok.error());
  }
  if (!info.video && !info.audio) return unexpected(ReadError::kMissing);
  return info;
}

std::string codecs(const InitInfo& info) {
  std::string text;
  if (info.video)
    text = fmt::format("avc1.{:02x}{:02x}{:02x}", info.video->profile, info.video->constraints, info.video->level);
  if (info.audio) text += fmt::format("{}mp4a.40.{}", text.empty() ? "" : ",", info.audio->object_type);
  return text;
}

}  // namespace footlight::fmp4
