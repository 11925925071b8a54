// rooms: relay
// A session from each state of its handshake, fed with arbitrary datagrams: new, ICE validated, DTLS after any number
// of its datagrams, connected with known keys, OpenSSL's state freed, ICE restart under way. Input: one byte for the
// state, then records of {what, length (2), bytes}. The session publishes or watches. However it goes, somebody else
// must keep the picture that comes over a pipe: by the first byte's highest bit another pipe, for handshakes cost most
// of a run, or else a viewer at the same port.
#include <vector>

#include "base/check.h"
#include "relay/test_peer.h"
#include "relay/test_pipe_end.h"
#include "relay_run.h"

namespace {

using namespace footlight;
using namespace footlight::relay;

constexpr size_t kKept = 64;  // datagrams to replay
constexpr const char* kWatcher = "10.0.0.2:5000";
constexpr Duration kGrain = Duration::millis(5);
constexpr Duration kLongGrain = Duration::millis(20);  // of input's own pauses

enum What : uint8_t { kRaw, kElsewhere, kSigned, kReplayed, kMutated, kRtp, kRtcp, kByTcp, kRestart, kTime, kWhats };

class World {
 public:
  explicit World(uint8_t state) : target_(network_, "10.0.0.3:5000", {.publishes = state % 2 == 0}) {
    network_.grain = kGrain;
    compose_.publish("show");
    state::RelayDesired desired;
    mixer_.desired.consume = {"show"};
    desired.pipes = {compose_.desired, mixer_.desired};
    network_.core().apply(desired, network_.now());
    if (state < 0x80) watcher_.emplace(network_, kWatcher);
    if (watcher_) CHECK(watcher_->join("watcher", "show") && watcher_->connect());
    network_.drop = [this](bool to_relay, ByteView bytes) { return on_wire(to_relay, bytes); };
    joined_ = state % 2 == 0 ? target_.join("target", "other") : target_.join("target", "show");
    dtls_left_ = state / 2 % 8;  // 0: nothing of DTLS; 7: all of it
    if (dtls_left_ == 7) dtls_left_ = SIZE_MAX;
    if (state / 16 % 8 == 0) return;  // not even ICE
    network_.run(Duration::millis(20));
    if (target_.connected() && state / 16 % 8 > 2) {  // shows its keys: OpenSSL's state is freed
      target_.send_pli();
      network_.run(Duration::millis(120));
    }
    if (state / 16 % 8 > 4) restart({});
  }

  void feed(uint8_t what, ByteView bytes) {
    switch (what % kWhats) {
      case kRaw:
        return network_.to_relay(target_.at(), bytes);
      case kElsewhere:
        return network_.to_relay(test::address("10.6.6.6:666"), bytes);
      case kSigned:
        return send_signed(bytes);
      case kReplayed:
      case kMutated:
        return send_again(bytes, what % kWhats == kMutated);
      case kRtp:
        own_ = true;
        if (target_.connected()) target_.send_raw_rtp(aimed(target_, bytes));
        own_ = false;
        return;
      case kRtcp:
        own_ = true;
        if (target_.connected() && bytes.size() >= 8 && bytes.size() <= 1400) target_.send_rtcp(bytes);
        own_ = false;
        return;
      case kByTcp:
        return by_tcp(bytes);
      case kRestart:
        return restart(bytes);
      default:
        network_.grain = kLongGrain;
        network_.run(Duration::millis(bytes.empty() ? 1 : bytes[0] * 8));
        network_.grain = kGrain;
    }
  }

  void finish() {
    network_.run(Duration::millis(30));
    size_t before = watched();
    compose_.send_frame(true);
    network_.run(Duration::millis(30));
    CHECK(watched() > before);
  }

 private:
  size_t watched() const {
    if (watcher_) return watcher_->video.size();
    size_t packets = 0;
    for (const auto& [ssrc, received] : mixer_.received) packets += received.size();
    return packets;
  }

