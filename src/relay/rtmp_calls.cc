// The calls of RTMP's connections into the shard core.
#include <algorithm>

#include "base/log.h"
#include "base/random.h"
#include "base/text_codec.h"
#include "relay/rtmp_record.h"
#include "relay/shard_core.h"
#include "token/hmac.h"

namespace footlight::relay {
namespace {

const Logger kLog("relay");

}  // namespace

// Every key is compared, whole: how long it takes tells nothing of them.
const state::RelayRtmpKey* ShardCore::rtmp_key(const Secret& key) const {
  std::string digest = to_hex(token::sha256(key.reveal()));
  const state::RelayRtmpKey* found = nullptr;
  for (const state::RelayRtmpKey& known : rtmp_keys_)
    if (constant_time_equal(known.key_sha256, digest)) found = &known;
  return found;
}

Result<RtmpSession*, SessionError> ShardCore::open_rtmp(const Secret& key, Timestamp now) {
  Capture::Turn turn(capture_);
  const state::RelayRtmpKey* allowed = rtmp_key(key);
  if (!allowed) return unexpected(SessionError{SessionErrorKind::kUnknownSession, "This stream key is not valid now."});
  if (!has_room_to_publish(allowed->stream))
    return unexpected(SessionError{SessionErrorKind::kUnavailable, "The server is full; try again later."});
  if (capture_) capture_->note(CaptureKind::kRtmpOpen, now, allowed->stream);
  return &admit_rtmp(allowed->stream, allowed->key_sha256, now);
}

RtmpSession& ShardCore::admit_rtmp(const std::string& stream, const std::string& key_sha256, Timestamp now) {
  router_.forward(now);
  // A second publish to a stream ends the first.
  for (auto& [id, other] : sessions_)
    if (other->publishes() && !other->ended() && other->stream() == stream) end(*other, "taken_over", now);
  auto session = std::make_unique<RtmpSession>(random_id(), stream, key_sha256, router_, counters_, now);
  RtmpSession& opened = *session;
  keep(std::move(session));
  if (options_.mesh) options_.mesh->directory.place_on(opened.id(), options_.shard);
  settle(opened, now);
  kLog.info("session opened", {{"session", opened.id()}, {"kind", "publish"}, {"stream", opened.stream()}});
  return opened;
}

void ShardCore::on_rtmp(RtmpSession& session, const rtmp::Event& event, Timestamp now) {
  Capture::Turn turn(capture_);
  if (capture_)
    if (auto record = to_record(event); !record.empty())
      capture_->note(CaptureKind::kRtmpEvent, now, session.id(), record);
  session.on_event(event, now);
  if (Publication* publication = session.to_publish(now)) {
    router_.forward(now);
    publish(*publication, session.stream(), now);
    session.commit();
  }
  settle(session, now);
}

void ShardCore::close_rtmp(RtmpSession& session, std::string_view reason, Timestamp now) {
  Capture::Turn turn(capture_);
  if (capture_) capture_->note(CaptureKind::kRtmpEnded, now, session.id(), as_bytes(reason));
  end(session, std::string(reason).c_str(), now);
}

void ShardCore::apply_rtmp_keys(const std::vector<state::RelayRtmpKey>& keys, Timestamp now) {
  rtmp_keys_ = keys;
  for (auto& [id, session] : sessions_) {
    RtmpSession* rtmp = session->rtmp();
    if (!rtmp || rtmp->ended() || rtmp->replayed()) continue;
    bool allowed = std::ranges::any_of(rtmp_keys_, [&](const state::RelayRtmpKey& key) {
      return key.key_sha256 == rtmp->key_sha256() && key.stream == rtmp->stream();
    });
    if (!allowed) close_rtmp(*rtmp, "revoked", now);
  }
}

}  // namespace footlight::relay
