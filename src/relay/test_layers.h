#pragma once
// For tests: a simulcast of VP8 with temporal layers, as a browser sends it, and a viewer's line of limited rate.
#include <deque>

#include "relay/test_peer.h"
#include "rtp/payload/vp8_descriptor.h"

namespace footlight::relay::test {

// The layers of one picture, each with an SSRC, numbers and timestamps of its own. A key frame comes when a PLI asked
// for it. Pictures go T0 T2 T1 T2, where the source has temporal layers.
class LayeredSource {
 public:
  struct Layer {
    std::string rid;
    int packets = 1;      // a picture
    int key_packets = 0;  // a key frame, where it is larger
    size_t size = 500;
    uint16_t width = 320;
    uint16_t height = 180;
    bool frozen = false;
    bool repairs = false;  // answers NACK
    bool padding = false;  // sends nothing else
    bool mute = false;     // gives no key frame when it is asked
    rtp::Ssrc ssrc{random_u32()};
    rtp::Ssrc rtx_ssrc{random_u32()};
    uint16_t seq = static_cast<uint16_t>(random_u32());
    uint32_t time = random_u32();
    int answered = 0;
    uint16_t picture = static_cast<uint16_t>(random_u32() & 0x7fff);
    uint8_t tl0 = static_cast<uint8_t>(random_u32());
    bool begun = false;
  };
  LayeredSource(Network& network, Peer& peer, std::vector<Layer> all)
      : layers(std::move(all)), network_(network), peer_(peer) {
    peer_.on_nack = [this](rtp::Ssrc media, uint16_t seq) { repair(media, seq); };
  }

