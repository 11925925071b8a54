#pragma once
#include <optional>
#include <string>
#include <vector>

#include "relay/router.h"
#include "relay/source_feedback.h"
#include "relay/webrtc_session.h"
#include "sdp/negotiate.h"

namespace footlight::relay {

// A WHIP publisher: finds out which SSRC is which agreed track and layer (RFC 8843 §9.2: a=ssrc, MID and RID, payload
// type), feeds the producers, and answers the source with feedback. Its publication stands in the stream from the
// answer on.
class PublishSession final : public WebRtcSession {
 public:
  PublishSession(std::string id, std::string stream, std::unique_ptr<WebRtcTransport> transport, Router& router,
                 const std::vector<sdp::PublishTrack>& tracks, Counters& counters, Timestamp now);

  [[nodiscard]] Publication& publication() { return publication_; }
  [[nodiscard]] Timestamp tick_media(Timestamp now) override;

 private:
  static constexpr size_t kMaxSources = 16;  // SSRCs known of one session
  // A track goes over to another SSRC only when the present one has been silent: a source that restarted.
  static constexpr Duration kLatchSilence = Duration::seconds(1);

  struct Source {
    rtp::Ssrc ssrc{};
    Producer* producer = nullptr;
    bool rtx = false;
    uint8_t section = 0;  // of agreed_
  };
  struct Agreed {
    std::string mid;
    rtp::PayloadType payload_type{};
    std::optional<rtp::PayloadType> rtx_payload_type;
    std::optional<rtp::PayloadType> red_payload_type;
    rtp::ExtensionMap extensions;  // an id may mean another in another section (aiortc)
    bool signalled = false;        // the offer named its SSRCs: no others are taken
    std::vector<sdp::PublishSource> sources;
    const Publication::Track* track = nullptr;
  };

  void on_plain_rtp(const rtp::PacketView& packet, Timestamp now) override;
  bool on_plain_rtcp(ByteView compound, Timestamp now) override;
  void on_connected(Timestamp now) override;
  void on_end(Timestamp now) override;
  void fill(state::SessionObserved& observed, Timestamp now) override;
  [[nodiscard]] bool silent(Timestamp now) const override;

  [[nodiscard]] const Source* source_of(rtp::Ssrc ssrc) const;
  [[nodiscard]] const Agreed* section_of(const rtp::PacketView& packet, const Source* source) const;
  [[nodiscard]] const Source* learn(const rtp::PacketView& packet, const Agreed& agreed,
                                    const rtp::Extensions& extensions, Timestamp now);
  [[nodiscard]] bool latch(const Agreed& agreed, Producer& producer, rtp::Ssrc ssrc, Timestamp now);
  void know(const Agreed& agreed, rtp::Ssrc ssrc, Producer& producer, bool rtx);
  void forget(const Producer& producer, bool rtx);

  Router& router_;
  Publication publication_;
  SourceFeedback feedback_;
  std::vector<Agreed> agreed_;
  std::vector<Source> sources_;
  Timestamp connected_at_{};
};

}  // namespace footlight::relay
