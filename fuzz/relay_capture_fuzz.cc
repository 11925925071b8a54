// rooms: relay
// A capture of any content: read, and played into a relay.
#include "base/log.h"
#include "relay/replay.h"
#include "relay/test_network.h"

using namespace footlight;
using namespace footlight::relay;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool quiet = [] {
    configure_logging(LogLevel::kError, LogFormat::kText, "fuzz");
    return true;
  }();
  static_cast<void>(quiet);
  if (size > 1 << 16) return 0;
  Replay replay(test::certificate());
  static_cast<void>(replay.play(ByteView(data, size)));
  static_cast<void>(replay.observed(Timestamp::micros(int64_t{1} << 53)));
  return 0;
}
