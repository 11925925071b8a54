#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>

#include "congestion/viewer_report.h"
#include "relay/layer_selector.h"
#include "relay/packet_header.h"
#include "relay/picture_continuity.h"
#include "relay/publication.h"
#include "relay/request_backoff.h"
#include "relay/resend_limiter.h"
#include "relay/rtp_mapping.h"
#include "relay/rtp_transport.h"
#include "relay/send_path.h"
#include "relay/temporal_filter.h"
#include "rtp/rtcp/layer_wish.h"
#include "rtp/rtcp/nack.h"
#include "state/observed.h"

namespace footlight::relay {

struct ConsumerParameters {
  media::Codec codec{};
  int clock_rate = 0;
  rtp::Ssrc ssrc{};
  rtp::PayloadType payload_type{};
  std::optional<rtp::PayloadType> red_payload_type;  // RED (RFC 2198) agreed on
  std::optional<rtp::Ssrc> rtx_ssrc;                 // RTX agreed on (RFC 4588)
  rtp::PayloadType rtx_payload_type{};
  bool resend_plain = false;  // repairs by the same packet again: its headers bear nothing of the moment
  bool fragments = true;      // takes H.264 units in pieces, or several at once (RFC 6184 §5.2, packetization-mode 1)
  bool b_frames = true;       // takes pictures that are not sent in the order in which they are shown
  std::string mid;
  rtp::ExtensionMap extensions;
  std::string cname;
};

// One track on its way to one receiver: an encoding's packets under the receiver's own numbers, continuous across
// encodings, sources and frames left out. Owned by a subscribe session or a pipe, on the shard thread. In: packets of
// the producer's buffer, NACK, PLI, reports and wishes of the receiver; out: RTP and sender reports on its transport.
// Video begins with a key frame, from the join cache where there is one. It holds no packet: what the path has no room
// for waits in the producer's buffer, and what waits too long is left out up to the next key frame.
class Consumer {
 public:
  // `path`: how fast packets may leave; nullptr: as they come (pipes). It outlives the consumer.
  Consumer(ConsumerParameters parameters, RtpTransport& transport, Counters& counters, SendPath* path = nullptr);

  [[nodiscard]] const ConsumerParameters& parameters() const { return parameters_; }
  [[nodiscard]] media::Kind kind() const { return kind_; }
  // The track to receive from now on; nullptr: none. It outlives its place here.
  void set_track(const Publication::Track* track, Timestamp now);
  // The encoding that is sent or waited for; nullptr: no track.
  [[nodiscard]] Producer* producer() const { return producer_; }
  // The source sends what the receiver cannot show, since then.
  [[nodiscard]] std::optional<Timestamp> unfit_since() const { return unfit_since_; }
  // Another encoding of the track is to follow at its next key frame, which on_layer_key() tells of.
  [[nodiscard]] bool awaits(const Producer& producer) const { return target_ && &producer_at(*target_) == &producer; }
  void on_layer_key(Timestamp now);

  // Packets that the producer has received since the last call. Comes before anything else that may send (tick, a new
  // track), or packets would go out twice.
  void forward(std::span<const rtp::UnwrappedSeq> fresh, Timestamp now);
  // What forward() will touch, in steps of which each needs what the one before has brought: 0 to 2. A source's viewers
  // are visited in a row, and each one's state has left the core's caches since the last frame.
  void prefetch_step(int step) const;
  // Begins when the transport has become writable, goes on where the path had no room, chooses the layer, sends
  // reports: every 10 ms.
  void tick(Timestamp now);

  void on_nack(const rtp::rtcp::Nack& nack, Timestamp now);
  void on_key_frame_request(Timestamp now);
  void on_report(const rtp::rtcp::ReportBlock& block, Timestamp now);
  void on_wish(const rtp::rtcp::LayerWish& wish, Timestamp now);
  // What was on its way to the receiver is lost: it goes on with a key frame, not with repairs.
  void on_interruption(Timestamp now);
  // Sends packets of the last second again, or padding, on the RTX stream, to probe the path; until about `bytes` have
  // left. False: nothing to probe with.
  [[nodiscard]] bool probe(size_t bytes, Timestamp now);
  // What the path has for this consumer.
  void set_budget(DataRate budget) { budget_ = budget; }
  // What it would send if its path carried anything.
  [[nodiscard]] DataRate wanted() const { return wanted_; }

  [[nodiscard]] int64_t bitrate(Timestamp now) { return bits_.per_second(now); }
  [[nodiscard]] double fps(Timestamp now) { return static_cast<double>(frames_.per_second(now)); }
  [[nodiscard]] double loss_ratio() const { return receiver_.loss_ratio(); }
  [[nodiscard]] std::optional<Duration> round_trip() const { return receiver_.round_trip(); }
  [[nodiscard]] Duration jitter() const {
    return Duration::micros(int64_t{receiver_.jitter_ticks()} * 1'000'000 / parameters_.clock_rate);
  }
  [[nodiscard]] state::TrackObserved observe(Timestamp now);

 private:
  // Packets of the join cache sent to a pipe in one tick: 46 Mbit/s of full packets.
  static constexpr size_t kReplayBurst = 48;

  enum class State : uint8_t {
    kIdle,     // no track, or one that does not fit
    kPaused,   // no picture is wished
    kWaiting,  // for a packet to begin with
    kReplay,   // sending the buffered past up to the live edge
    kLive,
  };

