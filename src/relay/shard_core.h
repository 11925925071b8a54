#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/thread_checker.h"
#include "dtls/certificate.h"
#include "relay/capture.h"
#include "relay/mirrors.h"
#include "relay/pipe.h"
#include "relay/publish_session.h"
#include "relay/relay.h"
#include "relay/relay_link.h"
#include "relay/router.h"
#include "relay/rtmp_session.h"
#include "relay/shard_report.h"
#include "relay/subscribe_session.h"
#include "sdp/negotiate.h"

namespace footlight::relay {

struct CoreOptions {
  std::vector<sdp::LocalCandidate> candidates;  // of every answer; the first is preferred
  SocketAddress pipe_address;                   // of the pipe socket
  std::string epoch;
  SessionBounds bounds;
  ShardMesh* mesh = nullptr;  // with the other shards; nullptr: this is the only one, and has no links
  size_t shard = 0;           // pipes and links are shard 0's
};

// The relay without I/O: sessions, pipes and router of one shard. Owned by the shard (or a test), on one thread. In:
// datagrams with their addresses, session calls, desired state, time. Out: datagrams through the two outputs, replies,
// observed state. Datagrams of any content cost a counted drop at most.
class ShardCore {
 public:
  ShardCore(CoreOptions options, const dtls::Certificate& certificate, DatagramOutput& media, DatagramOutput& pipe);
  ~ShardCore();

  // One datagram of a media socket or of the pipe socket; worked on in place.
  // `arrival`: when the kernel took it from the network.
  void on_media(MutableByteView datagram, const AddressPair& tuple, Timestamp arrival, Timestamp now);
  void on_pipe(MutableByteView datagram, const SocketAddress& from, Timestamp now);
  // True for a tuple that ICE has authenticated for a living session.
  [[nodiscard]] bool admits(const AddressPair& tuple) const { return by_tuple_.contains(tuple); }
  // The TCP connection of this tuple has ended.
  void on_connection_closed(const AddressPair& tuple, Timestamp now);
  // Other shards have rung: takes what they pushed, looks at what is published where.
  void on_bell(Timestamp now);
  // The end of a turn: received packets go to their consumers, other shards hear what is for them.
  void flush(Timestamp now);
  void tick(Timestamp now);
  // When tick() is due; Timestamp::max() while there is nothing to do.
  [[nodiscard]] Timestamp next_tick() const;

  void apply(const state::RelayDesired& desired, Timestamp now);
  [[nodiscard]] Result<state::SessionReply, SessionError> create_session(const state::SessionRequest& request,
                                                                         Timestamp now);
  [[nodiscard]] Result<PatchReply, SessionError> patch_session(const std::string& id, const std::string& sdpfrag,
                                                               Timestamp now);
  void delete_session(const std::string& id, Timestamp now);
  void end_all(const std::string& reason, Timestamp now);

  // RTMP's connections (rtmp_calls.cc). A session that was opened lives until it has ended and kEndedShown is over.
  [[nodiscard]] Result<RtmpSession*, SessionError> open_rtmp(const Secret& key, Timestamp now);
  void on_rtmp(RtmpSession& session, const rtmp::Event& event, Timestamp now);
  void close_rtmp(RtmpSession& session, std::string_view reason, Timestamp now);

  // Everything that comes in from now on is captured; of a new core, so that nothing is missing. It outlives the core.
  void capture_to(Capture* capture, Timestamp now);
  // Of a replay: what a capture says came in.
  void replay(const CaptureRecord& record);

  [[nodiscard]] ShardReport report(Timestamp now);
  // The same as a whole relay's, for one shard alone.
  [[nodiscard]] state::RelayObserved observed(Timestamp now);
  [[nodiscard]] bool knows(const std::string& id) const { return sessions_.contains(id); }
  // True once after an edge that observed state shows.
  [[nodiscard]] bool take_changed() { return std::exchange(changed_, false); }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] Counters& counters() { return counters_; }

