#include "compose/part_builder.h"

#include <algorithm>

#include "base/check.h"
#include "fmp4/avc.h"
#include "fmp4/fragment_writer.h"
#include "fmp4/init_segment.h"

namespace footlight::compose {
namespace {

constexpr uint32_t kAudioBitrate = 128'000;

}  // namespace

PartBuilder::PartBuilder(PartSink& sink, const Timeline& timeline, const state::HlsGrid& grid,
                         const state::Rendition& rendition, int64_t first_tick, int init, int64_t segment)
    : sink_(sink),
      timeline_(timeline),
      grid_(grid),
      rendition_(rendition),
      first_tick_(first_tick),
      init_(init),
      segment_(segment),
      part_start_(first_tick) {}

void PartBuilder::announce(const libav::EncodedPicture& picture, ByteView audio_config) {
  const std::vector<uint8_t> avc = fmp4::build_avc_config_from_annex_b(picture.data);
  CHECK(!avc.empty());  // our own encoder puts parameter sets before each IDR
  fmp4::InitSegment init;
  init.video = {avc, static_cast<uint16_t>(rendition_.width), static_cast<uint16_t>(rendition_.height)};
  init.audio = {audio_config, 2, kAudioBitrate};
  const std::vector<uint8_t> body = fmp4::build_init_segment(init);
  sink_.on_init(init_, std::string(as_text(body)));
  announced_ = true;
}

void PartBuilder::on_picture(const libav::EncodedPicture& picture, ByteView audio_config) {
  if (!announced_ && !picture.key) return;  // the encoder failed on the first: nothing decodable yet
  if (!announced_) announce(picture, audio_config);
  // The tick that should have ended the part was skipped: this picture shows that it is over.
  if (!pictures_.empty() && starts_part(picture.tick)) finish_part(picture.tick, starts_segment(picture.tick));
  const size_t begin = video_bytes_.size();
  fmp4::append_length_prefixed(picture.data, video_bytes_);
  pictures_.push_back({picture.tick, picture.key, begin, video_bytes_.size()});
  const int64_t next = picture.tick + 1;
  if (starts_part(next)) finish_part(next, starts_segment(next));
}

void PartBuilder::on_audio(std::vector<libav::AacFrame> units) {
  // The priming unit plays before the first picture and holds no sound.
  const int64_t from = timeline_.sample_at(timeline_.time_of_tick(first_tick_)) - libav::kAacFrameSamples;
  for (libav::AacFrame& unit : units)
    if (unit.first_sample >= from) units_.push_back(std::move(unit));
}

void PartBuilder::finish_part(int64_t end_tick, bool last) {
  std::vector<fmp4::Sample> video;
  for (size_t i = 0; i < pictures_.size(); ++i) {
    const int64_t next = i + 1 < pictures_.size() ? pictures_[i + 1].tick : end_tick;
    video.push_back({ByteView(video_bytes_).subspan(pictures_[i].begin, pictures_[i].end - pictures_[i].begin),
                     static_cast<uint32_t>(timeline_.video_time(next) - timeline_.video_time(pictures_[i].tick)),
                     pictures_[i].key});
  }
  std::vector<fmp4::Sample> audio;
  for (const libav::AacFrame& unit : units_) audio.push_back({unit.data, libav::kAacFrameSamples, true});
  std::vector<fmp4::TrackRun> runs;
  runs.push_back({fmp4::kVideoTrackId, static_cast<uint64_t>(timeline_.video_time(pictures_.front().tick)), video});
  if (!audio.empty()) runs.push_back({fmp4::kAudioTrackId, static_cast<uint64_t>(units_.front().first_sample), audio});
  scratch_.clear();
  fmp4::write_fragment(++sequence_, runs, scratch_);

  Part part;
  part.segment = segment_;
  part.part = part_;
  part.init = init_;
  part.independent = pictures_.front().key;
  part.last = last;
  part.duration = timeline_.time_of_tick(end_tick) - timeline_.time_of_tick(part_start_);
  part.date_time = timeline_.wall_of_tick(part_start_);
  part.body = std::string(as_text(scratch_));
  sink_.on_part(std::move(part));

  pictures_.clear();
  video_bytes_.clear();
  units_.clear();
  part_start_ = end_tick;
  part_ = last ? 0 : part_ + 1;
  segment_ += last ? 1 : 0;
}

void PartBuilder::close(int64_t tick) {
  if (!pictures_.empty()) finish_part(tick, true);
}

}  // namespace footlight::compose