  [[nodiscard]] Producer& producer_at(size_t layer) const { return *track_->layers[layer].producer; }
  [[nodiscard]] bool idle_at(Timestamp now) const;
  [[nodiscard]] bool fits() const;
  void restart(Timestamp now);
  void wait(Timestamp now);
  void try_begin(Timestamp now);
  void begin(size_t layer, rtp::UnwrappedSeq first, Timestamp now);
  [[nodiscard]] std::optional<int64_t> line_for(const Producer& next, Timestamp now) const;
  void advance(Timestamp now);
  [[nodiscard]] bool may_send(const StoredPacket& packet, Timestamp now);
  [[nodiscard]] bool passes(const StoredPacket& packet);
  [[nodiscard]] bool cuts(const StoredPacket& packet) const { return base_only_ && packet.picture.spatial_id > 0; }
  [[nodiscard]] bool marks(const StoredPacket& packet) const;
  void leave_out_rest();
  void leave_out(const StoredPacket& packet);
  void on_late(const StoredPacket& packet, Timestamp now);
  // What was sent and did not arrive is left to a key frame.
  [[nodiscard]] bool gives_up() const { return interrupted_ || (path_ && path_->silent()); }
  [[nodiscard]] bool begun() const { return state_ == State::kReplay || state_ == State::kLive || skipping_; }
  void choose(Timestamp now);
  void pause();
  void go_to(size_t layer, Timestamp now);
  void follow(size_t layer, Timestamp now);
  [[nodiscard]] Duration lag() const;
  void skip(Timestamp now);
  [[nodiscard]] bool goes_on_at(rtp::UnwrappedSeq key, Timestamp now) const;
  void ask_key_frame(Timestamp now);

  void send(const StoredPacket& packet, const RtpMapping::Place& place, Timestamp now);
  [[nodiscard]] ByteView payload_of(const StoredPacket& packet, const RtpMapping::Place& place) const;
  [[nodiscard]] bool sends_red(const StoredPacket& packet) const;
  void resend(rtp::SeqNum out_seq, Timestamp now);
  [[nodiscard]] size_t send_again(const StoredPacket& packet, const RtpMapping::Place& place, Timestamp now);
  [[nodiscard]] size_t send_padding(Timestamp now);
  [[nodiscard]] size_t send_out(rtp::Header header, ByteView payload, const StoredPacket* carried, Timestamp now);
  [[nodiscard]] const StoredPacket* next_probe(Timestamp now);
  void on_loss_report(const rtp::rtcp::ReportBlock& block, Timestamp now);
  void send_report(Timestamp now);

  // What forward() touches of each consumer comes first.
  Producer* producer_ = nullptr;
  const Publication::Track* track_ = nullptr;
  RtpTransport& transport_;
  SendPath* path_;
  Counters& counters_;
  State state_ = State::kIdle;
  media::Kind kind_;
  uint8_t layer_ = 0;
  std::optional<uint8_t> target_;  // the layer to follow at its next key frame
  uint32_t incarnation_ = 0;
  rtp::UnwrappedSeq cursor_{};            // the next packet to send in order
  std::optional<rtp::UnwrappedSeq> gap_;  // first of the missing packets just before the cursor
  Timestamp next_choice_{};
  Timestamp next_report_{};
  TemporalFilter filter_;
  std::optional<rtp::UnwrappedTime> left_out_;  // time of the picture that was left out last
  uint32_t packets_ = 0;
  uint32_t octets_ = 0;
  int64_t holes_ = 0;  // numbers of missing packets that the receiver sees as lost
  bool base_only_;     // of AV1's spatial layers
  bool cut_ = false;   // there were others
  RtpMapping mapping_;
  PictureContinuity pictures_;
  PacketHeader header_;
  ConsumerParameters parameters_;

  LayerSelector selector_;
  std::optional<LayerSelector::Wish> wish_;
  std::array<uint32_t, LayerSelector::kMaxLayers> incarnations_{};  // of each layer, when it was last begun
  DataRate budget_;
  DataRate wanted_;
  Timestamp target_since_{};
  Timestamp waiting_since_{};
  Timestamp replay_since_{};
  Timestamp replay_from_{};
  bool skipping_ = false;     // waits behind frames that are left out
  bool interrupted_ = false;  // what was sent is lost

  rtp::SeqNum rtx_seq_{};
  rtp::UnwrappedSeq probe_cursor_{};
  ResendLimiter limiter_;
  congestion::ViewerReport receiver_;
  struct Reported {
    uint32_t highest = 0;
    int32_t lost = 0;
    int64_t holes = 0;
  };
  std::optional<Reported> reported_;
  // Our last reports: a receiver's figures count only when they answer one of them, and from when it left. Their wall
  // time is the source's, and jumps as it likes.
  struct SentReport {
    rtp::NtpTime ntp{};
    Timestamp at{};
  };
  std::array<SentReport, 4> sent_reports_{};
  uint32_t reports_sent_ = 0;
  RateMeter bits_;
  RateMeter frames_;
  std::optional<rtp::UnwrappedTime> last_frame_time_;
  Timestamp last_sent_{};
  int64_t nacked_ = 0;
  int64_t resent_ = 0;
  int64_t key_frame_requests_ = 0;
  RequestBackoff requests_;
  bool key_underway_ = false;  // the newest frame that was sent is a key frame
  std::optional<Timestamp> unfit_since_;
};

}  // namespace footlight::relay
