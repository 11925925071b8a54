#pragma once
// For tests: datagrams between one shard core and peers in memory, over a seeded link with loss, delay and
// reordering, under a hand-turned clock.
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <vector>

#include "base/clock.h"
#include "relay/shard_core.h"
#include "relay/shard_mesh.h"

namespace footlight::relay::test {

inline SocketAddress address(const char* text) { return *SocketAddress::parse(text); }
inline const SocketAddress kMediaAddress = address("127.0.0.1:7000");
inline const SocketAddress kPipeAddress = address("127.0.0.1:7100");

// One certificate for relay and peers: making them is slow, and nothing here tells them apart.
inline const dtls::Certificate& certificate() {
  static const dtls::Certificate shared = std::move(*dtls::Certificate::generate());
  return shared;
}

class Endpoint {
 public:
  virtual ~Endpoint() = default;
  virtual void on_datagram(MutableByteView bytes, Timestamp now) = 0;
  virtual void tick(Timestamp now) = 0;
};

struct LinkOptions {
  double loss = 0;  // each way
  Duration delay = Duration::millis(1);
  Duration jitter = Duration::zero();
};

class Network {
  struct ByText {
    bool operator()(const SocketAddress& a, const SocketAddress& b) const { return a.to_string() < b.to_string(); }
  };

 public:
  explicit Network(uint32_t seed = 1, size_t shards = 1, SessionBounds bounds = {})
      : random_(seed), media_(*this, false), pipe_(*this, true), mesh_(shards) {
    CoreOptions options;
    options.candidates = {{"127.0.0.1", 7000}};
    options.pipe_address = kPipeAddress;
    options.epoch = "epoch";
    options.bounds = bounds;
    options.mesh = &mesh_;
    for (options.shard = 0; options.shard < shards; ++options.shard)
      cores_.push_back(std::make_unique<ShardCore>(options, test::certificate(), media_, pipe_));
  }

  [[nodiscard]] ShardCore& core() { return *cores_[shard]; }
  [[nodiscard]] ShardCore& core(size_t of) { return *cores_[of]; }
  [[nodiscard]] ShardMesh& mesh() { return mesh_; }
  size_t shard = 0;  // where those who come now are placed
  [[nodiscard]] Timestamp now() const { return now_; }
  LinkOptions link;
  // Both directions; true: lost.
  std::function<bool(bool to_relay, ByteView bytes)> drop;

  // Told when the relay's own work begins (true) and ends, to look at nothing else.
  std::function<void(bool at_work)> relay_works;
  void mark(bool at_work) {
    at_work_ = at_work;
    if (relay_works) relay_works(at_work);
  }

  // For peers on real connections: what the core sends to TCP tuples goes to `tcp`, what a peer sends to its detour.
  DatagramOutput* tcp = nullptr;
  std::map<SocketAddress, std::function<void(ByteView bytes)>, ByText> detours;

  void attach(const SocketAddress& at, Endpoint* endpoint) {
    endpoints_[at] = endpoint;
    shard_of_[at] = shard;
  }
  void detach(const SocketAddress& at) { endpoints_.erase(at); }
  void to_relay(const SocketAddress& from, ByteView bytes, bool pipe = false) { post(true, pipe, from, bytes); }

  // The clock's steps. Coarser ones are for fuzz programs: what is due waits for the next.
  Duration grain = Duration::millis(1);
  void run(Duration duration) {
    for (Timestamp end = now_ + duration; now_ < end;) {
      now_ += grain;
      step();
    }
  }
  bool run_until(const std::function<bool()>& done, Duration limit) {
    for (Timestamp end = now_ + limit; now_ < end && !done();) run(grain);
    return done();
  }

 private:
  struct Wire {
    Timestamp at;
    uint64_t order = 0;
    bool to_relay = false;
    bool pipe = false;
    SocketAddress peer;
    std::vector<uint8_t> bytes;
    bool operator>(const Wire& o) const { return std::tie(at, order) > std::tie(o.at, o.order); }
  };
  class Output final : public DatagramOutput {
   public:
    Output(Network& network, bool pipe) : network_(network), pipe_(pipe) {}
    MutableByteView slot(const AddressPair& tuple) override {
      tuple_ = tuple;
      if (by_tcp()) return network_.tcp->slot(tuple);
      return buffer_;
    }
    void commit(size_t size) override {
      if (by_tcp()) return network_.tcp->commit(size);
      const bool at_work = network_.at_work_;
      if (at_work) network_.mark(false);
      network_.post(false, pipe_, tuple_.remote, ByteView(buffer_).first(size));
      if (at_work) network_.mark(true);
    }

   private:
    [[nodiscard]] bool by_tcp() const { return tuple_.protocol == Protocol::kTcp && network_.tcp != nullptr; }
    Network& network_;
    bool pipe_;
    AddressPair tuple_;
    std::array<uint8_t, kSlotSize> buffer_{};
  };

  void post(bool to_relay, bool pipe, const SocketAddress& peer, ByteView bytes) {
    if (std::uniform_real_distribution<>(0, 1)(random_) < link.loss) return;
    if (drop && drop(to_relay, bytes)) return;
    if (auto detour = detours.find(peer); to_relay && detour != detours.end()) return detour->second(bytes);
    Duration jitter = Duration::micros(
        link.jitter.us() > 0 ? std::uniform_int_distribution<int64_t>(0, link.jitter.us())(random_) : 0);
    wires_.push({now_ + link.delay + jitter, order_++, to_relay, pipe, peer, {bytes.begin(), bytes.end()}});
  }

  void step() {
    while (!wires_.empty() && wires_.top().at <= now_) {
      Wire wire = wires_.top();
      wires_.pop();
      if (!wire.to_relay) {
        if (auto it = endpoints_.find(wire.peer); it != endpoints_.end()) it->second->on_datagram(wire.bytes, now_);
      } else {
        ShardCore& receiver = *cores_[shard_of_[wire.peer]];
        mark(true);
        if (wire.pipe)
          cores_[0]->on_pipe(wire.bytes, wire.peer, now_);
        else
          receiver.on_media(wire.bytes, {kMediaAddress, wire.peer}, now_, now_);
        mark(false);
      }
    }
    mark(true);
    for (auto& core : cores_) {
      core->on_bell(now_);
      core->flush(now_);
      if (now_ >= core->next_tick()) core->tick(now_);
      core->flush(now_);
    }
    mark(false);
    for (auto& [at, endpoint] : endpoints_) endpoint->tick(now_);
  }

  Timestamp now_ = Timestamp::millis(1'000'000);
  bool at_work_ = false;
  std::mt19937 random_;
  uint64_t order_ = 0;
  std::priority_queue<Wire, std::vector<Wire>, std::greater<>> wires_;
  std::map<SocketAddress, Endpoint*, ByText> endpoints_;
  Output media_;
  Output pipe_;
  ShardMesh mesh_;
  std::map<SocketAddress, size_t, ByText> shard_of_;
  std::vector<std::unique_ptr<ShardCore>> cores_;
};

// The network's hand-turned clock, for what asks a clock itself.
class NetworkClock final : public Clock {
 public:
  explicit NetworkClock(const Network& network) : network_(network) {}
  [[nodiscard]] Timestamp now() const override { return network_.now(); }
  [[nodiscard]] WallTime wall_now() const override { return WallTime::micros(network_.now().us()); }

 private:
  const Network& network_;
};

}  // namespace footlight::relay::test
