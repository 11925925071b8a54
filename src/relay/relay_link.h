#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "relay/datagram_output.h"
#include "relay/link_offer.h"
#include "relay/link_pull.h"
#include "relay/router.h"
#include "relay/rtp_transport.h"
#include "relay/stream_directory.h"
#include "srtp/srtp_session.h"
#include "state/desired.h"
#include "state/observed.h"

namespace footlight::relay {

// One encrypted way to another relay and back (decision 0013): streams published here go out while somebody there
// watches them, streams published there can be watched here. Owned by the shard core. Both ends repeat what they offer
// and what they want; nothing else is kept, so either may vanish and return. An address is desired, or learnt from the
// first RTCP that authenticates, and followed when it moves.
class RelayLink final : public RtpTransport {
 public:
  // nullptr: the key is no key, or the address no address.
  [[nodiscard]] static std::unique_ptr<RelayLink> make(const state::RelayLink& desired, const SocketAddress& local,
                                                       DatagramOutput& output, Router& router,
                                                       const StreamDirectory& directory, Counters& counters);

  [[nodiscard]] const std::string& id() const { return desired_.id; }
  [[nodiscard]] rtp::Ssrc peer_ssrc() const { return rtp::Ssrc(desired_.peer_ssrc); }
  [[nodiscard]] const std::optional<SocketAddress>& remote() const { return remote_; }
  // The same keys at the same ends.
  [[nodiscard]] bool same_link(const state::RelayLink& desired) const;
  // Of a same link: its streams, and the address if that is another than was desired before.
  void update(const state::RelayLink& desired, Timestamp now);
  // Streams published here that the other end wants now.
  [[nodiscard]] std::vector<std::string> wanted_there(Timestamp now) const;

  // After publications came or went: takes packets of those that are wanted there.
  void sync(Timestamp now);
  // Streams announced by the other end that nobody here publishes: for the core to publish.
  [[nodiscard]] std::vector<LinkPull*> to_publish() const;
  void leave(Timestamp now);

  void on_rtcp(MutableByteView datagram, const SocketAddress& from, Timestamp now);
  void on_rtp(MutableByteView datagram, Timestamp now);
  void tick(Timestamp now);
  // True once after something that the core brings streams and shards in line with.
  [[nodiscard]] bool take_changed() { return std::exchange(changed_, false); }

  [[nodiscard]] state::LinkObserved observe(Timestamp now) const;

  [[nodiscard]] bool writable() const override { return remote_.has_value(); }
  [[nodiscard]] MutableByteView rtp_slot() override;
  size_t send_rtp(size_t header_size, ByteView payload) override;
  void send_rtcp(ByteView compound) override;

 private:
  RelayLink(const state::RelayLink& desired, const srtp::MasterKey& send, const srtp::MasterKey& receive,
            const SocketAddress& local, DatagramOutput& output, Router& router, const StreamDirectory& directory,
            Counters& counters);
  void on_block(const rtp::rtcp::Block& block, Timestamp now);
  void on_application(const rtp::rtcp::Block& block, Timestamp now);
  void say(Timestamp now);
  template <class Write>
  void send_message(Write&& write);  // `write(ByteWriter&)`: false when it does not fit
  void say_soon();                   // something has changed
  void withdraw(LinkPull& pull, Timestamp now);
  [[nodiscard]] bool watched(const LinkPull& pull) const;

  state::RelayLink desired_;
  SocketAddress local_;
  DatagramOutput& output_;
  Router& router_;
  const StreamDirectory& directory_;
  Counters& counters_;
  srtp::SrtpSender sender_;
  srtp::SrtpReceiver receiver_;
  std::optional<SocketAddress> remote_;
  std::vector<std::unique_ptr<LinkOffer>> offers_;
  std::vector<std::unique_ptr<LinkPull>> pulls_;
  std::optional<Timestamp> heard_at_;
  Timestamp next_say_{};
  int repeats_soon_ = 0;
  bool changed_ = true;
  MutableByteView slot_;
};

}  // namespace footlight::relay
