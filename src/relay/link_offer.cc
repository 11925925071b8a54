#include "relay/link_offer.h"

#include <algorithm>
#include <array>

#include "base/random.h"
#include "rtp/rtcp/sdes.h"
#include "rtp/rtcp/sender_report.h"

namespace footlight::relay {
namespace {

constexpr Duration kReportInterval = Duration::seconds(1);

// A padding-only packet keeps its number (RFC 3550 §5.1: the last byte counts the padding).
constexpr std::array<uint8_t, 4> kPadding = {0, 0, 0, 4};
constexpr uint8_t kPaddingBit = 0x20;

// RFC 3711 §3.3.1: a first number below 2^15 keeps the rollover counter's guess right from the start.
int64_t random_first_number() { return 0x10000 + (random_u32() & 0x7fff); }

}  // namespace

const rtp::ExtensionMap& link_extensions() {
  static const rtp::ExtensionMap map = [] {
    rtp::ExtensionMap m;
    uint8_t id = 0;
    for (auto type :
         {rtp::ExtensionType::kAudioLevel, rtp::ExtensionType::kAbsCaptureTime, rtp::ExtensionType::kVideoOrientation,
          rtp::ExtensionType::kPlayoutDelay, rtp::ExtensionType::kDependencyDescriptor})
      m.set(type, ++id);
    m.allow_two_byte(true);
    return m;
  }();
  return map;
}

bool LinkOffer::describe(std::shared_ptr<const PublishedStream> published) {
  uint64_t before = published_ ? published_->token : 0;
  if ((published ? published->token : 0) == before) return false;
  attach(nullptr);
  published_ = std::move(published);
  layers_.clear();
  ++version_;
  if (!published_) return true;
  size_t tracks = std::min(published_->tracks.size(), kMaxLinkTracks);
  for (size_t t = 0; t < tracks; ++t)
    for (size_t l = 0; l < std::min(published_->tracks[t].layers.size(), kMaxLinkLayers); ++l) {
      Layer& layer = layers_.emplace_back();
      layer.track = t;
      layer.layer = l;
      layer.ssrc = rtp::Ssrc(random_u32());
      layer.next_number = random_first_number();
    }
  return true;
}

bool LinkOffer::announce(ByteWriter& writer, rtp::Ssrc sender) const {
  LinkAnnouncement a;
  a.sender = sender;
  a.version = version_;
  a.stream = stream_;
  if (published_) a.owner = published_->owner;
  for (const Layer& layer : layers_) {
    const PublishedStream::Track& from = published_->tracks[layer.track];
    LinkAnnouncement::Track& to = a.tracks[layer.track];
    const ProducerParameters& p = from.layers.front();
    to.codec = p.codec;
    to.payload_type = p.payload_type;
    to.red_payload_type = p.red_payload_type;
    to.channels = static_cast<uint8_t>(p.channels);
    to.clock_rate = static_cast<uint32_t>(p.clock_rate);
    to.pipe_ssrc = rtp::Ssrc(from.pipe.ssrc);
    to.pipe_payload_type = static_cast<uint8_t>(from.pipe.payload_type);
    to.fmtp = p.fmtp;
    to.layers[to.layer_count++] = {from.rids[layer.layer], layer.ssrc};
    a.track_count = std::max(a.track_count, layer.track + 1);
  }
  return a.write(writer);
}

void LinkOffer::attach(const Publication* publication) {
  if (publication == publication_) return;
  publication_ = publication;
  if (!publication_) return;
  for (Layer& layer : layers_) {
    const Producer& producer = producer_of(layer);
    if (layer.begun) renew(layer, producer);
    layer.incarnation = producer.incarnation();
  }
}

// What follows cannot go on under the old SSRC's numbers and times.
void LinkOffer::renew(Layer& layer, const Producer& producer) {
  Layer fresh;
  fresh.track = layer.track;
  fresh.layer = layer.layer;
  fresh.ssrc = rtp::Ssrc(random_u32());
  fresh.next_number = random_first_number();
  fresh.incarnation = producer.incarnation();
  layer = fresh;
  ++version_;
  renewed_ = true;
}

bool LinkOffer::send(Layer& layer, const StoredPacket& packet) {
  if (layer.budget == 0 || !transport_.writable()) return false;
  --layer.budget;
  if (!layer.begun) {
    layer.begun = true;
    layer.offset = layer.next_number - packet.seq.value();
  }
  layer.next_number = std::max(layer.next_number, packet.seq.value() + layer.offset + 1);
  size_t sent = transmit(layer, packet);
  if (sent == 0) return true;  // counted, and gone
  layer.limiter.on_sent();
  ++layer.packets;
  layer.octets += static_cast<uint32_t>(packet.payload.size());
  return true;
}

size_t LinkOffer::transmit(Layer& layer, const StoredPacket& packet) {
  static const PacketHeader headers(link_extensions(), {}, true);
  const ProducerParameters& p = producer_of(layer).parameters();
  rtp::Header header;
  header.marker = packet.marker;
  header.payload_type = packet.primary_at > 0 && p.red_payload_type ? *p.red_payload_type : p.payload_type;
  header.seq = packet.seq.plus(layer.offset).wrapped();
  header.time = rtp::RtpTime(static_cast<uint32_t>(packet.time.value()));
  header.ssrc = layer.ssrc;
  MutableByteView slot = transport_.rtp_slot();
  size_t header_size = headers.write(slot, header, &packet, {});
  if (!packet.payload.empty()) return transport_.send_rtp(header_size, packet.payload);
  slot[0] |= kPaddingBit;
  return transport_.send_rtp(header_size, kPadding);
}

void LinkOffer::forward(size_t track, size_t index, const Producer& producer, Timestamp) {
  auto it = std::ranges::find_if(layers_, [&](const Layer& l) { return l.track == track && l.layer == index; });
  if (it == layers_.end()) return;
  if (it->incarnation != producer.incarnation()) renew(*it, producer);
  // A new SSRC is announced by the next tick, and sends after it.
  if (!renewed_) it->cursor.forward(producer, [&](const StoredPacket& packet) { return send(*it, packet); });
}

bool LinkOffer::tick(Timestamp now) {
  bool renewed = std::exchange(renewed_, false);
  if (!publication_ || !transport_.writable()) return renewed;
  for (Layer& layer : layers_) {
    layer.budget = kBurst;
    const Producer& producer = producer_of(layer);
    if (!renewed) layer.cursor.catch_up(producer, [&](const StoredPacket& packet) { return send(layer, packet); });
    if (layer.begun && producer.clock().known() && now >= layer.next_report) report(layer, now);
  }
  return renewed;
}

void LinkOffer::report(Layer& layer, Timestamp now) {
  const Producer& producer = producer_of(layer);
  rtp::rtcp::SenderReport report;
  report.sender = layer.ssrc;
  report.ntp = producer.clock().ntp_at(now);
  int64_t time = producer.clock().time_at(now, producer.parameters().clock_rate).value();
  report.rtp_time = rtp::RtpTime(static_cast<uint32_t>(time));
  report.packets = layer.packets;
  report.octets = layer.octets;
  std::array<uint8_t, 320> buffer;  // a sender report and the longest CNAME
  ByteWriter writer(buffer);
  report.write(writer);
  rtp::rtcp::write_sdes_cname(writer, layer.ssrc, published_->owner);
  transport_.send_rtcp(writer.written());
  layer.next_report = now + kReportInterval;
}

bool LinkOffer::on_nack(const rtp::rtcp::Nack& nack, Timestamp now) {
  auto it = std::ranges::find(layers_, nack.media(), &Layer::ssrc);
  if (it == layers_.end()) return false;
  if (!publication_ || !it->begun) return true;
  nack.for_each([&](rtp::SeqNum seq) {
    ++counters_.nacks_in;
    ++it->asked;
    auto back = static_cast<int16_t>(seq.value() - static_cast<uint16_t>(it->next_number));
    const StoredPacket* packet = producer_of(*it).buffer().find(rtp::UnwrappedSeq(it->next_number + back - it->offset));
    if (!packet || back >= 0 || !transport_.writable() || !it->limiter.allow(seq, Duration::zero(), now)) {
      ++counters_.resends_refused;
      return;
    }
    restore_picture(*packet);
    if (transmit(*it, *packet) == 0) return;
    ++counters_.resends;
    ++it->resent;
  });
  return true;
}

bool LinkOffer::on_key_frame_request(rtp::Ssrc media, Timestamp now) {
  auto it = std::ranges::find(layers_, media, &Layer::ssrc);
  if (it == layers_.end()) return false;
  ++counters_.plis_in;
  ++it->key_frames_asked;
  if (publication_) publication_->tracks[it->track].layers[it->layer].producer->request_key_frame(now);
  return true;
}

std::vector<state::TrackObserved> LinkOffer::observe(Timestamp now) const {
  std::vector<state::TrackObserved> observed;
  for (const Layer& layer : layers_) {
    const Publication::Layer& from = publication_->tracks[layer.track].layers[layer.layer];
    state::TrackObserved out = from.producer->observe(from.rid, now);
    out.packets = layer.packets;
    out.nacked = layer.asked;
    out.resent = layer.resent;
    out.key_frame_requests = layer.key_frames_asked;
    out.lost = 0;  // the other end counts it
    out.loss_ratio = out.jitter_ms = out.rtt_ms = 0;
    observed.push_back(std::move(out));
  }
  return observed;
}

}  // namespace footlight::relay