  bool on_wire(bool to_relay, ByteView bytes) {
    bool dtls = rtp::kind_of_datagram(bytes) == rtp::DatagramKind::kDtls;
    if (to_relay && (dtls || own_) && !bytes.empty() && kept_.size() < kKept)
      kept_.emplace_back(bytes.begin(), bytes.end());
    if (!dtls || feeding_) return false;
    if (dtls_left_ == 0) return true;
    --dtls_left_;
    return false;
  }

  // A check that authenticates, whose attributes' values are the input's.
  void send_signed(ByteView bytes) {
    if (!joined_) return;
    std::string sdp = target_.reply.answer;
    size_t at = sdp.find("a=ice-pwd:") + 10;
    std::array<uint8_t, ice::kMaxStunSize> out{};
    ByteReader reader(bytes);
    uint8_t flags = 0;
    uint32_t number = 0;
    (void)reader.read_u8(flags);
    (void)reader.read_u32(number);
    auto cls = (flags & 0x80) != 0 ? ice::StunClass::kIndication : ice::StunClass::kRequest;
    ice::StunWriter writer(out, cls, ice::kBindingMethod, {flags});
    writer.username(target_.remote_ufrag + ":" +
                    std::string(as_text(reader.rest().first(std::min<size_t>(8, reader.remaining())))));
    if ((flags & 1) != 0) writer.use_candidate();
    if ((flags & 2) != 0) writer.nomination(number);
    (flags & 4) != 0 ? writer.controlled(number) : writer.controlling(number);
    if ((flags & 8) != 0) writer.unknown_attribute(static_cast<uint16_t>(number));
    size_t size = writer.finish(sdp.substr(at, sdp.find('\r', at) - at));
    SocketAddress from = (flags & 16) != 0 ? test::address(kWatcher)
                                           : target_.at().with_port(static_cast<uint16_t>(5000 + (flags >> 5)));
    network_.to_relay(from, ByteView(out).first(size));
  }

  void send_again(ByteView bytes, bool mutate) {
    if (kept_.empty() || bytes.empty()) return;
    auto datagram = kept_[bytes[0] % kept_.size()];
    for (size_t i = 1; mutate && i + 1 < bytes.size(); i += 2) datagram[bytes[i] % datagram.size()] ^= bytes[i + 1];
    network_.to_relay(target_.at(), datagram);
  }

  void by_tcp(ByteView bytes) {
    std::vector<uint8_t> packet(bytes.begin(), bytes.end());
    AddressPair tuple{test::kMediaAddress, target_.at(), Protocol::kTcp};
    network_.core().on_media(packet, tuple, network_.now(), network_.now());
    if (bytes.size() % 3 == 0) network_.core().on_connection_closed(tuple, network_.now());
  }

  void restart(ByteView bytes) {
    std::string fragment =
        bytes.empty() ? "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n" : std::string(as_text(bytes));
    (void)network_.core().patch_session("target", fragment, network_.now());
  }

  FixedRandomness randomness_;
  test::Network network_{1};
  test::PipeEnd compose_{network_, "127.0.0.1:6000", "pipe"};
  test::PipeEnd mixer_{network_, "127.0.0.1:6001", "pipe2"};
  std::optional<test::Peer> watcher_;
  test::Peer target_;
  std::vector<std::vector<uint8_t>> kept_;
  size_t dtls_left_ = SIZE_MAX;
  bool joined_ = false;
  bool feeding_ = false;
  bool own_ = false;  // what is on its way is the target's: another's, repeated from its address, would be an attack
                      // on ICE-lite that no server can tell from a peer that has moved

 public:
  void begin_feeding() { feeding_ = true; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteReader reader(ByteView(data, size));
  uint8_t state = 0;
  if (!reader.read_u8(state)) return 0;
  World world(state);
  world.begin_feeding();
  uint8_t what = 0;
  uint16_t length = 0;
  while (reader.read_u8(what) && reader.read_u16(length)) {
    ByteView bytes;
    if (!reader.read_bytes(std::min<size_t>(length % 1500, reader.remaining()), bytes)) break;
    world.feed(what, bytes);
  }
  world.finish();
  return 0;
}
