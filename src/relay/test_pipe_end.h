#pragma once
// For tests: the compose end of a pipe in memory.
#include <map>

#include "base/text_codec.h"
#include "relay/test_network.h"
#include "relay/test_peer.h"

namespace footlight::relay::test {

class PipeEnd final : public Endpoint {
 public:
  PipeEnd(Network& network, const std::string& at, const std::string& id)
      : network_(network), at_(address(at.c_str())) {
    std::array<uint8_t, 56> key{};
    random_fill(key);
    desired.key = {id, to_base64(key), random_u32() | 1, random_u32() | 1};
    auto profile = srtp::Profile::kAeadAes128Gcm;
    sender_.emplace(*srtp::MasterKey::from_joined(profile, ByteView(key).first(28)), srtp::Repeats::kIdenticalBytes);
    receiver_.emplace(*srtp::MasterKey::from_joined(profile, ByteView(key).subspan(28)));
    network_.attach(at_, this);
  }
  ~PipeEnd() override { network_.detach(at_); }

  // Publishes the programme to `stream`, H.264 and Opus.
  void publish(const std::string& stream) {
    desired.publish_stream = stream;
    desired.publish_tracks = {{"video", "h264", random_u32(), 96, 90000, 0, "packetization-mode=1"},
                              {"audio", "opus", random_u32(), 111, 48000, 2, ""}};
  }
  void send_frame(bool key, int packets = 3) {
    time_ += 3000;
    for (int i = 0; i < packets; ++i) {
      std::vector<uint8_t> payload(800, 1);
      payload[0] = key && i == 0 ? 0x67 : 0x7c;
      payload[1] = key ? 5 : 1;
      rtp::Header header{i + 1 == packets, rtp::PayloadType(96), rtp::SeqNum(seq_), rtp::RtpTime(time_),
                         rtp::Ssrc(desired.publish_tracks[0].ssrc)};
      sent_[seq_++] = {header, payload};
      send_rtp(header, payload);
    }
  }
  void send_rtp(const rtp::Header& header, const std::vector<uint8_t>& payload) {
    std::array<uint8_t, 1500> slot{};
    rtp::HeaderWriter writer(slot, header);
    size_t size = writer.finish();
    auto sealed = sender_->protect_rtp(slot, size, payload);
    if (sealed) network_.to_relay(at_, ByteView(slot).first(*sealed), true);
  }
  void send_rtcp(ByteView compound) {
    std::array<uint8_t, 1500> buffer{};
    std::copy(compound.begin(), compound.end(), buffer.begin());
    auto size = sender_->protect_rtcp(buffer, compound.size());
    if (size) network_.to_relay(at_, ByteView(buffer).first(*size), true);
  }
  void send_nack(rtp::Ssrc media, uint16_t seq) {
    std::array<uint8_t, 100> buffer{};
    ByteWriter writer(buffer);
    rtp::Ssrc own(desired.key.compose_ssrc);
    rtp::rtcp::ReceiverReport{.sender = own}.write(writer);
    std::array lost{rtp::SeqNum(seq)};
    rtp::rtcp::write_nack(writer, own, media, lost);
    send_rtcp(writer.written());
  }
  void send_pli(rtp::Ssrc media) {
    std::array<uint8_t, 100> buffer{};
    ByteWriter writer(buffer);
    rtp::Ssrc own(desired.key.compose_ssrc);
    rtp::rtcp::ReceiverReport{.sender = own}.write(writer);
    rtp::rtcp::Pli{own, media}.write(writer);
    send_rtcp(writer.written());
  }
  void move_to(const std::string& at) {
    network_.detach(at_);
    at_ = address(at.c_str());
    network_.attach(at_, this);
  }

  state::RelayPipe desired;
  std::map<uint32_t, std::vector<Received>> received;  // by SSRC
  std::vector<rtp::rtcp::SenderReport> sender_reports;
  int plis = 0;
  int nacked = 0;
  int unauthentic = 0;

  void on_datagram(MutableByteView bytes, Timestamp now) override {
    if (rtp::kind_of_datagram(bytes) == rtp::DatagramKind::kRtcp) return on_rtcp(bytes);
    auto size = receiver_->unprotect_rtp(bytes);
    if (!size) {
      ++unauthentic;
      return;
    }
    auto packet = rtp::PacketView::parse(bytes.first(*size));
    received[packet->ssrc().value()].push_back({packet->seq().value(),
                                                packet->time().value(),
                                                packet->marker(),
                                                false,
                                                {packet->payload().begin(), packet->payload().end()},
                                                now});
  }
  void tick(Timestamp now) override {
    if (now < next_keepalive_) return;
    next_keepalive_ = now + Duration::millis(100);
    std::array<uint8_t, 100> buffer{};
    ByteWriter writer(buffer);
    rtp::rtcp::ReceiverReport{.sender = rtp::Ssrc(desired.key.compose_ssrc)}.write(writer);
    send_rtcp(writer.written());
  }

 private:
  void on_rtcp(MutableByteView bytes) {
    auto size = receiver_->unprotect_rtcp(bytes);
    if (!size) {
      ++unauthentic;
      return;
    }
    auto reader = rtp::rtcp::CompoundReader::parse(bytes.first(*size));
    rtp::rtcp::Block block;
    while (reader && reader->next(block)) {
      using rtp::rtcp::BlockType;
      if (block.type == BlockType::kSenderReport) sender_reports.push_back(*rtp::rtcp::SenderReport::parse(block));
      if (block.type == BlockType::kPayloadFeedback && block.count == rtp::rtcp::kFmtPli) ++plis;
      if (block.type == BlockType::kTransportLayerFeedback && block.count == rtp::rtcp::kFmtNack)
        rtp::rtcp::Nack::parse(block)->for_each([&](rtp::SeqNum seq) {
          ++nacked;
          if (auto it = sent_.find(seq.value()); it != sent_.end()) send_rtp(it->second.first, it->second.second);
        });
    }
  }

  Network& network_;
  SocketAddress at_;
  std::optional<srtp::SrtpSender> sender_;
  std::optional<srtp::SrtpReceiver> receiver_;
  Timestamp next_keepalive_{};
  uint16_t seq_ = 500;
  uint32_t time_ = 1000;
  std::map<uint16_t, std::pair<rtp::Header, std::vector<uint8_t>>> sent_;
};

}  // namespace footlight::relay::test
