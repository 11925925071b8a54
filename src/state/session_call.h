#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "state/programme.h"

// Signalling is a call, not state (DESIGN §1): control posts an offer to relay.sock and hears the answer.
//   POST   /sessions            SessionRequest → 201 SessionReply; the same id again: the same reply (200)
//   PATCH  /sessions/{id}       {"sdpfrag": text} (RFC 8840) → 200 {"sdpfrag": answer, "ice_tag": new} on an ICE
//   restart,
//                               204 after trickle; 404 unknown session
//   DELETE /sessions/{id}       204, idempotent
// Errors: {"error": kind, "detail": sentence} with 400 (SDP unreadable), 422 (publish: no usable codec), 406
// (subscribe: no codec in common), 409 (subscribe: stream has no tracks), 503 (full or draining).
namespace footlight::state {

struct SessionRequest {
  std::string id;      // opaque, unguessable; made by control
  std::string kind;    // "publish" | "subscribe"
  std::string stream;  // what is published to or watched. A second publish to a stream ends the first ("taken_over")
  std::string offer;   // SDP
};

struct SessionReply {
  std::string answer;  // SDP
  std::string relay_epoch;
  std::string ice_tag;            // changes with each ICE restart: the ETag of the session resource
  std::vector<PipeTrack> tracks;  // publish only: the tracks as a pipe to compose will carry them
};

[[nodiscard]] std::string to_json(const SessionRequest& r);
[[nodiscard]] std::string to_json(const SessionReply& r);
[[nodiscard]] Result<SessionRequest, Error> parse_session_request(std::string_view text);
[[nodiscard]] Result<SessionReply, Error> parse_session_reply(std::string_view text);

}  // namespace footlight::state
