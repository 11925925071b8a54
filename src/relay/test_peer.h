#pragma once
// For tests: a WebRTC peer in memory. It posts its offer, runs ICE, DTLS and SRTP like a browser, keeps what it
// receives, answers NACK by RTX when it publishes, and asks by NACK when it watches.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "base/random.h"
#include "congestion/arrival_recorder.h"
#include "dtls/dtls_machine.h"
#include "ice/client_agent.h"
#include "relay/test_network.h"
#include "relay/test_offer.h"
#include "rtp/demux.h"
#include "rtp/header_extensions.h"
#include "rtp/packet_writer.h"
#include "rtp/rtcp/nack.h"
#include "rtp/rtcp/pli.h"
#include "rtp/rtcp/receiver_report.h"
#include "rtp/rtcp/sender_report.h"
#include "rtp/rtcp/transport_feedback.h"
#include "rtp/rtx.h"
#include "sdp/session_description.h"
#include "srtp/srtp_session.h"

namespace footlight::relay::test {

struct Received {
  uint16_t seq = 0;
  uint32_t time = 0;
  bool marker = false;
  bool repaired = false;
  std::vector<uint8_t> payload;
  Timestamp at;
  uint8_t payload_type = 0;
  rtp::Extensions extensions;  // texts and bytes in it are gone
};

inline constexpr uint8_t kAudioType = 111;
inline constexpr uint8_t kVideoType = 96;
inline constexpr uint8_t kVideoRtxType = 97;

class Peer final : public Endpoint {
 public:
  Peer(Network& network, const std::string& at, PeerOptions options = {})
      : network_(network), at_(address(at.c_str())), options_(options), local_(ice::make_credentials()) {
    network_.attach(at_, this);
  }
  ~Peer() override { network_.detach(at_); }

  // Posts the session and begins to connect. The relay's refusal, if any, is in `error`.
  bool join(const std::string& id, const std::string& stream) {
    state::SessionRequest request{id, options_.publishes ? "publish" : "subscribe", stream, offer()};
    auto result = network_.core().create_session(request, network_.now());
    if (!result) {
      error = result.error();
      return false;
    }
    reply = *result;
    accept(reply.answer);
    return true;
  }
  bool connect() {
    return network_.run_until([&] { return connected(); }, Duration::seconds(3));
  }
  [[nodiscard]] bool connected() const { return sender_.has_value(); }
  void close() { dtls_->close(); }
  void vanish() { network_.detach(at_); }
  void mute_checks() { checks_ = false; }
  void check_again() { agent_->switch_to({at_, kMediaAddress}, network_.now()); }
  [[nodiscard]] bool said_goodbye() const { return dtls_->state() == dtls::State::kClosed; }  // the relay, to us
  void restart_ice(const ice::Credentials& remote) { agent_->restart(local_, remote, network_.now()); }
  void move_to(const std::string& at) {
    network_.detach(at_);
    at_ = address(at.c_str());
    network_.attach(at_, this);
    agent_->switch_to({at_, kMediaAddress}, network_.now());
  }
  [[nodiscard]] const ice::Credentials& new_credentials() { return local_ = ice::make_credentials(); }
  [[nodiscard]] const SocketAddress& at() const { return at_; }

