#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "state/programme.h"

// Desired state, one document a role instance. Control writes; the role applies it whole, as often as it comes:
// applying the same document twice changes nothing. Fetched with `GET /desired/{role}/{instance}?after=G&incarnation=I`
// on control.sock: answers at once when G differs from the present generation, else holds at most 25 s and answers 204.
namespace footlight::state {

inline constexpr int kSchema = 1;

// --- node: what the supervisor runs beside the fixed roles
struct NodeProgramme {
  std::string id;  // the event's id; opaque here
  bool operator==(const NodeProgramme&) const = default;
};
struct NodeDesired {
  int64_t generation = 0;
  std::vector<NodeProgramme> programmes;  // one `footlight compose --programme ID` each
};

// --- relay
struct RelayPipe {
  PipeKey key;
  std::vector<std::string> consume;       // stream ids whose live tracks go to compose, as they come and go
  std::string publish_stream;             // stream id of the programme that comes back; empty: none
  std::vector<PipeTrack> publish_tracks;  // what comes back, with its SSRCs
};
struct RelayStream {
  std::string id;                 // a stream that may be subscribed before its tracks exist (the programme)
  std::vector<PipeTrack> tracks;  // codecs to answer WHEP offers with
};
// Who may publish by RTMP, and as which stream. The digest, not the key: nothing in this document opens a door.
struct RelayRtmpKey {
  std::string key_sha256;  // lower-case hex
  std::string stream;
};
// One end of the way between two relays (decision 0013); the other end's document is its mirror image. Keys are new for
// each pair of relay incarnations; one that was let go never comes back. Streams and address may change under a key.
struct RelayLink {
  std::string id;
  Secret key;          // base64 of 28 bytes (AES-128-GCM key 16, salt 12) from the first end, then 28 from the second
  bool first = false;  // this is the first end
  uint32_t own_ssrc = 0;  // RTCP senders of both ends: a relay finds the link by the other's
  uint32_t peer_ssrc = 0;
  std::string remote;              // "ip:port" of the other relay's pipe socket; empty: it calls
  std::vector<std::string> offer;  // streams published here that may be watched there
  std::vector<std::string> pull;   // streams published there that may be watched here
};
struct RelayDesired {
  int64_t generation = 0;
  std::vector<RelayPipe> pipes;  // a pipe not listed is closed
  std::vector<RelayStream> streams;
  std::vector<std::string> ended_sessions;  // sessions that must not live on (revoked, removed, event over)
  std::vector<RelayRtmpKey> rtmp_keys;      // an RTMP session whose key is not listed is cut
  std::vector<RelayLink> links;             // to other relays; one not listed is closed
};

// --- compose, one a programme
struct ComposeInput {
  std::string id;       // source id: stable through reconnects
  std::string session;  // relay session that carries it now; empty: no tracks (slate)
  std::string kind;     // "camera" | "screen" | "rtmp" | "test"
  bool on_stage = false;
  int64_t on_stage_order = 0;  // larger came on stage later
  bool muted = false;
  double gain_db = 0;
  std::vector<PipeTrack> tracks;  // empty for "test", which compose makes itself
};
struct ComposeHls {
  bool publish = false;  // false in rehearsal: the programme runs, no parts are put
  std::string stream;    // ingest stream id
  std::string rendition;
  HlsTiming timing;
};
struct ComposeDesired {
  int64_t generation = 0;
  std::string programme;
  uint64_t epoch = 0;             // fencing: grows with every compose incarnation; the origin refuses a lower one
  int64_t timeline_start_ms = 0;  // wall time (Unix ms) of tick 0, kept by control for the programme's life
  Canvas canvas;
  Rendition rendition;
  ComposeHls hls;
  PipeKey pipe;
  std::string pipe_address;               // the relay's pipe socket, "ip:port"; empty: relay away
  std::vector<PipeTrack> publish_tracks;  // SSRCs and payload types to send the programme back with; empty: do not
  std::vector<ComposeInput> inputs;
};

// --- origin
struct StreamStatus {  // the body of status.json, as it stands
  int64_t version = 0;
  std::string state;
  std::string session_type;
  std::string relay_epoch;
  bool operator==(const StreamStatus&) const = default;
};
struct OriginStream {
  std::string id;  // event id: the {event} of /live URLs and of ingest
  StreamStatus status;
  bool token_required = false;  // audience "token"
  bool started = false;         // playback began (go-live happened)
  bool ended = false;           // no more parts will come: ENDLIST once the last is in
  bool keep = true;             // `record`: keep every segment since go-live; else the window only
  uint64_t min_epoch = 0;       // ingest below is refused 412
  Canvas canvas;
  Rendition rendition;
  HlsTiming timing;
  int64_t window_s = 14400;
};
struct OriginDesired {
  int64_t generation = 0;
  std::vector<OriginStream> streams;        // an id not listed answers 404
  Secret token_key;                         // HMAC key of viewer tokens; memory only
  std::vector<std::string> revoked_tokens;  // token ids (jti) revoked and not yet expired
};

// JSON text with `schema` and `generation`. parse: unknown fields ignored; a missing or ill-typed field that the role
// needs is an error that names it.
[[nodiscard]] std::string to_json(const NodeDesired& d);
[[nodiscard]] std::string to_json(const RelayDesired& d);
[[nodiscard]] std::string to_json(const ComposeDesired& d);
[[nodiscard]] std::string to_json(const OriginDesired& d);
[[nodiscard]] Result<NodeDesired, Error> parse_node_desired(std::string_view text);
[[nodiscard]] Result<RelayDesired, Error> parse_relay_desired(std::string_view text);
[[nodiscard]] Result<ComposeDesired, Error> parse_compose_desired(std::string_view text);
[[nodiscard]] Result<OriginDesired, Error> parse_origin_desired(std::string_view text);

}  // namespace footlight::state
