#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace footlight::load {

// Where a viewer that is to vanish does so: its socket closes without a word.
enum class VanishAt : uint8_t {
  kNever,
  kAfterPost,  // the session is made, nothing is sent to it
  kAfterIce,   // a pair was nominated, no DTLS
  kMidDtls,    // the server's first flight came, no answer to it
  kConnected,  // media flows
};

struct WatchOptions {
  std::string url;      // the WHEP endpoint
  std::string token;    // sent as Bearer; empty: none
  std::string ca_file;  // PEM trusted beside the system's; empty: none
  size_t viewers = 1;
  Duration measure = Duration::seconds(10);  // from when the last viewer is connected or refused
  size_t joins_per_second = 100;
  size_t threads = 1;     // media threads; HTTP has one more
  bool take_runs = true;  // UDP GRO; browsers take datagrams one by one
  // Instead of measuring: viewer i vanishes at vanish[i % size], with DELETE every second time when `tell`.
  std::vector<VanishAt> vanish;
};

// Figures of one quantity over the viewers that have it.
struct Spread {
  Duration p50, p95, max;
};

struct WatchReport {
  size_t wanted = 0;
  size_t connected = 0;
  size_t pictured = 0;     // saw a whole key frame (audio-only streams: 0)
  size_t lost_midway = 0;  // connected, and ended by the server or by silence
  size_t vanished = 0;
  std::map<std::string, size_t> failures;  // sentence → viewers
  Spread connect;                          // POST sent → DTLS and SRTP ready
  Spread first_packet;                     // POST sent → first media packet
  Spread first_picture;                    // POST sent → last packet of a whole key frame
  // Over the measured time:
  Duration measured;
  uint64_t packets = 0;   // media packets that came, each once
  uint64_t bytes = 0;     // of their datagrams
  uint64_t expected = 0;  // by sequence numbers
  uint64_t missing = 0;   // expected and never seen, repairs included
  uint64_t repaired = 0;  // came only after a NACK
  uint64_t duplicates = 0;
  uint64_t nacked = 0;   // packets asked for
  uint64_t sampled = 0;  // packets decrypted
  uint64_t decrypt_failures = 0;
};

struct WatchProgress {
  size_t asked = 0;
  size_t connected = 0;
  size_t failed = 0;
  bool measuring = false;
  uint64_t packets = 0;  // since the start
};

// Brings the viewers, measures, says goodbye. Blocks; runs its own threads. `progress` comes about once a second and
// once when measuring begins, on the caller's thread. Error: the URL is unusable, or sockets cannot be opened.
[[nodiscard]] Result<WatchReport, Error> watch(const WatchOptions& options,
                                               const std::function<void(const WatchProgress&)>& progress);

}  // namespace footlight::load
