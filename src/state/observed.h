#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

// Observed state: what a role says of itself with `PUT /observed/{role}/{instance}` on control.sock, at each edge and
// at least once a second while anything lives. Never holds a secret. Control keeps the last one for each instance.
namespace footlight::state {

// Every document carries these.
struct Observed {
  std::string incarnation;         // random at process start; the relay's is its `epoch`
  int64_t applied_generation = 0;  // of desired state
  std::string metrics;             // Prometheus text of this process, label-free of addresses and free-form ids
};

struct SessionObserved {
  std::string id;
  std::string kind;  // "publish" | "subscribe"
  std::string stream;
  std::string state;       // "new" | "connected" | "stalled" (no media or consent for 2 s) | "ended"
  std::string end_reason;  // "taken_over", "deleted", "consent_expired", "dtls_failed", "closed_by_peer" …
  std::string transport;   // "udp" | "tcp" | ""
  int64_t bitrate_bps = 0;
  double loss_ratio = 0;  // 0 to 1, over the last report interval
  double jitter_ms = 0;
  double rtt_ms = 0;
  double fps = 0;
};
struct RelayObserved : Observed {
  std::string pipe_address;               // "ip:port" of the pipe socket
  std::vector<SessionObserved> sessions;  // ended ones stay listed for 10 s, then go
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
