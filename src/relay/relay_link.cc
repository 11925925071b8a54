#include "relay/relay_link.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/log.h"
#include "base/text_codec.h"
#include "relay/link_messages.h"
#include "relay/rtcp_dispatch.h"
#include "relay/webrtc_transport.h"
#include "rtp/packet_view.h"
#include "rtp/rtcp/pli.h"
#include "rtp/rtcp/receiver_report.h"

namespace footlight::relay {
namespace {

const Logger kLog("relay");

constexpr size_t kMaxLinkStreams = 8192;  // SSRCs: sources come and go for as long as the link lives
constexpr size_t kJoinedKeySize = 28;     // AES-128-GCM key and salt (RFC 7714 §12)
constexpr Duration kSayEvery = Duration::millis(500);
constexpr Duration kSayAgain = Duration::millis(100);  // after a change, and until the other end is heard
// After a change: on a way that loses one in twenty, one change in 8,000 waits for the next repetition.
constexpr int kRepeatsSoon = 2;
constexpr size_t kWantsRoom = 1200;  // bytes of one message's entries
// Ten times as long as it is silent when it lives.
constexpr Duration kSilence = Duration::seconds(5);

}  // namespace

std::unique_ptr<RelayLink> RelayLink::make(const state::RelayLink& desired, const SocketAddress& local,
                                           DatagramOutput& output, Router& router, const StreamDirectory& directory,
                                           Counters& counters) {
  auto joined = from_base64(desired.key.reveal());
  if (!joined || joined->size() != 2 * kJoinedKeySize) return nullptr;
  auto profile = srtp::Profile::kAeadAes128Gcm;
  auto first = srtp::MasterKey::from_joined(profile, ByteView(*joined).first(kJoinedKeySize));
  auto second = srtp::MasterKey::from_joined(profile, ByteView(*joined).subspan(kJoinedKeySize));
  if (!first || !second) return nullptr;
  if (!desired.remote.empty() && !SocketAddress::parse(desired.remote)) return nullptr;
  return std::unique_ptr<RelayLink>(new RelayLink(desired, desired.first ? *first : *second,
                                                  desired.first ? *second : *first, local, output, router, directory,
                                                  counters));
}

RelayLink::RelayLink(const state::RelayLink& desired, const srtp::MasterKey& send, const srtp::MasterKey& receive,
                     const SocketAddress& local, DatagramOutput& output, Router& router,
                     const StreamDirectory& directory, Counters& counters)
    : desired_(desired),
      local_(local),
      output_(output),
      router_(router),
      directory_(directory),
      counters_(counters),
      sender_(send, srtp::Repeats::kIdenticalBytes, kMaxLinkStreams, srtp::WhenFull::kForgetOldest),
      receiver_(receive, kMaxLinkStreams, srtp::WhenFull::kForgetOldest) {
  if (auto remote = SocketAddress::parse(desired.remote)) remote_ = *remote;
}

bool RelayLink::same_link(const state::RelayLink& desired) const {
  return desired.key == desired_.key && desired.first == desired_.first && desired.own_ssrc == desired_.own_ssrc &&
         desired.peer_ssrc == desired_.peer_ssrc;
}

void RelayLink::update(const state::RelayLink& desired, Timestamp now) {
  // An address alone makes no new link: SRTCP's counter would begin anew under the old key (RFC 3711 §9.1).
  if (desired.remote != desired_.remote) {
    desired_.remote = desired.remote;
    if (auto remote = SocketAddress::parse(desired.remote)) remote_ = *remote;
  }
  auto named = [](const std::vector<std::string>& ids, const std::string& id) {
    return std::ranges::find(ids, id) != ids.end();
  };
  std::erase_if(offers_, [&](const auto& offer) {
    if (named(desired.offer, offer->stream())) return false;
    if (Stream* stream = router_.find(offer->stream())) stream->remove(*offer);
    return true;
  });
  std::erase_if(pulls_, [&](const auto& pull) {
    if (named(desired.pull, pull->stream())) return false;
    withdraw(*pull, now);
    return true;
  });
  for (const std::string& id : desired.offer)
    if (std::ranges::none_of(offers_, [&](const auto& o) { return o->stream() == id; }))
      offers_.push_back(std::make_unique<LinkOffer>(id, *this, counters_));
  for (const std::string& id : desired.pull)
    if (std::ranges::none_of(pulls_, [&](const auto& p) { return p->stream() == id; }))
      pulls_.push_back(std::make_unique<LinkPull>(id, rtp::Ssrc(desired_.own_ssrc), counters_));
  changed_ = true;
  say_soon();
}

void RelayLink::withdraw(LinkPull& pull, Timestamp now) {
  Stream* stream = router_.find(pull.stream());
  if (stream && pull.publication() && stream->publication() == pull.publication())
    stream->set_publication(nullptr, now);
  changed_ = true;
}

std::vector<std::string> RelayLink::wanted_there(Timestamp now) const {
  std::vector<std::string> streams;
  for (const auto& offer : offers_)
    if (offer->wanted(now)) streams.push_back(offer->stream());
  return streams;
}

void RelayLink::sync(Timestamp now) {
  for (auto& offer : offers_) {
    if (offer->describe(directory_.find(offer->stream()))) say_soon();
    Stream* stream = router_.find(offer->stream());
    const Publication* present = stream && offer->wanted(now) ? stream->publication() : nullptr;
    if (present && !offer->describes(*present)) present = nullptr;
    if (present == offer->publication()) continue;
    if (stream) stream->remove(*offer);
    offer->attach(present);
    if (present) stream->add(*offer);
  }
}

std::vector<LinkPull*> RelayLink::to_publish() const {
  std::vector<LinkPull*> pulls;
  for (const auto& pull : pulls_) {
    Stream* stream = router_.find(pull->stream());
    if (pull->publication() && (!stream || !stream->publication())) pulls.push_back(pull.get());
  }
  return pulls;
}

void RelayLink::leave(Timestamp now) {
  for (auto& offer : offers_)
    if (Stream* stream = router_.find(offer->stream())) stream->remove(*offer);
  for (auto& pull : pulls_) withdraw(*pull, now);
  offers_.clear();
  pulls_.clear();
}

void RelayLink::on_rtcp(MutableByteView datagram, const SocketAddress& from, Timestamp now) {
  auto size = receiver_.unprotect_rtcp(datagram);
  if (!size) {
    counters_.drop(drop_of(size.error()));
    return;
  }
  ++counters_.rtcp_in;
  if (!heard_at_) {  // the other end has come: it is told at once
    say_soon();
    changed_ = true;
  }
  heard_at_ = now;
  if (remote_ != from) {
    remote_ = from;
    kLog.info("link address", {{"link", id()}, {"remote", from.to_string()}});
  }
  ByteView plain = datagram.first(*size);
  auto reader = rtp::rtcp::CompoundReader::parse(plain);
  if (!reader) {
    counters_.drop(Drop::kMalformed);
    return;
  }
  rtp::rtcp::Block block;
  while (reader->next(block)) on_block(block, now);
  for (auto& pull : pulls_)
    if (pull->publication()) dispatch_rtcp(plain, pull->publication(), {}, now);
}

void RelayLink::on_block(const rtp::rtcp::Block& block, Timestamp now) {
  using rtp::rtcp::BlockType;
  if (block.type == BlockType::kApplicationDefined) return on_application(block, now);
  if (block.type == BlockType::kTransportLayerFeedback && block.count == rtp::rtcp::kFmtNack) {
    if (auto nack = rtp::rtcp::Nack::parse(block))
      for (auto& offer : offers_)
        if (offer->on_nack(*nack, now)) return;
  } else if (block.type == BlockType::kPayloadFeedback && block.count == rtp::rtcp::kFmtPli) {
    if (auto pli = rtp::rtcp::Pli::parse(block))
      for (auto& offer : offers_)
        if (offer->on_key_frame_request(pli->media, now)) return;
  }
}

void RelayLink::on_application(const rtp::rtcp::Block& block, Timestamp now) {
  if (auto wants = LinkWants::parse(block)) {
    for (const LinkWants::Entry& entry : std::span(wants->entries).first(wants->count)) {
      auto offer = std::ranges::find_if(offers_, [&](const auto& o) { return o->stream() == entry.stream; });
      if (offer == offers_.end()) continue;
      bool before = (*offer)->wanted(now);
      (*offer)->want(entry.watched, now);
      if (before != entry.watched) changed_ = true;
    }
    return;
  }
  auto announcement = LinkAnnouncement::parse(block);
  if (!announcement) {
    counters_.drop(Drop::kMalformed);
    return;
  }
  auto pull = std::ranges::find_if(pulls_, [&](const auto& p) { return p->stream() == announcement->stream; });
  if (pull == pulls_.end()) return;
  (*pull)->note_announced(now);
  if (!(*pull)->replaces(*announcement)) return;
  withdraw(**pull, now);
  (*pull)->take(*announcement);
}

void RelayLink::on_rtp(MutableByteView datagram, Timestamp now) {
  auto size = receiver_.unprotect_rtp(datagram);
  if (!size) {
    counters_.drop(drop_of(size.error()));
    return;
  }
  auto packet = rtp::PacketView::parse(datagram.first(*size));
  if (!packet) {
    counters_.drop(Drop::kMalformed);
    return;
  }
  ++counters_.packets_in;
  counters_.bytes_in += *size;
  for (auto& pull : pulls_) {
    Producer* producer = pull->producer_of(packet->ssrc());
    if (!producer) continue;
    if (!producer->on_rtp(*packet, now, rtp::read_extensions(*packet, link_extensions()))) return;
    Stream* stream = router_.find(pull->stream());
    if (stream && stream->publication() == pull->publication())
      router_.mark(*stream);
    else
      producer->clear_fresh();
    return;
  }
  counters_.drop(Drop::kUnknownSsrc);
}

void RelayLink::tick(Timestamp now) {
  for (auto& offer : offers_) {
    if (offer->publication() && !offer->wanted(now)) changed_ = true;
    if (offer->tick(now)) say_soon();
  }
  for (auto& pull : pulls_) {
    if (pull->overdue(now)) {
      withdraw(*pull, now);
      pull->drop();
    }
    pull->tick(*this, now);
    // Somebody has begun to watch: the other end hears it now, not at the next repetition.
    if (pull->note_watched(watched(*pull))) say_soon();
  }
  if (heard_at_ && now - *heard_at_ >= kSilence) {
    heard_at_.reset();
    changed_ = true;
  }
  if (now >= next_say_ && remote_) say(now);
}

void RelayLink::say_soon() {
  next_say_ = {};
  repeats_soon_ = kRepeatsSoon;
}

bool RelayLink::watched(const LinkPull& pull) const {
  Stream* stream = router_.find(pull.stream());
  return stream && stream->publication() == pull.publication() && stream->received();
}

state::LinkObserved RelayLink::observe(Timestamp now) const {
  state::LinkObserved observed;
  observed.id = id();
  observed.state = heard_at_ ? "connected" : "silent";
  if (remote_) observed.remote = remote_->to_string();
  for (const auto& pull : pulls_)
    if (pull->publication()) observed.streams.push_back({pull->stream(), "in", pull->observe(now)});
  for (const auto& offer : offers_)
    if (offer->publication()) observed.streams.push_back({offer->stream(), "out", offer->observe(now)});
  return observed;
}

void RelayLink::say(Timestamp now) {
  bool soon = !heard_at_ || repeats_soon_ > 0;
  next_say_ = now + (soon ? kSayAgain : kSayEvery);
  if (repeats_soon_ > 0) --repeats_soon_;
  rtp::Ssrc own(desired_.own_ssrc);
  LinkWants wants;
  wants.sender = own;
  size_t size = 0;
  for (const auto& pull : pulls_) {
    size_t more = 2 + pull->stream().size();
    if (wants.count == kMaxLinkWants || size + more > kWantsRoom) {
      send_message([&](ByteWriter& w) { return wants.write(w); });
      wants.count = size = 0;
    }
    wants.entries[wants.count++] = {pull->stream(), watched(*pull)};
    size += more;
  }
  // Also when there is none to name: the other end hears that this one lives.
  send_message([&](ByteWriter& w) { return wants.write(w); });
  for (const auto& offer : offers_) send_message([&](ByteWriter& w) { return offer->announce(w, own); });
}

template <class Write>
void RelayLink::send_message(Write&& write) {
  std::array<uint8_t, 1400> buffer;
  ByteWriter writer(buffer);
  rtp::rtcp::ReceiverReport{.sender = rtp::Ssrc(desired_.own_ssrc)}.write(writer);
  if (write(writer))
    send_rtcp(writer.written());
  else
    counters_.drop(Drop::kUnsendable);
}

MutableByteView RelayLink::rtp_slot() {
  slot_ = output_.slot({local_, *remote_});
  return slot_;
}

size_t RelayLink::send_rtp(size_t header_size, ByteView payload) {
  auto size =
      header_size == 0 ? unexpected(srtp::SrtpError::kTooShort) : sender_.protect_rtp(slot_, header_size, payload);
  if (!size) {
    counters_.drop(Drop::kUnsendable);
    return 0;
  }
  output_.commit(*size);
  ++counters_.packets_out;
  counters_.bytes_out += *size;
  return *size;
}

void RelayLink::send_rtcp(ByteView compound) {
  if (!remote_) return;
  MutableByteView slot = output_.slot({local_, *remote_});
  if (compound.size() + srtp::kMaxRtcpOverhead > slot.size()) return;
  std::memcpy(slot.data(), compound.data(), compound.size());
  auto size = sender_.protect_rtcp(slot, compound.size());
  if (!size) return;
  output_.commit(*size);
  ++counters_.rtcp_out;
}

}  // namespace footlight::relay
