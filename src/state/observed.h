#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "state/programme.h"

// Observed state: what a role says of itself with `PUT /observed/{role}/{instance}` on control.sock, at each edge and
// at least once a second while anything lives. Never holds a secret. Control keeps the last one for each instance.
namespace footlight::state {

// Every document carries these.
struct Observed {
  std::string incarnation;         // random at process start; the relay's is its `epoch`
  int64_t applied_generation = 0;  // of desired state
  std::string metrics;             // Prometheus text of this process, label-free of addresses and free-form ids
};

// One encoding that a publisher sends, or one track as a receiver gets it. Counts are of the track's whole life.
struct TrackObserved {
  std::string kind;   // "audio" | "video"
  std::string codec;  // as in PipeTrack
  std::string layer;  // RID of the encoding; a receiver's: of the one that it gets now; empty without simulcast
  std::string
      state;  // "live" | "silent" (nothing for 2 s) | "waiting" (for a key frame) | "idle" (the codec does not fit)
  int64_t bitrate_bps = 0;
  int64_t packets = 0;
  int64_t lost = 0;       // as RTCP counts it (RFC 3550 §6.4.1): never repaired on the way in, missing on the way out
  double loss_ratio = 0;  // 0 to 1, over the last report interval
  int64_t nacked = 0;     // packets asked for
  int64_t resent = 0;     // packets repaired by retransmission
  int64_t key_frame_requests = 0;  // sent to the source; heard from the receiver
  double jitter_ms = 0;
  double rtt_ms = 0;
  double fps = 0;
  int width = 0;  // of the last key frame; 0: not known
  int height = 0;
  bool b_frames = false;
  int64_t since_media_ms = -1;  // since the last packet; -1: none yet
};
struct SessionObserved {
  std::string id;
  std::string kind;  // "publish" | "subscribe"
  std::string stream;
  std::string state;       // "new" | "connected" | "stalled" (no media or consent for 2 s) | "ended"
  std::string end_reason;  // "taken_over", "deleted", "consent_expired", "dtls_failed", "closed_by_peer" …
  std::string transport;   // "udp" | "tcp" | "turn" | "rtmp" | ""
  int64_t bitrate_bps = 0;
  double loss_ratio = 0;  // 0 to 1, over the last report interval
  double jitter_ms = 0;
  double rtt_ms = 0;
  double fps = 0;
  int64_t estimate_bps = 0;          // receivers: what the path is believed to carry; 0: not known
  std::vector<TrackObserved> media;  // publishers: one a layer; receivers: one a track
  std::vector<PipeTrack> tracks;     // RTMP publishers, whom no call announces: how the pipe carries them; none as yet
};
// A stream on its way over a link or a pipe.
struct LinkStreamObserved {
  std::string stream;
  std::string direction;             // "in" | "out"
  std::vector<TrackObserved> media;  // one a layer: in as received here, out as sent to the other end
};
// The way to another relay (RelayDesired::links) or to a compose (RelayDesired::pipes), as this end has it.
struct LinkObserved {
  std::string id;
  std::string state;                        // "connected" | "silent" (nothing authentic for 5 s, or never)
  std::string remote;                       // "ip:port" of the other end; empty: it has not called yet
  std::vector<LinkStreamObserved> streams;  // in: published there; out: published here and received there
};
struct RelayObserved : Observed {
  std::string pipe_address;               // "ip:port" of the pipe socket
  std::vector<SessionObserved> sessions;  // ended ones stay listed for 10 s, then go
  std::vector<LinkObserved> links;
  std::vector<LinkObserved> pipes;
};

struct InputObserved {
  std::string id;
  std::string state;  // "waiting" | "playing" | "frozen" (last picture held) | "slate"
  double fps = 0;
  double jitter_buffer_ms = 0;
  double decode_ms = 0;
};
struct ComposeObserved : Observed {
  uint64_t epoch = 0;
  std::vector<InputObserved> inputs;
  double mix_ms = 0;
  double encode_ms = 0;
  double package_ms = 0;
  int64_t dropped_segments = 0;
};

struct OriginStreamObserved {
  std::string id;
  bool has_media = false;  // at least one part is announced
  bool complete = false;   // ended, ENDLIST written, every segment on disk
  int64_t next_msn = 0;
  int64_t peak_bps = 0;
};
struct OriginObserved : Observed {
  std::vector<OriginStreamObserved> streams;
};

[[nodiscard]] std::string to_json(const Observed& o);
[[nodiscard]] std::string to_json(const RelayObserved& o);
[[nodiscard]] std::string to_json(const ComposeObserved& o);
[[nodiscard]] std::string to_json(const OriginObserved& o);
[[nodiscard]] Result<Observed, Error> parse_observed(std::string_view text);
[[nodiscard]] Result<RelayObserved, Error> parse_relay_observed(std::string_view text);
[[nodiscard]] Result<ComposeObserved, Error> parse_compose_observed(std::string_view text);
[[nodiscard]] Result<OriginObserved, Error> parse_origin_observed(std::string_view text);

}  // namespace footlight::state
