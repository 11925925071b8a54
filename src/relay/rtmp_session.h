#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "relay/router.h"
#include "relay/rtmp_track.h"
#include "relay/session.h"
#include "rtmp/event.h"

namespace footlight::relay {

// An RTMP publisher with an accepted key, as a session: frames in, an ordinary publication out. What it brings is known
// once both configurations and a picture have come, or kTrackWait after the first frame; until then packets wait in the
// producers. Another track, another form of sound, or B-frames found late are another publication: it begins with a key
// frame, and until one comes the picture goes on in the one before. Owned by the shard core; the connection is
// RtmpPeers'.
class RtmpSession final : public Session {
 public:
  RtmpSession(std::string id, std::string stream, std::string key_sha256, Router& router, Counters& counters,
              Timestamp now);

  [[nodiscard]] RtmpSession* rtmp() override { return this; }
  [[nodiscard]] const std::string& key_sha256() const { return key_sha256_; }
  // Of a capture, which has no keys.
  [[nodiscard]] bool replayed() const { return key_sha256_.empty(); }
  void on_event(const rtmp::Event& event, Timestamp now);
  // A publication that should stand in the stream now and does not; commit() says that it does, and lets go of the one
  // before it.
  [[nodiscard]] Publication* to_publish(Timestamp now);
  void commit();
  [[nodiscard]] Timestamp tick_media(Timestamp) override { return Timestamp::max(); }  // no feedback

 private:
  static constexpr Duration kTrackWait = Duration::millis(500);

  struct Set {
    Publication publication;
    std::unique_ptr<RtmpTrack> video, audio;
  };

  void tick_transport(Timestamp) override {}
  void close_transport() override {}  // RtmpPeers sees that this has ended
  [[nodiscard]] std::string_view transport_name() const override { return "rtmp"; }
  void on_end(Timestamp now) override;
  void fill(state::SessionObserved& observed, Timestamp now) override;
  [[nodiscard]] bool silent(Timestamp now) const override;

  void on_video_config(const rtmp::VideoConfig& config, Timestamp now);
  void on_audio_config(const rtmp::AudioConfig& config, Timestamp now);
  void on_picture(const rtmp::VideoFrame& frame, Timestamp now);
  void on_sound(const rtmp::AudioFrame& frame, Timestamp now);
  // Where frames go: to the published set as long as it can take them, else to the one that is not published yet.
  [[nodiscard]] Set* set_of_pictures() { return next_ && !waits_for_key_ ? next_.get() : published_.get(); }
  [[nodiscard]] Set* set_of_sound();
  // A set of all tracks that are known, to follow the present one.
  void begin_set(Timestamp now);
  void add_track(const ProducerParameters& parameters, std::unique_ptr<RtmpTrack>& track);
  [[nodiscard]] bool reorders(const rtmp::VideoFrame& frame) const;
  void on_reordering(Timestamp now);
  // New packets go to their consumers, or nowhere while nobody is told of the set.
  void hand_on(Set& set);

  std::string key_sha256_;
  Router& router_;
  std::optional<ProducerParameters> video_, audio_;
  int audio_samples_ = 0;  // of an access unit
  std::optional<Duration> newest_presented_;
  bool b_frames_ = false;
  std::unique_ptr<Set> published_;
  std::unique_ptr<Set> next_;
  Timestamp next_since_{};
  bool waits_for_key_ = false;  // the next set, while the published one shows the picture
  bool sound_changed_ = false;  // the published set cannot take it
  Timestamp last_media_;
  Timestamp last_picture_{};
};

}  // namespace footlight::relay
