#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "relay/router.h"
#include "relay/webrtc_transport.h"
#include "state/observed.h"
#include "state/session_call.h"

namespace footlight::relay {

// One WHIP or WHEP session from offer to end: its transport, its life, and (in the subclasses) its tracks. Owned by
// the shard core. In: datagrams that the core has matched to it, ticks; out: state changes, read by take_changed().
class Session {
 public:
  enum class Life { kNew, kConnected, kStalled, kEnded };

  Session(std::string id, std::string stream, std::unique_ptr<WebRtcTransport> transport, Counters& counters,
          Timestamp now);
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const std::string& stream() const { return stream_; }
  [[nodiscard]] WebRtcTransport& transport() { return *transport_; }
  [[nodiscard]] Life life() const { return life_; }
  [[nodiscard]] bool ended() const { return life_ == Life::kEnded; }
  [[nodiscard]] Timestamp ended_at() const { return ended_at_; }
  [[nodiscard]] bool publishes() const { return publishes_; }

  void on_dtls(ByteView datagram, const AddressPair& tuple, Timestamp now);
  void on_rtp(MutableByteView datagram, const AddressPair& tuple, Timestamp now);
  void on_rtcp(MutableByteView datagram, const AddressPair& tuple, Timestamp now);
  void on_ice_event(const ice::LiteEvent& event, Timestamp now);
  // Feedback to sources: every 10 ms.
  virtual void tick_media(Timestamp now) = 0;
  // Timers and life: every 100 ms.
  void tick_life(Timestamp now);
  // Leaves the stream; the transport says goodbye. Once.
  void end(std::string reason, Timestamp now);

  [[nodiscard]] state::SessionObserved observe(Timestamp now);
  // True once after a change that observed state shows.
  [[nodiscard]] bool take_changed() { return std::exchange(changed_, false); }

  // What the core remembers for the session's calls.
  state::SessionReply reply;
  std::string remote_ufrag;
  std::vector<AddressPair> tuples;  // mapped to this session
  std::vector<std::string> ufrags;  // local ones, mapped to this session

 protected:
  virtual void on_plain_rtp(const rtp::PacketView& packet, Timestamp now) = 0;
  virtual bool on_plain_rtcp(ByteView compound, Timestamp now) = 0;
  virtual void on_connected(Timestamp now) = 0;
  virtual void on_end(Timestamp now) = 0;  // leaves the stream
  virtual void fill(state::SessionObserved& observed, Timestamp now) = 0;
  // No media where there should be: publishers.
  [[nodiscard]] virtual bool silent(Timestamp now) const = 0;

  Counters& counters_;
  bool publishes_ = false;

 private:
  void check_transport(Timestamp now);
  void set_life(Life life);

  std::string id_;
  std::string stream_;
  std::unique_ptr<WebRtcTransport> transport_;
  Life life_ = Life::kNew;
  Timestamp created_at_;
  Timestamp ended_at_{};
  std::string end_reason_;
  bool ice_stalled_ = false;
  bool changed_ = true;
};

}  // namespace footlight::relay
