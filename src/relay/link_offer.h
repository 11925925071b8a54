#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "relay/link_messages.h"
#include "relay/packet_header.h"
#include "relay/producer_cursor.h"
#include "relay/publication.h"
#include "relay/resend_limiter.h"
#include "relay/rtp_transport.h"
#include "relay/stream.h"
#include "relay/stream_directory.h"
#include "rtp/rtcp/nack.h"

namespace footlight::relay {

// The header extensions of links, by ids of their own: what receivers may have agreed on.
[[nodiscard]] const rtp::ExtensionMap& link_extensions();

// One stream on its way to another relay: each layer under an SSRC and numbers of its own, timestamps as they came.
// Owned by a link. In: what the directory knows of the stream, the publication's packets, NACK and PLI; out: packets,
// sender reports, the announcement. It sends while the other end repeats that it wants it.
class LinkOffer final : public PacketTap {
 public:
  static constexpr Duration kWantHeld = Duration::seconds(3);  // six times as long as wants are repeated

  LinkOffer(std::string stream, RtpTransport& transport, Counters& counters)
      : stream_(std::move(stream)), transport_(transport), counters_(counters) {}

  [[nodiscard]] const std::string& stream() const { return stream_; }
  [[nodiscard]] bool wanted(Timestamp now) const { return wanted_at_ && now - *wanted_at_ < kWantHeld; }
  void want(bool wanted, Timestamp now) { wanted_at_ = wanted ? std::optional(now) : std::nullopt; }

  // What is published now; nullptr: nothing. True when that is something else than before: announce it.
  bool describe(std::shared_ptr<const PublishedStream> published);
  [[nodiscard]] bool announce(ByteWriter& writer, rtp::Ssrc sender) const;
  // It is the publication that was announced: that one, or its mirror.
  [[nodiscard]] bool describes(const Publication& publication) const {
    return published_ && published_->owner == publication.owner &&
           published_->tracks.size() == publication.tracks.size();
  }
  // The publication to take packets from; nullptr: none.
  void attach(const Publication* publication);

  [[nodiscard]] const Publication* publication() const override { return publication_; }
  void forward(size_t track, size_t layer, const Producer& producer, Timestamp now) override;
  // Goes on with what a joiner is owed, and sends reports: every 10 ms. True when a layer has a new SSRC: announce it.
  bool tick(Timestamp now);

  // False: the SSRC is none of this offer's.
  bool on_nack(const rtp::rtcp::Nack& nack, Timestamp now);
  bool on_key_frame_request(rtp::Ssrc media, Timestamp now);
  // While there is a publication to take from: one a layer.
  [[nodiscard]] std::vector<state::TrackObserved> observe(Timestamp now) const;

 private:
  // Packets of a layer between two ticks: 46 Mbit/s of full ones. More wait in the buffer: a joiner's past, mostly.
  static constexpr size_t kBurst = 48;

  struct Layer {
    size_t track = 0;
    size_t layer = 0;
    rtp::Ssrc ssrc{};
    uint32_t incarnation = 0;
    bool begun = false;
    int64_t offset = 0;       // from the source's numbers to the link's
    int64_t next_number = 0;  // of the link's: one beyond the highest sent
    size_t budget = kBurst;
    ProducerCursor cursor;
    ResendLimiter limiter;
    uint32_t packets = 0;
    uint32_t octets = 0;
    int64_t asked = 0;  // packets, by NACK
    int64_t resent = 0;
    int64_t key_frames_asked = 0;
    Timestamp next_report{};
  };

  [[nodiscard]] const Producer& producer_of(const Layer& layer) const {
    return *publication_->tracks[layer.track].layers[layer.layer].producer;
  }
  bool send(Layer& layer, const StoredPacket& packet);
  size_t transmit(Layer& layer, const StoredPacket& packet);
  void renew(Layer& layer, const Producer& producer);
  void report(Layer& layer, Timestamp now);

  std::string stream_;
  RtpTransport& transport_;
  Counters& counters_;
  std::optional<Timestamp> wanted_at_;
  std::shared_ptr<const PublishedStream> published_;
  const Publication* publication_ = nullptr;
  std::vector<Layer> layers_;
  uint32_t version_ = random_u32();  // an offer that is made anew must not look like the one before
  bool renewed_ = false;
};

}  // namespace footlight::relay
