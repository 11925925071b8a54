#pragma once
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/units.h"
#include "state/desired.h"
#include "state/observed.h"

namespace footlight::compose {

struct ComposeOptions {
  std::string incarnation;      // random at process start; stands in observed()
  std::string origin_endpoint;  // "unix:/path/origin.sock": where parts are put
  Clock& clock = SystemClock::get();
};

// One programme: decodes what is on stage, mixes it on the programme clock, encodes, puts parts to the origin and
// sends the programme back to the relay. Owned by app's compose_main. All methods are safe from any thread; start()
// makes three: input (pipe, jitter buffers, decoding), programme (ticks) and output (HTTP). Desired state goes in;
// parts and RTP go out. Nothing a source sends ends it; a fenced epoch (412) stops publishing, and says so in the log.
class Compose {
 public:
  explicit Compose(ComposeOptions options);
  ~Compose();  // stop(0) when still running

  void start();
  // Closes the open part, waits until everything is acknowledged or `limit` is over, then ends the threads. The stream
  // is ended at the origin when desired state said so (hls.publish went from true to false), else left open for the
  // next compose.
  void stop(Duration limit);
  // The first document starts the timeline. The same document twice changes nothing.
  void apply(state::ComposeDesired desired);
  [[nodiscard]] state::ComposeObserved observed();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace footlight::compose
