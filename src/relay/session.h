#pragma once
#include <string>
#include <utility>

#include "base/units.h"
#include "relay/metrics.h"
#include "state/observed.h"

namespace footlight::relay {

class RtmpSession;
class WebRtcSession;

// One publisher or viewer from its first word to its end, whatever carries it: its life, and what observed state says
// of it. Owned by the shard core, on its thread. In: ticks, and what subclasses take from their transport; out: state
// changes, read by take_changed(). An ended session stays for a while to be observed and does nothing more.
class Session {
 public:
  enum class Life { kNew, kConnected, kStalled, kEnded };

  Session(std::string id, std::string stream, Counters& counters, Timestamp now);
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const std::string& stream() const { return stream_; }
  [[nodiscard]] Life life() const { return life_; }
  [[nodiscard]] bool ended() const { return life_ == Life::kEnded; }
  [[nodiscard]] Timestamp created_at() const { return created_at_; }
  [[nodiscard]] Timestamp ended_at() const { return ended_at_; }
  [[nodiscard]] bool publishes() const { return publishes_; }
  // The same session where it has ICE, DTLS and SRTP; nullptr otherwise (RTMP).
  [[nodiscard]] virtual WebRtcSession* webrtc() { return nullptr; }
  [[nodiscard]] virtual RtmpSession* rtmp() { return nullptr; }
  [[nodiscard]] const std::string& end_reason() const { return end_reason_; }

  // Feedback to sources, probes to viewers. When it is due again; a tick comes every 10 ms.
  [[nodiscard]] virtual Timestamp tick_media(Timestamp now) = 0;
  // Timers and life: every 100 ms.
  void tick_life(Timestamp now);
  // Leaves the stream; the transport says goodbye. Once.
  void end(std::string reason, Timestamp now);

  [[nodiscard]] state::SessionObserved observe(Timestamp now);
  // True once after a change that observed state shows.
  [[nodiscard]] bool take_changed() { return std::exchange(changed_, false); }

 protected:
  virtual void tick_transport(Timestamp now) = 0;
  virtual void close_transport() = 0;
  [[nodiscard]] virtual std::string_view transport_name() const = 0;  // once connected: "udp", "tcp", "turn", "rtmp"
  virtual void on_end(Timestamp now) = 0;                             // leaves the stream
  virtual void fill(state::SessionObserved& observed, Timestamp now) = 0;
  // No media where there should be (publishers), or nothing heard of the peer.
  [[nodiscard]] virtual bool silent(Timestamp now) const = 0;
  void set_connected() { set_life(Life::kConnected); }
  void set_changed() { changed_ = true; }

  Counters& counters_;
  bool publishes_ = false;

 private:
  void set_life(Life life);

  std::string id_;
  std::string stream_;
  Life life_ = Life::kNew;
  Timestamp created_at_;
  Timestamp ended_at_{};
  std::string end_reason_;
  bool changed_ = true;
};

}  // namespace footlight::relay
