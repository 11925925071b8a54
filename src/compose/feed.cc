#include "compose/feed.h"

#include <algorithm>

#include "compose/aac_unpacker.h"
#include "compose/opus_decoder.h"
#include "compose/timeline.h"

namespace footlight::compose {
namespace {

constexpr double kSmooth = 0.1;  // of a new measurement in a running mean
// A wish may be lost on its way, and a relay that began anew has heard none.
constexpr Duration kWishInterval = Duration::seconds(1);
// What was left over when a source went off stage is not shown when it is back. Beyond TrackClock::kJump: a mere delay
// never looks so old.
constexpr Duration kStale = Duration::seconds(3);
// No video came for so long (none was asked for): wraps of its RTP time, 13 h at 90 kHz, may have been missed.
constexpr Duration kForgetVideoTime = Duration::seconds(3600);
// Delay that is not needed any more goes by leaving out sound where nobody hears it, beyond what slewing works off
// soon.
constexpr Duration kExcess = Duration::millis(20);
constexpr Duration kShortenInterval = Duration::millis(100);

int rate_of(const std::vector<state::PipeTrack>& tracks, std::string_view kind, int otherwise) {
  for (const state::PipeTrack& t : tracks)
    if (t.kind == kind && t.clock_rate > 0) return t.clock_rate;
  return otherwise;
}

// Of the first sound track; tracks that cannot be decoded are silent.
std::unique_ptr<SoundDecoder> make_sound_decoder(const std::vector<state::PipeTrack>& tracks) {
  for (const state::PipeTrack& t : tracks)
    if (t.codec == media::name_of(media::Codec::kAac))
      if (auto decoder = AacUnpacker::make(t.fmtp, t.clock_rate))
        return std::make_unique<AacUnpacker>(std::move(*decoder));
  return std::make_unique<OpusUnpacker>();
}

}  // namespace

Feed::Feed(std::string session, std::vector<state::PipeTrack> tracks, const Clock& clock)
    : time_(clock),
      session_(std::move(session)),
      tracks_(std::move(tracks)),
      audio_rate_(rate_of(tracks_, "audio", kSampleRate)),
      clock_(audio_rate_, rate_of(tracks_, "video", 90'000)),
      speech_(make_sound_decoder(tracks_)) {
  for (const state::PipeTrack& t : tracks_) {
    const auto codec = media::codec_named(t.codec);
    if (codec && media::kind_of(*codec) == media::Kind::kAudio && !audio_ssrc_) {
      audio_ssrc_ = rtp::Ssrc(t.ssrc);
      if (codec == media::Codec::kAac) aac_.emplace();
    }
    if (codec && media::kind_of(*codec) == media::Kind::kVideo && !video_ssrc_) {
      video_ssrc_ = rtp::Ssrc(t.ssrc);
      video_codec_ = codec;
    }
  }
}

void Feed::on_rtp(const rtp::PacketView& packet, Timestamp now) {
  if (packet.ssrc() == video_ssrc_) on_video(packet, now);
  if (packet.ssrc() == audio_ssrc_) on_audio(packet, now);
}

void Feed::on_video(const rtp::PacketView& packet, Timestamp now) {
  if (last_video_ && now - *last_video_ > kForgetVideoTime) {
    video_time_ = {};
    newest_video_time_.reset();
  }
  last_video_ = now;
  const rtp::UnwrappedTime time = video_time_.unwrap(packet.time());
  if (!newest_video_time_ || time.value() > *newest_video_time_) {
    newest_video_time_ = time.value();
    const std::scoped_lock lock(mutex_);
    clock_.on_arrival(media::Kind::kVideo, time.value(), now);
  }
  if (!wanted_.load(std::memory_order_relaxed)) {
    video_.reset();
    return;
  }
  if (!video_) video_.emplace(*video_codec_);
  video_->on_packet(packet, time, now);
  decode_ready(now);
}

void Feed::on_audio(const rtp::PacketView& packet, Timestamp now) {
  const rtp::UnwrappedSeq seq = audio_seq_.unwrap(packet.seq());
  if (!audio_losses_.on_packet(seq, now)) return;
  if (packet.payload().empty()) return;  // a probe: its time is an older packet's, which would look late
  const rtp::UnwrappedTime time = audio_time_.unwrap(packet.time());
  if (!aac_) return hear(time.value(), packet.payload(), now);
  aac_->on_packet(packet, seq, time, now);
  hear_units(now);
}

void Feed::hear_units(Timestamp now) {
  while (auto unit = aac_->take(now)) hear(unit->rtp_time, unit->data, now);
}

void Feed::hear(int64_t rtp_time, ByteView packet, Timestamp now) {
  const std::scoped_lock lock(mutex_);
  clock_.on_arrival(media::Kind::kAudio, rtp_time, now);
  clock_.on_ready(media::Kind::kAudio, rtp_time, now);
  clock_.update(now);
  if (wanted_.load(std::memory_order_relaxed)) speech_.insert(rtp_time * kSampleRate / audio_rate_, packet);
}

void Feed::on_sender_report(const rtp::rtcp::SenderReport& report, Timestamp now) {
  const bool video = report.sender == video_ssrc_;
  if (!video && report.sender != audio_ssrc_) return;
  const rtp::TimeUnwrapper& unwrapper = video ? video_time_ : audio_time_;
  if (!unwrapper.newest()) return;  // nothing to count wraps from yet
  const int64_t time = unwrapper.peek(report.rtp_time).value();
  const std::scoped_lock lock(mutex_);
  clock_.on_sender_report(video ? media::Kind::kVideo : media::Kind::kAudio, time, rtp::wall_from_ntp(report.ntp).us(),
                          now);
}

void Feed::decode_ready(Timestamp now) {
  for (;;) {
    const Timestamp begun = time_.now();
    auto out = video_->take(now);
    if (!out) return;
    const Timestamp ready = time_.now();
    const std::scoped_lock lock(mutex_);
    clock_.on_ready(media::Kind::kVideo, out->rtp_time, now + (ready - begun));
    clock_.update(now);
    pictures_.push_back({out->rtp_time, std::move(out->picture)});
    if (pictures_.size() > kMaxPictures) pictures_.pop_front();
    count_frame(now, ready - begun);
  }
}

void Feed::count_frame(Timestamp now, Duration took) {
  decoded_at_.push_back(now);
  while (now - decoded_at_.front() > Duration::seconds(1)) decoded_at_.pop_front();
  decode_ms_ += kSmooth * (took.seconds() * 1000 - decode_ms_);
}

std::optional<LayerSize> Feed::take_layer_wish(Timestamp now) {
  const bool wanted = wanted_.load(std::memory_order_relaxed);
  const LayerSize size = wanted ? slot_.load(std::memory_order_relaxed) : LayerSize{};
  if (wanted && size == LayerSize{}) return std::nullopt;
  if (wished_ == size && now - wished_at_ < kWishInterval) return std::nullopt;
  wished_ = size;
  wished_at_ = now;
  return size;
}

void Feed::on_timer(Timestamp now, std::vector<FeedbackWish>& wishes) {
  if (video_ssrc_) {
    FeedbackWish wish{.media = *video_ssrc_};
    wish.layer = take_layer_wish(now);
    if (video_) {
      decode_ready(now);
      video_->take_losses(now, wish.lost);
      wish.key_frame = video_->take_key_request(now);
    }
    if (wish.key_frame || wish.layer || !wish.lost.empty()) wishes.push_back(std::move(wish));
  }
  if (audio_ssrc_) {
    if (aac_) hear_units(now);
    FeedbackWish wish{.media = *audio_ssrc_};
    audio_losses_.take_due(now, wish.lost);
    if (!wish.lost.empty()) wishes.push_back(std::move(wish));
  }
  const std::scoped_lock lock(mutex_);
  while (!decoded_at_.empty() && now - decoded_at_.front() > Duration::seconds(1)) decoded_at_.pop_front();
  if (video_) {
    figures_.frames = video_->counters().frames;
    figures_.damaged = video_->counters().damaged;
    figures_.key_requests = video_->counters().key_requests;
    figures_.packets = video_->losses().received();
    figures_.lost = video_->losses().lost();
  }
}

FeedFigures Feed::figures() const {
  const std::scoped_lock lock(mutex_);
  FeedFigures f = figures_;
  f.fps = static_cast<double>(decoded_at_.size());
  f.jitter_buffer_ms = clock_.delay().seconds() * 1000;
  f.video_wait_ms = clock_.alignment(media::Kind::kVideo).seconds() * 1000;
  f.audio_wait_ms = clock_.alignment(media::Kind::kAudio).seconds() * 1000;
  f.decode_ms = decode_ms_;
  f.speech = speech_.counters();
  return f;
}

std::optional<libav::Picture> Feed::take_picture(Timestamp t, Duration tick) {
  const std::scoped_lock lock(mutex_);
  std::optional<libav::Picture> newest;
  // Nearest tick: half a tick early is as good as half a tick late, and shows sooner.
  while (!pictures_.empty() && clock_.playout(media::Kind::kVideo, pictures_.front().rtp_time) <= t + tick / 2) {
    const Timestamp playout = clock_.playout(media::Kind::kVideo, pictures_.front().rtp_time);
    if (playout < t - tick) ++figures_.late_frames;
    if (playout > t - kStale) newest = std::move(pictures_.front().picture);
    pictures_.pop_front();
  }
  return newest;
}

bool Feed::pull_audio(Timestamp t, std::span<float> out) {
  const std::scoped_lock lock(mutex_);
  if (!clock_.known(media::Kind::kAudio)) {
    std::ranges::fill(out, 0.0F);
    return false;
  }
  if (clock_.excess() >= kExcess && t - shortened_at_ >= kShortenInterval) {
    shortened_at_ = t;
    const Duration most = clock_.excess() - kExcess / 2;
    clock_.shorten(Duration::micros(speech_.shorten(most.seconds() * kSampleRate) * 1'000'000LL / kSampleRate));
  }
  const double place = clock_.rtp_time_playing_at(media::Kind::kAudio, t) * kSampleRate / audio_rate_;
  return speech_.pull(place, clock_.skew(media::Kind::kAudio), out);
}

}  // namespace footlight::compose
