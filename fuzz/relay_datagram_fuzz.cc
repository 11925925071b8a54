// rooms: relay
// Datagrams of every kind into the shard core, from three states of a session: offered, ICE only, connected with a
// viewer and a pipe. Input: one byte for the state, then records of {what, length, bytes}.
#include "relay/test_peer.h"
#include "relay/test_pipe_end.h"
#include "relay_run.h"

namespace {

using namespace footlight;
using namespace footlight::relay;

enum What : uint8_t {
  kFromPublisher,
  kFromViewer,
  kFromStranger,
  kPipe,
  kRtp,
  kRtcp,
  kViewerRtcp,
  kFragment,
  kPipeRtcp,
  kTime
};

struct World {
  FixedRandomness randomness;
  test::Network network{1};
  test::Peer publisher{network, "10.0.0.1:5000", {.publishes = true}};
  test::Peer viewer{network, "10.0.0.2:5000"};
  test::PipeEnd compose{network, "127.0.0.1:6000", "pipe"};
  bool connected = false;

  explicit World(uint8_t state) {
    network.grain = Duration::millis(5);
    (void)publisher.join("p", "s");
    if (state % 3 == 0) return;
    if (state % 3 == 1) {
      network.drop = [](bool, ByteView bytes) { return rtp::kind_of_datagram(bytes) == rtp::DatagramKind::kDtls; };
      network.run(Duration::millis(5));
      network.drop = nullptr;
      return;
    }
    compose.desired.consume = {"s"};
    compose.publish("programme");
    state::RelayDesired desired;
    desired.pipes = {compose.desired};
    network.core().apply(desired, network.now());
    connected = publisher.connect() && viewer.join("v", "s") && viewer.connect();
    if (connected) publisher.send_frame(true);
    network.run(Duration::millis(2));
  }

  void feed(uint8_t what, ByteView bytes) {
    switch (what % 10) {
      case kFromPublisher:
        return network.to_relay(publisher.at(), bytes);
      case kFromViewer:
        return network.to_relay(viewer.at(), bytes);
      case kFromStranger:
        return network.to_relay(test::address("10.6.6.6:666"), bytes);
      case kPipe:
        return network.to_relay(test::address("127.0.0.1:6000"), bytes, true);
      case kRtp:
        if (connected) publisher.send_raw_rtp(aimed(publisher, bytes));
        return;
      case kRtcp:
        if (connected && bytes.size() >= 8 && bytes.size() <= 1400) publisher.send_rtcp(bytes);
        return;
      case kViewerRtcp:
        if (connected && bytes.size() >= 8 && bytes.size() <= 1400) viewer.send_rtcp(bytes);
        return;
      case kFragment:
        (void)network.core().patch_session("p", std::string(as_text(bytes)), network.now());
        return;
      case kPipeRtcp:
        if (bytes.size() >= 8 && bytes.size() <= 1400) compose.send_rtcp(bytes);
        return;
      case kTime:
        network.run(Duration::millis(bytes.empty() ? 1 : bytes[0]));
        return;
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteReader reader(ByteView(data, size));
  uint8_t state = 0;
  if (!reader.read_u8(state)) return 0;
  World world(state);
  uint8_t what = 0;
  uint16_t length = 0;
  while (reader.read_u8(what) && reader.read_u16(length)) {
    ByteView bytes;
    if (!reader.read_bytes(std::min<size_t>(length % 1500, reader.remaining()), bytes)) break;
    world.feed(what, bytes);
  }
  world.network.run(Duration::millis(30));
  return 0;
}