  // --- sending
  // One picture of `packets` packets; H.264 (a key frame begins with an SPS) or VP8, by the options.
  void send_frame(bool key, int packets = 3, size_t size = 1000) {
    video_time_ += 3000;
    for (int i = 0; i < packets; ++i) send_video(frame_payload(key, i, packets, size), i + 1 == packets);
    ++picture_;
  }
  void send_video(const std::vector<uint8_t>& payload, bool marker) {
    uint16_t seq = video_seq_++;
    sent_[seq] = {seq, video_time_, marker, false, payload, network_.now()};
    send_rtp({marker, rtp::PayloadType(kVideoType), rtp::SeqNum(seq), rtp::RtpTime(video_time_), video_ssrc}, payload);
  }
  void send_audio(const std::vector<uint8_t>& payload = std::vector<uint8_t>(60, 0xfc)) {
    audio_time_ += 960;
    send_rtp({false, rtp::PayloadType(kAudioType), rtp::SeqNum(audio_seq_++), rtp::RtpTime(audio_time_), audio_ssrc},
             payload);
  }
  void send_sender_reports() {
    for (auto [ssrc, time] : {std::pair(video_ssrc, video_time_), std::pair(audio_ssrc, audio_time_)}) {
      std::array<uint8_t, 100> buffer{};
      ByteWriter writer(buffer);
      rtp::rtcp::SenderReport report;
      report.sender = ssrc;
      report.ntp = rtp::ntp_from_wall(WallTime::micros(1'700'000'000'000'000 + network_.now().us()));
      report.rtp_time = rtp::RtpTime(time);
      report.write(writer);
      send_rtcp(writer.written());
    }
  }
  // `more` adds header extensions by their ids.
  void send_rtp(const rtp::Header& header, const std::vector<uint8_t>& payload,
                const std::function<void(rtp::HeaderWriter&)>& more = {}) {
    std::array<uint8_t, 1500> slot{};
    rtp::HeaderWriter writer(slot, header);
    rtp::write_mid(writer, offered_extensions(), header.payload_type.value() == kAudioType ? "0" : "1");
    transport_seq_ = transport_seq_.plus(1);
    rtp::write_transport_sequence(writer, offered_extensions(), transport_seq_);
    if (more) more(writer);
    size_t size = writer.finish();
    if (auto sealed = sender_->protect_rtp(slot, size, payload)) network_.to_relay(at_, ByteView(slot).first(*sealed));
  }
  void send_rtcp(ByteView compound) {
    std::array<uint8_t, 1500> buffer{};
    std::copy(compound.begin(), compound.end(), buffer.begin());
    auto size = sender_->protect_rtcp(buffer, compound.size());
    if (size) network_.to_relay(at_, ByteView(buffer).first(*size));
  }
  // Any bytes as an authentic RTP packet, if they have a readable header.
  void send_raw_rtp(ByteView packet) {
    std::array<uint8_t, 1500> buffer{};
    size_t size = std::min(packet.size(), buffer.size() - srtp::kMaxRtpOverhead);
    std::copy_n(packet.begin(), size, buffer.begin());
    if (auto sealed = sender_->protect_rtp(buffer, size)) network_.to_relay(at_, ByteView(buffer).first(*sealed));
  }
  void send_pli() {
    std::array<uint8_t, 100> buffer{};
    ByteWriter writer(buffer);
    rtp::rtcp::ReceiverReport{.sender = own_ssrc_}.write(writer);
    rtp::rtcp::Pli{own_ssrc_, watched_video}.write(writer);
    send_rtcp(writer.written());
  }

  // --- what came
  std::optional<SessionError> error;
  state::SessionReply reply;
  std::vector<Received> video;
  std::vector<Received> audio;
  std::vector<rtp::rtcp::SenderReport> sender_reports;
  int plis = 0;
  std::map<uint32_t, int> plis_of;  // by the SSRC that they name
  int nacked = 0;
  int feedback = 0;  // transport-wide messages
  int feedback_packets = 0;
  std::map<uint16_t, Duration> told_arrivals;  // by transport-wide number, as the relay says
  int receiver_report_blocks = 0;
  bool answer_nacks = true;
  std::function<void(rtp::Ssrc media, uint16_t seq)> on_nack;  // answers in its place
  bool ask_nacks = true;
  bool gives_feedback = false;  // watching: transport-wide, as browsers give it
  rtp::Ssrc video_ssrc{random_u32()};
  rtp::Ssrc rtx_ssrc{random_u32()};
  rtp::Ssrc audio_ssrc{random_u32()};
  rtp::Ssrc watched_video{};
  rtp::Ssrc watched_rtx{};
  rtp::Ssrc watched_audio{};
  std::string remote_ufrag;

  void set_video_start(uint16_t seq, uint32_t time) {
    video_seq_ = seq;
    video_time_ = time;
  }
  [[nodiscard]] uint32_t video_time() const { return video_time_; }

  void on_datagram(MutableByteView bytes, Timestamp now) override {
    switch (rtp::kind_of_datagram(bytes)) {
      case rtp::DatagramKind::kStun:
        if (auto message = ice::parse_stun(bytes)) agent_->handle_stun(*message, {at_, kMediaAddress}, now);
        break;
      case rtp::DatagramKind::kDtls:
        dtls_->handle_datagram(bytes, now);
        flush_dtls();
        take_keys();
        break;
      case rtp::DatagramKind::kRtp:
        on_rtp(bytes, now);
        break;
      case rtp::DatagramKind::kRtcp:
        on_rtcp(bytes, now);
        break;
      case rtp::DatagramKind::kUnknown:
        break;
    }
  }

  void tick(Timestamp now) override {
    if (!agent_) return;
    while (auto packet = checks_ ? agent_->take_packet(now) : std::nullopt) network_.to_relay(at_, packet->bytes);
    if (agent_->connected() && dtls_->state() == dtls::State::kNew) {
      dtls_->start(now);
      flush_dtls();
    }
    flush_dtls();
    if (sender_ && !options_.publishes && ask_nacks) ask_missing(now);
    if (sender_ && !options_.publishes && gives_feedback) send_feedback(now);
  }

  [[nodiscard]] std::string offer() const {
    return write_offer(options_, local_, certificate().fingerprint(), {audio_ssrc, video_ssrc, rtx_ssrc});
  }

 private:
  std::vector<uint8_t> frame_payload(bool key, int i, int packets, size_t size) const {
    std::vector<uint8_t> payload(size, static_cast<uint8_t>(picture_));
    if (options_.video == "VP8") {
      // RFC 7741 §4.2: X, S on the first; I; a 15-bit picture id; then VP8's own header, P = 0 on a key frame.
      payload[0] = static_cast<uint8_t>(0x80 | (i == 0 ? 0x10 : 0));
      payload[1] = 0x80;
      payload[2] = static_cast<uint8_t>(0x80 | (picture_ >> 8 & 0x7f));
      payload[3] = static_cast<uint8_t>(picture_);
      if (i == 0) payload[4] = key ? 0x10 : 0x11;
      if (i == 0 && key) std::copy_n("\x00\x00\x9d\x01\x2a\x80\x02\x68\x01", 9, payload.begin() + 5);
      return payload;
    }
    if (key && i == 0) {
      payload.resize(20);
      payload[0] = 0x67;
      return payload;
    }
    payload[0] = 0x7c;  // FU-A (RFC 6184 §5.8)
    bool start = i == (key ? 1 : 0);
    payload[1] = static_cast<uint8_t>((start ? 0x80 : 0) | (i + 1 == packets ? 0x40 : 0) | (key ? 5 : 1));
    return payload;
  }

  void accept(const std::string& answer) {
    auto sdp = sdp::SessionDescription::parse(answer);
    auto find = [&](const char* name) {
      if (const std::string* value = sdp->attributes.find(name)) return *value;
      for (const auto& m : sdp->media)
        if (const std::string* value = m.attributes.find(name)) return *value;
      return std::string();
    };
    remote_ufrag = find("ice-ufrag");
    ice::Credentials remote{remote_ufrag, Secret(find("ice-pwd"))};
    dtls_.emplace(certificate(), dtls::Role::kClient, dtls::Fingerprint::parse(find("fingerprint")));
    agent_.emplace(local_, remote, std::vector<AddressPair>{{at_, kMediaAddress}}, network_.now());
    for (const auto& m : sdp->media) {
      std::vector<rtp::Ssrc> ssrcs;
      for (const auto& a : m.attributes)
        if (a.name == "ssrc") {
          rtp::Ssrc ssrc(static_cast<uint32_t>(std::stoul(a.value)));
          if (std::ranges::find(ssrcs, ssrc) == ssrcs.end()) ssrcs.push_back(ssrc);
        }
      if (m.kind == "audio" && !ssrcs.empty()) watched_audio = ssrcs[0];
      if (m.kind == "video" && !ssrcs.empty()) watched_video = ssrcs[0];
      if (m.kind == "video" && ssrcs.size() > 1) watched_rtx = ssrcs[1];
    }
  }

  void flush_dtls() {
    while (auto datagram = dtls_->take_datagram()) network_.to_relay(at_, *datagram);
  }

  void take_keys() {
    if (sender_ || dtls_->state() != dtls::State::kConnected) return;
    auto keys = dtls_->take_srtp_keys();
    sender_.emplace(keys->send, srtp::Repeats::kIdenticalBytes);
    receiver_.emplace(keys->receive);
  }

  void on_rtp(MutableByteView bytes, Timestamp now) {
    auto size = receiver_ ? receiver_->unprotect_rtp(bytes) : unexpected(srtp::SrtpError::kTooShort);
    if (!size) return;
    auto packet = rtp::PacketView::parse(bytes.first(*size));
    if (!packet) return;
    auto extensions = rtp::read_extensions(*packet, offered_extensions());
    if (extensions.transport_sequence) arrivals_.record(*extensions.transport_sequence, now);
    Received r{packet->seq().value(), packet->time().value(), packet->marker(), false, {}, now};
    r.payload_type = packet->payload_type().value();
    r.extensions = extensions;
    r.payload.assign(packet->payload().begin(), packet->payload().end());
    if (packet->ssrc() == watched_audio) {
      audio.push_back(std::move(r));
    } else if (packet->ssrc() == watched_rtx) {
      auto rtx = rtp::read_rtx(*packet);
      if (!rtx) return;
      r.seq = rtx->original_seq.value();
      r.repaired = true;
      r.payload.assign(rtx->payload.begin(), rtx->payload.end());
      store_video(std::move(r), now);
    } else if (packet->ssrc() == watched_video) {
      store_video(std::move(r), now);
    }
  }
  void store_video(Received r, Timestamp now) {
    int64_t seq = seqs_.unwrap(rtp::SeqNum(r.seq)).value();
    if (newest_video_ > 0)
      for (int64_t i = newest_video_ + 1; i < seq; ++i) missing_[i] = {now, {}};
    newest_video_ = std::max(newest_video_, seq);
    missing_.erase(seq);
    video.push_back(std::move(r));
  }

  void send_feedback(Timestamp now) {
    auto due = arrivals_.next_timeout();
    if (!due || now < *due) return;
    std::array<uint8_t, congestion::kMaxFeedbackSize + 100> buffer{};
    ByteWriter writer(buffer);
    rtp::rtcp::ReceiverReport{.sender = own_ssrc_}.write(writer);
    if (arrivals_.build_feedback(now, own_ssrc_, watched_video, writer)) send_rtcp(writer.written());
  }
  void ask_missing(Timestamp now) {
    std::array<rtp::SeqNum, 64> lost;
    size_t count = 0;
    std::erase_if(missing_, [&](const auto& m) { return now - m.second.since > Duration::seconds(1); });
    for (auto& [seq, missing] : missing_) {
      if (count == lost.size() || now - missing.asked < Duration::millis(40)) continue;
      missing.asked = now;
      lost[count++] = rtp::UnwrappedSeq(seq).wrapped();
    }
    if (count == 0) return;
    std::array<uint8_t, 600> buffer{};
    ByteWriter writer(buffer);
    rtp::rtcp::ReceiverReport{.sender = own_ssrc_}.write(writer);
    rtp::rtcp::write_nack(writer, own_ssrc_, watched_video, std::span(lost).first(count));
    send_rtcp(writer.written());
  }

  void on_rtcp(MutableByteView bytes, Timestamp) {
    auto size = receiver_ ? receiver_->unprotect_rtcp(bytes) : unexpected(srtp::SrtpError::kTooShort);
    if (!size) return;
    auto reader = rtp::rtcp::CompoundReader::parse(bytes.first(*size));
    rtp::rtcp::Block block;
    while (reader && reader->next(block)) on_block(block);
  }
  void on_block(const rtp::rtcp::Block& block) {
    using rtp::rtcp::BlockType;
    if (block.type == BlockType::kSenderReport) {
      sender_reports.push_back(*rtp::rtcp::SenderReport::parse(block));
    } else if (block.type == BlockType::kReceiverReport) {
      receiver_report_blocks += static_cast<int>(rtp::rtcp::ReceiverReport::parse(block)->reports.size());
    } else if (block.type == BlockType::kPayloadFeedback && block.count == rtp::rtcp::kFmtPli) {
      ++plis;
      ++plis_of[rtp::rtcp::Pli::parse(block)->media.value()];
    } else if (block.type == BlockType::kTransportLayerFeedback && block.count == rtp::rtcp::kFmtNack) {
      const auto nack = rtp::rtcp::Nack::parse(block);
      nack->for_each([&](rtp::SeqNum seq) { on_nack ? on_nack(nack->media(), seq.value()) : on_nacked(seq); });
    } else if (block.type == BlockType::kTransportLayerFeedback) {
      auto message = rtp::rtcp::TransportFeedback::parse(block);
      ++feedback;
      feedback_packets += message->packet_count();
      rtp::rtcp::TransportFeedback::Packet packet;
      for (auto packets = message->packets(); packets.next(packet);)
        if (packet.arrival) told_arrivals[packet.seq.value()] = *packet.arrival;
    }
  }
  void on_nacked(rtp::SeqNum seq) {
    ++nacked;
    auto it = sent_.find(seq.value());
    if (!answer_nacks || it == sent_.end() || !options_.rtx) return;
    std::vector<uint8_t> payload = {static_cast<uint8_t>(seq.value() >> 8), static_cast<uint8_t>(seq.value())};
    payload.insert(payload.end(), it->second.payload.begin(), it->second.payload.end());
    send_rtp({it->second.marker, rtp::PayloadType(kVideoRtxType), rtp::SeqNum(rtx_seq_++),
              rtp::RtpTime(it->second.time), rtx_ssrc},
             payload);
  }

  Network& network_;
  SocketAddress at_;
  PeerOptions options_;
  ice::Credentials local_;
  std::optional<ice::ClientAgent> agent_;
  std::optional<dtls::DtlsMachine> dtls_;
  std::optional<srtp::SrtpSender> sender_;
  std::optional<srtp::SrtpReceiver> receiver_;
  rtp::Ssrc own_ssrc_{random_u32()};
  uint16_t video_seq_ = 1000;
  uint16_t audio_seq_ = 2000;
  uint16_t rtx_seq_ = 3000;
  uint32_t video_time_ = 50000;
  uint32_t audio_time_ = 90000;
  int picture_ = 0;
  bool checks_ = true;
  rtp::SeqNum transport_seq_{};
  congestion::ArrivalRecorder arrivals_;
  std::map<uint16_t, Received> sent_;
  struct Missing {
    Timestamp since;
    Timestamp asked;
  };
  std::map<int64_t, Missing> missing_;  // libwebrtc, too, asks for about a second
  int64_t newest_video_ = 0;
  rtp::SeqUnwrapper seqs_;
};

}  // namespace footlight::relay::test
