#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "relay/session_bounds.h"
#include "relay/session_error.h"
#include "state/desired.h"
#include "state/observed.h"
#include "state/session_call.h"

namespace footlight::relay {

// Bound sockets, opened by the supervisor. `media`: one a local address and shard; those of one port number make a
// shard. `media_tcp`: listening on the same addresses and numbers, or none.
struct RelaySockets {
  std::vector<UniqueFd> media;
  std::vector<UniqueFd> media_tcp;
  std::vector<UniqueFd> rtmp;  // listening, or none
  UniqueFd pipe;
};

struct RelayOptions {
  std::vector<std::string> announce;  // media.announce: addresses (no port) under which the media port is reachable too
  std::string capture;                // debug.capture: a file that everything is written to; empty: none
  SessionBounds bounds;               // beyond them a new session is refused with kUnavailable
};

// Answer to a trickle or ICE-restart fragment. `sdpfrag` is empty after a mere trickle (204).
struct PatchReply {
  std::string sdpfrag;
  std::string ice_tag;
};

// The SFU of one machine: an engine to embed, without HTTP. Owned by the relay role's main; any thread may call its
// methods, which post to the shards' threads; callbacks run on one of these, or at once, and must not block. In:
// desired state, session calls, datagrams of its sockets. Out: answers, datagrams, observed state. A call that a
// shard's bounded queue has no room for, or that comes while draining, is answered kUnavailable, or returns false.
class Relay {
 public:
  using SessionCallback = std::function<void(Result<state::SessionReply, SessionError>)>;
  using PatchCallback = std::function<void(Result<PatchReply, SessionError>)>;

  Relay(RelaySockets sockets, RelayOptions options);
  ~Relay();  // stops
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // Fails with one sentence when a socket or an announced address is unusable.
  [[nodiscard]] Result<void, Error> start();
  void stop();  // says goodbye to every peer (DTLS close_notify) and joins the shards' threads; within a second

  [[nodiscard]] bool apply(state::RelayDesired desired);
  void create_session(state::SessionRequest request, SessionCallback done);
  void patch_session(std::string id, std::string sdpfrag, PatchCallback done);
  void delete_session(std::string id, std::function<void()> done);  // idempotent
  [[nodiscard]] bool observed(std::function<void(state::RelayObserved)> done);
  // `changed` runs on a shard's thread after each edge (a session appears, changes state or ends; desired state is
  // applied), at most once a turn of its loop: fetch observed() then. Set before start().
  void on_change(std::function<void()> changed);

  // This incarnation of the relay: random at construction. Sessions belong to it.
  [[nodiscard]] const std::string& epoch() const { return epoch_; }

 private:
  struct Impl;
  std::string epoch_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace footlight::relay