  // One picture of every layer that is not frozen, `apart` from each other.
  void send_picture(Duration apart = Duration::zero()) {
    for (Layer& layer : layers) {
      if (!layer.frozen) send(layer);
      network_.run(apart);
    }
    ++pictures_;
  }
  void stream(Duration duration) {
    for (int64_t i = 0; i < duration.us() * 30 / 1'000'000; ++i) {
      send_picture();
      network_.run(Duration::millis(i % 3 == 0 ? 34 : 33));
    }
  }
  void send_reports() {
    for (Layer& layer : layers) {
      std::array<uint8_t, 100> buffer{};
      ByteWriter writer(buffer);
      rtp::rtcp::SenderReport report;
      report.sender = layer.ssrc;
      report.ntp = rtp::ntp_from_wall(WallTime::micros(1'700'000'000'000'000 + network_.now().us()));
      report.rtp_time = rtp::RtpTime(time_of(layer));
      report.write(writer);
      peer_.send_rtcp(writer.written());
    }
  }
  // A retransmission of a layer's packet, by its repaired RID only.
  void send_rtx(Layer& layer, const rtp::Header& original, const std::vector<uint8_t>& payload) {
    const uint16_t seq = original.seq.value();
    std::vector<uint8_t> bytes = {static_cast<uint8_t>(seq >> 8), static_cast<uint8_t>(seq)};
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    const rtp::Header header{original.marker, rtp::PayloadType(kVideoRtxType), rtp::SeqNum(rtx_seq_++), original.time,
                             layer.rtx_ssrc};
    peer_.send_rtp(header, bytes, [&](rtp::HeaderWriter& w) { w.add_extension(6, as_bytes(layer.rid)); });
  }
  [[nodiscard]] rtp::Header header_of(const Layer& layer, uint16_t seq, bool marker) const {
    return {marker, rtp::PayloadType(kVideoType), rtp::SeqNum(seq), rtp::RtpTime(time_of(layer)), layer.ssrc};
  }

  std::vector<Layer> layers;
  bool temporal = false;

 private:
  [[nodiscard]] uint32_t time_of(const Layer& layer) const {
    return layer.time + static_cast<uint32_t>(network_.now().us() * 90 / 1000);
  }
  void send(Layer& layer) {
    if (layer.padding) return send_padding(layer);
    const bool asked = peer_.plis_of[layer.ssrc.value()] > layer.answered && !layer.mute;
    const bool key = !layer.begun || asked;
    layer.begun = true;
    layer.answered = peer_.plis_of[layer.ssrc.value()];
    const int tid = key || !temporal ? 0 : pictures_ % 4 == 0 ? 0 : pictures_ % 2 == 0 ? 1 : 2;
    layer.picture = static_cast<uint16_t>((layer.picture + 1) & 0x7fff);
    if (tid == 0) ++layer.tl0;
    const int packets = key ? std::max(layer.packets, layer.key_packets) : layer.packets;
    for (int i = 0; i < packets; ++i) {
      const rtp::Header header = header_of(layer, layer.seq++, i + 1 == packets);
      const auto bytes = payload(layer, key, i, tid);
      sent_[{layer.ssrc.value(), header.seq.value()}] = {header, bytes};
      peer_.send_rtp(header, bytes, [&](rtp::HeaderWriter& w) { w.add_extension(5, as_bytes(layer.rid)); });
    }
  }
  void repair(rtp::Ssrc media, uint16_t seq) {
    ++peer_.nacked;
    auto it = sent_.find({media.value(), seq});
    for (Layer& layer : layers)
      if (layer.ssrc == media && layer.repairs && it != sent_.end())
        send_rtx(layer, it->second.first, it->second.second);
  }
  // RFC 3550 §5.1: P, and a last byte that counts them all.
  void send_padding(Layer& layer) {
    std::array<uint8_t, 300> bytes{};
    const rtp::Header header{false, rtp::PayloadType(kVideoType), rtp::SeqNum(layer.seq++),
                             rtp::RtpTime(time_of(layer)), layer.ssrc};
    const size_t size = rtp::HeaderWriter(bytes, header).finish() + 200;
    bytes[0] |= 0x20;
    bytes[size - 1] = 200;
    peer_.send_raw_rtp(ByteView(bytes).first(size));
  }
  // RFC 7741 §4.2: X, S on the first; I, L, T; a 15-bit picture id; TL0PICIDX; TID and Y; then VP8's own header.
  [[nodiscard]] std::vector<uint8_t> payload(const Layer& layer, bool key, int i, int tid) const {
    std::vector<uint8_t> bytes(layer.size, 1);
    const bool sync = tid == 0 || pictures_ % 4 != 3;
    bytes[0] = static_cast<uint8_t>(0x80 | (i == 0 ? 0x10 : 0));
    bytes[1] = 0xe0;
    bytes[2] = static_cast<uint8_t>(0x80 | layer.picture >> 8);
    bytes[3] = static_cast<uint8_t>(layer.picture);
    bytes[4] = layer.tl0;
    bytes[5] = static_cast<uint8_t>(tid << 6 | (sync ? 0x20 : 0));
    bytes[6] = i == 0 && key ? 0x10 : 0x11;
    if (i > 0 || !key) return bytes;
    const uint8_t start[] = {0x9d,
                             0x01,
                             0x2a,
                             static_cast<uint8_t>(layer.width),
                             static_cast<uint8_t>(layer.width >> 8),
                             static_cast<uint8_t>(layer.height),
                             static_cast<uint8_t>(layer.height >> 8)};
    std::copy(std::begin(start), std::end(start), bytes.begin() + 9);
    return bytes;
  }

  Network& network_;
  Peer& peer_;
  int pictures_ = 0;
  uint16_t rtx_seq_ = 9000;
  std::map<std::pair<uint32_t, uint16_t>, std::pair<rtp::Header, std::vector<uint8_t>>> sent_;
};

// Takes a viewer's datagrams in its place and lets them through at `rate`, with a queue of `depth` before it.
class NarrowLine final : public Endpoint {
 public:
  NarrowLine(Network& network, Peer& peer, DataRate allowed) : rate(allowed), peer_(peer) {
    network.attach(peer.at(), this);
  }
  void on_datagram(MutableByteView bytes, Timestamp) override {
    const int64_t depth = rate.bps() / 8 * 3 / 10;  // 300 ms
    if (queued_ + static_cast<int64_t>(bytes.size()) > depth) {
      ++lost;
      return;
    }
    queued_ += static_cast<int64_t>(bytes.size());
    queue_.emplace_back(bytes.begin(), bytes.end());
  }
  void tick(Timestamp now) override {
    allowance_ = queue_.empty() ? 0 : allowance_ + rate.bps() / 8000;
    while (!queue_.empty() && allowance_ >= static_cast<int64_t>(queue_.front().size())) {
      allowance_ -= static_cast<int64_t>(queue_.front().size());
      queued_ -= static_cast<int64_t>(queue_.front().size());
      peer_.on_datagram(queue_.front(), now);
      queue_.pop_front();
    }
    peer_.tick(now);
  }

  DataRate rate;
  int lost = 0;

 private:
  Peer& peer_;
  std::deque<std::vector<uint8_t>> queue_;
  int64_t queued_ = 0;
  int64_t allowance_ = 0;
};

}  // namespace footlight::relay::test
