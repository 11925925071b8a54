#include "relay/rtmp_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.h"
#include "base/text_codec.h"

namespace footlight::relay {
namespace {

constexpr Duration kSilence = Duration::seconds(2);  // state::SessionObserved: "stalled"
// Payload types as in a PublishSession; the one for AAC is what libavformat calls it.
constexpr rtp::PayloadType kVideoType{96};
constexpr rtp::PayloadType kAacType{97};

// RTMP's publishers answer neither NACK (nothing is lost on TCP) nor PLI.
ProducerParameters video_parameters(const rtmp::VideoConfig& config) {
  ProducerParameters p;
  p.codec = media::Codec::kH264;
  p.payload_type = kVideoType;
  p.clock_rate = 90'000;
  p.fmtp = "packetization-mode=1;profile-level-id=" + to_hex(config.sps.subspan(1, 3));
  return p;
}

// RFC 3640 §4.1.
ProducerParameters audio_parameters(const rtmp::AudioConfig& config) {
  ProducerParameters p;
  p.codec = media::Codec::kAac;
  p.payload_type = kAacType;
  p.clock_rate = static_cast<int>(config.config.sample_rate);
  p.channels = config.config.channels;
  p.fmtp = "streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=" +
           to_hex(config.raw);
  return p;
}

state::PipeTrack pipe_track(const ProducerParameters& p) {
  state::PipeTrack out;
  out.kind = media::name_of(media::kind_of(p.codec));
  out.codec = media::name_of(p.codec);
  out.ssrc = random_u32();
  out.payload_type = p.payload_type.value();
  out.clock_rate = p.clock_rate;
  out.channels = p.channels;
  out.fmtp = p.fmtp;
  return out;
}

}  // namespace

RtmpSession::RtmpSession(std::string id, std::string stream, std::string key_sha256, Router& router, Counters& counters,
                         Timestamp now)
    : Session(std::move(id), std::move(stream), counters, now),
      key_sha256_(std::move(key_sha256)),
      router_(router),
      last_media_(now) {
  publishes_ = true;
}

void RtmpSession::add_track(const ProducerParameters& parameters, std::unique_ptr<RtmpTrack>& track) {
  Publication::Track made{media::kind_of(parameters.codec), {}, pipe_track(parameters)};
  made.layers.push_back({"", std::make_unique<Producer>(parameters, counters_)});
  made.pipe.b_frames = b_frames_ && made.kind == media::Kind::kVideo;
  track = std::make_unique<RtmpTrack>(*made.layers.front().producer);
  next_->publication.tracks.push_back(std::move(made));
}

void RtmpSession::begin_set(Timestamp now) {
  next_ = std::make_unique<Set>();
  // At first from the first frame on: some encoders say early what they will bring, and all of it in one burst later.
  next_since_ = published_ ? now : Timestamp::max();
  waits_for_key_ = published_ && published_->video;
  next_->publication.owner = id();
  if (video_) add_track(*video_, next_->video);
  if (audio_) add_track(*audio_, next_->audio);
}

void RtmpSession::on_event(const rtmp::Event& event, Timestamp now) {
  if (ended()) return;
  if (auto* e = std::get_if<rtmp::VideoConfig>(&event)) on_video_config(*e, now);
  if (auto* e = std::get_if<rtmp::AudioConfig>(&event)) on_audio_config(*e, now);
  if (auto* e = std::get_if<rtmp::VideoFrame>(&event)) on_picture(*e, now);
  if (auto* e = std::get_if<rtmp::AudioFrame>(&event)) on_sound(*e, now);
}

void RtmpSession::on_video_config(const rtmp::VideoConfig& config, Timestamp now) {
  if (video_) return;  // new parameter sets stand in front of their key frame
  video_ = video_parameters(config);
  if (next_)
    add_track(*video_, next_->video);
  else
    begin_set(now);
}

void RtmpSession::on_audio_config(const rtmp::AudioConfig& config, Timestamp now) {
  audio_ = audio_parameters(config);
  audio_samples_ = config.config.frame_samples;
  sound_changed_ = true;
  if (next_ && !next_->audio)
    add_track(*audio_, next_->audio);
  else
    begin_set(now);
}

void RtmpSession::on_picture(const rtmp::VideoFrame& frame, Timestamp now) {
  if (!video_) return;
  last_media_ = last_picture_ = now;
  next_since_ = std::min(next_since_, now);
  if (!b_frames_ && reorders(frame)) on_reordering(now);
  newest_presented_ = std::max(newest_presented_.value_or(frame.present), frame.present);
  if (frame.key) waits_for_key_ = false;
  Set& set = *set_of_pictures();
  auto packetizer = RtmpTrack::packetizer_of(frame);
  bool done = false;
  while (!done) {
    done = set.video->put_picture(packetizer, frame, now);
    hand_on(set);
    if (!done) router_.forward(now);
  }
}

// An encoder with B-frames shows its very first picture later than it decodes it, as a rule; all of them show one
// before another that came first.
bool RtmpSession::reorders(const rtmp::VideoFrame& frame) const {
  return newest_presented_ ? frame.present < *newest_presented_ : frame.present > frame.decode;
}

// Told before anybody receives the track, as a rule. A late discovery is told at once to those who come, and is another
// publication from the next key frame on: then who receives it without being able to show it is let go.
void RtmpSession::on_reordering(Timestamp now) {
  b_frames_ = true;
  if (!next_) begin_set(now);
  for (Set* set : {published_.get(), next_.get()}) {
    if (!set) continue;
    for (auto& track : set->publication.tracks) track.pipe.b_frames = track.kind == media::Kind::kVideo;
  }
  set_changed();
}

RtmpSession::Set* RtmpSession::set_of_sound() {
  return next_ && (!published_ || sound_changed_) ? next_.get() : published_.get();
}

void RtmpSession::on_sound(const rtmp::AudioFrame& frame, Timestamp now) {
  if (!audio_) return;
  last_media_ = now;
  next_since_ = std::min(next_since_, now);
  Set& set = *set_of_sound();
  if (!set.audio->on_sound(frame, audio_samples_, now)) ++counters_.rtmp.skipped;
  hand_on(set);
}

void RtmpSession::hand_on(Set& set) {
  Stream& target = router_.stream(stream());
  if (target.publication() == &set.publication) {
    router_.mark(target);
    return;
  }
  for (auto& track : set.publication.tracks) track.layers.front().producer->clear_fresh();
}

Publication* RtmpSession::to_publish(Timestamp now) {
  if (ended() || !next_) return nullptr;
  if (published_ && published_->video) {
    bool silent = now - last_picture_ >= kSilence;  // there is no picture to keep
    return !waits_for_key_ || silent ? &next_->publication : nullptr;
  }
  bool complete = video_ && audio_ && newest_presented_;
  return complete || now - next_since_ >= kTrackWait ? &next_->publication : nullptr;
}

void RtmpSession::commit() {
  published_ = std::move(next_);
  waits_for_key_ = sound_changed_ = false;
  set_connected();
  set_changed();  // its tracks
}

void RtmpSession::on_end(Timestamp now) {
  Stream& target = router_.stream(stream());
  if (published_ && target.publication() == &published_->publication) target.set_publication(nullptr, now);
}

bool RtmpSession::silent(Timestamp now) const { return now - last_media_ >= kSilence; }

void RtmpSession::fill(state::SessionObserved& observed, Timestamp now) {
  observed.transport = transport_name();  // from its first word: no call has announced it
  if (!published_) return;
  for (auto& track : published_->publication.tracks) {
    Producer& producer = *track.layers.front().producer;
    observed.tracks.push_back(track.pipe);
    observed.bitrate_bps += producer.bitrate(now);
    state::TrackObserved& seen = observed.media.emplace_back(producer.observe("", now));
    seen.b_frames = track.pipe.b_frames;
    if (track.kind == media::Kind::kVideo) observed.fps = seen.fps = published_->video->fps(now);
  }
}

}  // namespace footlight::relay