 private:
  void on_stun(ByteView datagram, const AddressPair& tuple, Timestamp now);
  void drain_ice(WebRtcSession& session, Timestamp now);
  [[nodiscard]] WebRtcSession* session_of(const AddressPair& tuple);
  // A viewer that forges another's address must not take over its place in by_tuple_.
  [[nodiscard]] bool taken_by_another(const AddressPair& tuple, const WebRtcSession& session, Timestamp now);
  [[nodiscard]] Session* find(const std::string& id);
  // After a call into a session: forgets its keys when it has ended, notes changes.
  void settle(Session& session, Timestamp now);
  void unmap(WebRtcSession& session);
  void end(Session& session, const char* reason, Timestamp now);
  void publish(Publication& publication, const std::string& stream, Timestamp now);
  void sync_pipes(Timestamp now);
  // Brings directory, mirrors and pipes in line after publications or viewers came or went.
  void sync_shards(Timestamp now);
  // Another shard publishes this stream by now.
  void yield_stream(const std::string& stream, Timestamp now);
  [[nodiscard]] std::vector<std::string> piped_streams(Timestamp now) const;
  void apply_links(const std::vector<state::RelayLink>& wanted, Timestamp now);
  // True when the datagram was a link's.
  bool on_link(MutableByteView datagram, const SocketAddress& from, Timestamp now);
  // Publishes what links have announced, lets go of what they no longer do.
  void settle_links(Timestamp now);
  [[nodiscard]] const state::RelayRtmpKey* rtmp_key(const Secret& key) const;
  [[nodiscard]] RtmpSession& admit_rtmp(const std::string& stream, const std::string& key_sha256, Timestamp now);
  void apply_rtmp_keys(const std::vector<state::RelayRtmpKey>& keys, Timestamp now);
  void apply_pipes(const std::vector<state::RelayPipe>& wanted, Timestamp now);
  void keep(std::unique_ptr<Session> session);
  void reap(Timestamp now);
  // Sessions that ended before are forgotten.
  [[nodiscard]] Timestamp oldest_shown_end(Timestamp now) const;
  void note_desired(const state::RelayDesired& desired, Timestamp now);
  void replay_session(const CaptureRecord& record, WebRtcSession& session);
  void replay_pipe(const CaptureRecord& record);
  void replay_rtmp(const CaptureRecord& record);
  // Room for another session. Who takes a stream over takes the place of the publisher before.
  [[nodiscard]] bool has_room_to_publish(const std::string& stream) const;
  [[nodiscard]] bool has_room_to_watch() const;
  // Of too many viewers who do not connect, the one that has waited longest gives way.
  void bound_joining(Timestamp now);
  [[nodiscard]] Gauges gauges() const;

  [[nodiscard]] sdp::LocalParameters local_parameters(const ice::Credentials& credentials) const;
  [[nodiscard]] Result<std::unique_ptr<WebRtcSession>, SessionError> make_publisher(
      const state::SessionRequest& request, Timestamp now);
  [[nodiscard]] Result<std::unique_ptr<WebRtcSession>, SessionError> make_viewer(const state::SessionRequest& request,
                                                                                 Timestamp now);

  CoreOptions options_;
  const dtls::Certificate& certificate_;
  DatagramOutput& media_;
  DatagramOutput& pipe_;
  Counters counters_;
  Router router_;
  std::optional<Mirrors> mirrors_;  // where there are other shards
  std::map<std::string, std::unique_ptr<Session>, std::less<>> sessions_;
  struct Ticked {
    Timestamp due;
    Session* session;
  };
  std::vector<Ticked> ticked_;  // sessions that have not ended, in a row for the media tick
  struct UfragHash {            // looks up a datagram's view without taking memory
    using is_transparent = void;
    size_t operator()(std::string_view ufrag) const { return std::hash<std::string_view>()(ufrag); }
  };
  std::unordered_map<std::string, WebRtcSession*, UfragHash, std::equal_to<>> by_ufrag_;
  std::unordered_map<AddressPair, WebRtcSession*> by_tuple_;
  std::vector<std::unique_ptr<Pipe>> pipes_;
  std::vector<std::unique_ptr<RelayLink>> links_;
  std::unordered_set<std::string> revoked_;
  std::vector<state::RelayRtmpKey> rtmp_keys_;
  int64_t applied_generation_ = 0;
  Timestamp next_media_tick_{};
  Timestamp next_life_tick_{};
  bool changed_ = true;
  Capture* capture_ = nullptr;
  ThreadChecker thread_;
};

}  // namespace footlight::relay
