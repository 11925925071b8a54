#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "relay/capture.h"
#include "relay/datagram_output.h"
#include "relay/router.h"
#include "relay/rtp_transport.h"
#include "relay/source_feedback.h"
#include "srtp/srtp_session.h"
#include "state/desired.h"
#include "state/observed.h"

namespace footlight::relay {

// One encrypted way to a compose and back (ARCHITECTURE.md "Pipe"): the tracks of the streams it consumes go out, the
// programme comes in as a publication. Owned by the shard core. It learns compose's address from the first RTCP that
// authenticates, and follows it when it moves. Plain RTP: losses are repaired by the same packet again.
class Pipe final : public RtpTransport {
 public:
  // nullptr: the key is no key.
  [[nodiscard]] static std::unique_ptr<Pipe> make(const state::RelayPipe& desired, const SocketAddress& local,
                                                  DatagramOutput& output, Router& router, Counters& counters);
  ~Pipe() override;

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] rtp::Ssrc compose_ssrc() const { return compose_ssrc_; }
  [[nodiscard]] const std::optional<SocketAddress>& remote() const { return remote_; }
  [[nodiscard]] Publication& publication() { return publication_; }
  [[nodiscard]] const std::string& publish_stream() const { return publish_stream_; }

  // What it consumes may change in a pipe's life; key and published tracks may not.
  void set_consumed(std::vector<std::string> streams) { consumed_ = std::move(streams); }
  [[nodiscard]] const std::vector<std::string>& consumed() const { return consumed_; }
  [[nodiscard]] bool same_pipe(const state::RelayPipe& desired) const;
  // Makes and drops consumers after publications came or went.
  void sync(Timestamp now);
  void leave(Timestamp now);  // takes its publication and consumers out of the streams

  // False when it did not authenticate.
  bool on_rtcp(MutableByteView datagram, const SocketAddress& from, Timestamp now);
  void on_rtp(MutableByteView datagram, Timestamp now);
  // Decrypted.
  void on_clear_rtcp(ByteView plain, const SocketAddress& from, Timestamp now);
  void on_clear_rtp(ByteView plain, Timestamp now);
  void tick(Timestamp now);
  [[nodiscard]] state::LinkObserved observe(Timestamp now);

  Capture* capture = nullptr;  // the core's, if it runs

  [[nodiscard]] bool writable() const override { return remote_.has_value(); }
  [[nodiscard]] MutableByteView rtp_slot() override;
  size_t send_rtp(size_t header_size, ByteView payload) override;
  void send_rtcp(ByteView compound) override;

 private:
  struct Link {
    Publication* publication = nullptr;
    std::string owner;
    std::string stream;
    std::vector<std::unique_ptr<Consumer>> consumers;
  };

  Pipe(const state::RelayPipe& desired, const srtp::MasterKey& to_relay, const srtp::MasterKey& to_compose,
       const SocketAddress& local, DatagramOutput& output, Router& router, Counters& counters);
  void link(Stream& stream, Timestamp now);
  void unlink(Link& link);

  std::string id_;
  std::string key_text_;
  rtp::Ssrc compose_ssrc_{};
  SocketAddress local_;
  DatagramOutput& output_;
  Router& router_;
  Counters& counters_;
  srtp::SrtpSender sender_;
  srtp::SrtpReceiver receiver_;
  std::optional<SocketAddress> remote_;
  Timestamp heard_at_{};  // compose's last authentic RTCP
  std::vector<std::string> consumed_;
  std::vector<Link> links_;
  std::string publish_stream_;
  std::vector<state::PipeTrack> publish_tracks_;
  Publication publication_;
  SourceFeedback feedback_;
  MutableByteView slot_;
};

}  // namespace footlight::relay
