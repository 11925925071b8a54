#include "load/crowd_worker.h"

#include <chrono>

#include "base/thread_role.h"

namespace footlight::load {
namespace {

// Real viewers have network cards and processors of their own; on one machine a server would pay for waking this
// process at each send: 1.3 µs on a virtual machine, of 4.9 for a bare sendto of 1200 bytes. Arrivals are dated by the
// kernel all the same.
constexpr Duration kRest = Duration::millis(1);

}  // namespace

CrowdCounts& CrowdCounts::operator+=(const CrowdCounts& o) {
  begun += o.begun;
  connected += o.connected;
  failed += o.failed;
  vanished += o.vanished;
  decided += o.decided;
  datagrams += o.datagrams;
  return *this;
}

CrowdWorker::CrowdWorker(const dtls::Certificate& certificate, const SocketAddress& own_address, bool take_runs)
    : ground_{reactor_, batch_, certificate, own_address, take_runs} {
  thread_ = std::thread([this] {
    name_thread("viewers");
    reactor_.rest_between_turns(kRest);
    put_thread_first();  // viewers that are late because of their own machine would say so of the server
    reactor_.run();
  });
}

CrowdWorker::~CrowdWorker() { stop(); }

void CrowdWorker::stop() {
  reactor_.stop();
  if (thread_.joinable()) thread_.join();
}

void CrowdWorker::post(std::function<void(CrowdWorker&)> task) {
  while (!reactor_.post([this, task] { task(*this); })) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

Viewer& CrowdWorker::add(size_t id, VanishAt vanish) {
  return *(viewers_[id] = std::make_unique<Viewer>(ground_, vanish));
}

Viewer* CrowdWorker::find(size_t id) {
  auto it = viewers_.find(id);
  return it == viewers_.end() ? nullptr : it->second.get();
}

void CrowdWorker::begin_measuring() {
  for (const auto& [id, viewer] : viewers_) at_start_[id] = viewer->totals();
}

void CrowdWorker::end_measuring() {
  for (const auto& [id, viewer] : viewers_) {
    measured_ += viewer->totals() - at_start_[id];
    viewer->leave(reactor_.now());
  }
}

CrowdCounts CrowdWorker::counts() const {
  CrowdCounts counts;
  for (const auto& [id, viewer] : viewers_) {
    ++counts.begun;
    counts.decided += viewer->decided() ? 1 : 0;
    counts.connected += viewer->times().connected.has_value() ? 1 : 0;
    counts.failed += viewer->state() == Viewer::State::kFailed ? 1 : 0;
    counts.vanished += viewer->state() == Viewer::State::kVanished ? 1 : 0;
    counts.datagrams += viewer->totals().datagrams;
  }
  return counts;
}

CrowdFindings CrowdWorker::findings() const {
  CrowdFindings found;
  found.measured = measured_;
  for (const auto& [id, viewer] : viewers_) {
    Viewer::Times times = viewer->times();
    if (times.connected) found.connect.push_back(*times.connected - times.asked);
    if (times.first_packet) found.first_packet.push_back(*times.first_packet - times.asked);
    if (times.first_picture) found.first_picture.push_back(*times.first_picture - times.asked);
    if (viewer->state() == Viewer::State::kLost) ++found.lost_midway;
    if (!viewer->failure().empty()) ++found.failures[viewer->failure()];
  }
  return found;
}

}  // namespace footlight::load
