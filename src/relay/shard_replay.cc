// What a capture gives to the shard core, and what the core gives to a capture.
#include <algorithm>
#include <array>

#include "base/text_codec.h"
#include "relay/rtmp_record.h"
#include "relay/shard_core.h"
#include "srtp/master_key.h"

namespace footlight::relay {
namespace {

std::optional<srtp::Profile> profile_numbered(uint16_t number) {
  for (auto profile : {srtp::Profile::kAes128CmHmacSha1, srtp::Profile::kAeadAes128Gcm, srtp::Profile::kAeadAes256Gcm})
    if (static_cast<uint16_t>(profile) == number) return profile;
  return std::nullopt;
}

}  // namespace

void ShardCore::capture_to(Capture* capture, Timestamp now) {
  capture_ = capture;
  Capture::Turn turn(capture_);
  capture_->note(CaptureKind::kOptions, now, options_.epoch, as_bytes(options_.pipe_address.to_string()));
}

void ShardCore::note_desired(const state::RelayDesired& desired, Timestamp now) {
  if (!capture_) return;
  // No key of ours leaves the process: a replay encrypts for nobody.
  state::RelayDesired open = desired;
  const std::vector<uint8_t> zeros(56);
  for (state::RelayPipe& pipe : open.pipes) pipe.key.key = to_base64(zeros);
  open.rtmp_keys.clear();
  open.links.clear();
  capture_->note(CaptureKind::kApply, now, {}, as_bytes(state::to_json(open)));
  // What comes over links is not captured.
  const std::array<uint8_t, 8> none{};
  if (!desired.links.empty()) capture_->note(CaptureKind::kLost, now, {}, none);
}

void ShardCore::replay(const CaptureRecord& record) {
  std::string id(record.id);
  switch (record.kind) {
    case CaptureKind::kApply:
      if (auto desired = state::parse_relay_desired(as_text(record.body))) apply(*desired, record.at);
      return;
    case CaptureKind::kCreate:
      if (auto request = state::parse_session_request(as_text(record.body)))
        if (create_session(*request, record.at) && find(request->id)->webrtc())
          find(request->id)->webrtc()->set_replayed();
      return;
    case CaptureKind::kPatch:
      static_cast<void>(patch_session(id, std::string(as_text(record.body)), record.at));
      return;
    case CaptureKind::kDelete:
      return delete_session(id, record.at);
    case CaptureKind::kTick:
      return tick(record.at);
    case CaptureKind::kFlush:
      return flush(record.at);
    case CaptureKind::kPipeRtp:
    case CaptureKind::kPipeRtcp:
      return replay_pipe(record);
    case CaptureKind::kRtmpOpen:
    case CaptureKind::kRtmpEvent:
    case CaptureKind::kRtmpEnded:
      return replay_rtmp(record);
    default:
      if (Session* session = find(id); session && session->webrtc()) replay_session(record, *session->webrtc());
  }
}

void ShardCore::replay_session(const CaptureRecord& record, WebRtcSession& session) {
  if (session.ended()) return;
  switch (record.kind) {
    case CaptureKind::kConnected: {
      ByteReader reader(record.body);
      uint16_t profile = 0;
      uint8_t protocol = 0;
      uint64_t rtt_us = 0;
      if (!reader.read_u16(profile) || !reader.read_u8(protocol) || !reader.read_u64(rtt_us)) return;
      auto known = profile_numbered(profile);
      if (!known) return;
      session.connect_replayed(*known, protocol > 0 ? Protocol::kTcp : Protocol::kUdp,
                               Duration::micros(static_cast<int64_t>(rtt_us & 0xffffffff)), record.at);
      break;
    }
    case CaptureKind::kStalled:
    case CaptureKind::kResumed:
      session.set_ice_stalled(record.kind == CaptureKind::kStalled);
      return;
    case CaptureKind::kMoved:
      session.change_route(record.at);
      return;
    case CaptureKind::kEnded:
      router_.forward(record.at);
      session.end(std::string(as_text(record.body)), record.at);
      break;
    case CaptureKind::kRtp:
      return session.on_clear_rtp(record.body, record.at);
    case CaptureKind::kRtcp:
      router_.forward(record.at);
      session.on_clear_rtcp(record.body, record.at);
      break;
    default:
      return;
  }
  settle(session, record.at);
}

void ShardCore::replay_rtmp(const CaptureRecord& record) {
  const std::string id(record.id);
  if (record.kind == CaptureKind::kRtmpOpen) {
    if (!id.empty() && has_room_to_publish(id)) static_cast<void>(admit_rtmp(id, "", record.at));
    return;
  }
  Session* known = find(id);
  RtmpSession* session = known ? known->rtmp() : nullptr;
  if (!session) return;
  if (record.kind == CaptureKind::kRtmpEnded)
    close_rtmp(*session, as_text(record.body), record.at);
  else if (auto event = event_of(record.body))
    on_rtmp(*session, *event, record.at);
}

void ShardCore::replay_pipe(const CaptureRecord& record) {
  auto pipe = std::ranges::find_if(pipes_, [&](const auto& p) { return p->id() == record.id; });
  if (pipe == pipes_.end()) return;
  if (record.kind == CaptureKind::kPipeRtp) return (*pipe)->on_clear_rtp(record.body, record.at);
  router_.forward(record.at);
  // Where compose was does not matter: nothing is sent.
  static const SocketAddress kAnywhere = *SocketAddress::parse("127.0.0.1:9");
  (*pipe)->on_clear_rtcp(record.body, kAnywhere, record.at);
}

}  // namespace footlight::relay
