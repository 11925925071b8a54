#include "rtmp/media_reader.h"

#include <algorithm>

#include "codec/bit_reader.h"
#include "codec/h264.h"
#include "rtmp/flv_tag.h"

namespace footlight::rtmp {
namespace {

// Reordering is at most 16 pictures (ITU-T H.264 §A.3.1); at a picture a second that is 16 s, and real ones stay far
// below. What lies beyond is no composition time.
constexpr int32_t kMaxCompositionMs = 10'000;

Closed unsupported(const std::string& codec) {
  return {CloseReason::kUnsupportedCodec, "Footlight takes H.264 and AAC by RTMP; this is " + codec + "."};
}

// A channelConfiguration of 0 (ISO/IEC 14496-3 table 1.19) stands in front of a program config element.
bool names_channels_elsewhere(ByteView record) {
  constexpr uint32_t kEscapedObject = 31, kExplicitRate = 15;
  codec::BitReader r(record);
  uint32_t object = 0, rate = 0, channels = 1;
  return r.read(5, object) && object != kEscapedObject && r.read(4, rate) && rate != kExplicitRate &&
         r.read(4, channels) && channels == 0;
}

// Less than a length is left, and says nothing: some encoders pad their pictures.
bool only_padding(const ByteReader& r, size_t length_size) {
  return r.remaining() < length_size && std::ranges::all_of(r.rest(), [](uint8_t byte) { return byte == 0; });
}

Closed broken(std::string sentence) { return {CloseReason::kBadMedia, std::move(sentence)}; }

}  // namespace

void MediaReader::restart() {
  timeline_ = {};
  avc_.reset();
  aac_.reset();
}

Duration MediaReader::place(Timeline::Track track, uint32_t timestamp, Timestamp now) {
  const uint64_t before = timeline_.discontinuities();
  Duration placed = timeline_.place(track, timestamp, now);
  counters_.discontinuities += timeline_.discontinuities() - before;
  return placed;
}

std::optional<Event> MediaReader::on_video(const Message& message, Timestamp now) {
  if (message.payload.empty()) return std::nullopt;  // some encoders open a track with an empty message
  auto tag = FlvVideo::parse(message.payload);
  if (!tag) {
    if (tag.error() == FlvError::kOtherCodec) return unsupported(video_codec_name(message.payload));
    if (tag.error() == FlvError::kCommand) return std::nullopt;
    return broken("A video message ends inside its header.");
  }
  if (tag->kind == FlvVideo::Kind::kPicture) return on_picture(tag->body, tag->composition_ms, message.timestamp, now);
  if (tag->kind == FlvVideo::Kind::kEnd) return std::nullopt;
  return on_video_config(tag->body);
}

// libavformat writes an empty one, of sound as well, while it does not know what will be in it: the real one follows.
std::optional<Event> MediaReader::on_video_config(ByteView record) {
  if (record.empty()) {
    ++counters_.skipped;
    return std::nullopt;
  }
  auto config = AvcConfig::parse(record);
  if (!config) return broken("The H.264 configuration cannot be read.");
  if (avc_ == config) return std::nullopt;
  avc_ = std::move(config);
  return VideoConfig{avc_->sps};
}

std::optional<Event> MediaReader::on_picture(ByteView body, int32_t composition_ms, uint32_t timestamp, Timestamp now) {
  Duration decode = place(Timeline::Track::kVideo, timestamp, now);
  if (!avc_ || composition_ms < -kMaxCompositionMs || composition_ms > kMaxCompositionMs) {
    ++counters_.skipped;
    return std::nullopt;
  }
  bool key = false;
  if (!to_annex_b(body, key)) return broken("A picture's NAL units are longer than the picture.");
  if (frame_.empty()) return std::nullopt;
  ++counters_.video_frames;
  return VideoFrame{decode, decode + Duration::millis(composition_ms), key, frame_};
}

// One NAL unit behind its length (ISO/IEC 14496-15 §5.3.2); empty units are given as they are.
bool MediaReader::next_nal(ByteReader& r, ByteView& nal) const {
  ByteView length;
  if (!r.read_bytes(avc_->length_size, length)) return false;
  size_t size = 0;
  for (uint8_t byte : length) size = size << 8 | byte;
  return r.read_bytes(size, nal);
}

// The picture as Annex B in frame_. An IDR without parameter sets of its own gets the configuration's, behind the
// access unit delimiter and before all else (ITU-T H.264 §7.4.1.2.3).
bool MediaReader::to_annex_b(ByteView body, bool& key) {
  frame_.clear();
  key = false;
  bool wants_sets = true;
  ByteView nal;
  for (ByteReader r(body); r.remaining() > 0;) {
    if (only_padding(r, avc_->length_size)) break;
    if (!next_nal(r, nal)) return false;
    if (nal.empty()) continue;
    key = key || codec::nal_type(nal) == codec::NalType::kIdr;
    wants_sets = wants_sets && codec::nal_type(nal) != codec::NalType::kSps;
  }
  wants_sets = wants_sets && key;
  for (ByteReader r(body); r.remaining() > 0 && next_nal(r, nal);) {
    if (nal.empty()) continue;
    if (wants_sets && codec::nal_type(nal) != codec::NalType::kAccessUnitDelimiter) {
      frame_.insert(frame_.end(), avc_->parameter_sets.begin(), avc_->parameter_sets.end());
      wants_sets = false;
    }
    frame_.insert(frame_.end(), std::begin(codec::kStartCode), std::end(codec::kStartCode));
    frame_.insert(frame_.end(), nal.begin(), nal.end());
  }
  return true;
}

std::optional<Event> MediaReader::on_audio(const Message& message, Timestamp now) {
  if (message.payload.empty()) return std::nullopt;
  auto tag = FlvAudio::parse(message.payload);
  if (!tag) {
    if (tag.error() == FlvError::kOtherCodec) return unsupported(audio_codec_name(message.payload));
    return broken("An audio message ends inside its header.");
  }
  if (tag->config) return on_audio_config(tag->body);
  Duration time = place(Timeline::Track::kAudio, message.timestamp, now);
  if (!aac_) {
    ++counters_.skipped;
    return std::nullopt;
  }
  if (tag->body.empty()) return std::nullopt;
  ++counters_.audio_frames;
  return AudioFrame{time, tag->body};
}

std::optional<Event> MediaReader::on_audio_config(ByteView record) {
  if (record.empty()) {
    ++counters_.skipped;
    return std::nullopt;
  }
  auto config = codec::AudioSpecificConfig::parse(record);
  if (!config && names_channels_elsewhere(record))
    return unsupported("AAC whose channels stand in a program config element");
  if (!config) return broken("The AAC configuration cannot be read.");
  if (aac_ == config) return std::nullopt;  // the same may be said in other bytes
  aac_ = config;
  return AudioConfig{*config, record};
}

}  // namespace footlight::rtmp
