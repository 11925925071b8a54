#pragma once
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "load/viewer.h"

namespace footlight::load {

// How a worker's viewers stand.
struct CrowdCounts {
  size_t begun = 0;
  size_t connected = 0;  // now, or until they were lost or left
  size_t failed = 0;
  size_t vanished = 0;
  size_t decided = 0;
  uint64_t datagrams = 0;
  CrowdCounts& operator+=(const CrowdCounts& o);
};

// What a worker's viewers saw, for the report.
struct CrowdFindings {
  std::vector<Duration> connect, first_packet, first_picture;
  size_t lost_midway = 0;
  std::map<std::string, size_t> failures;
  MediaTotals measured;
};

// One media thread of a crowd: a reactor and the viewers on it. Owned by the crowd, whose thread calls the methods
// named for it; the others run on the reactor, by post().
class CrowdWorker {
 public:
  CrowdWorker(const dtls::Certificate& certificate, const SocketAddress& own_address, bool take_runs);
  ~CrowdWorker();  // stops

  // The crowd's thread:
  void post(std::function<void(CrowdWorker&)> task);  // waits while the reactor's queue is full
  void stop();                                        // for good; then all methods are the crowd's thread's

  // The reactor's thread:
  [[nodiscard]] Viewer& add(size_t id, VanishAt vanish);
  [[nodiscard]] Viewer* find(size_t id);
  void begin_measuring();
  void end_measuring();  // and everyone leaves
  [[nodiscard]] CrowdCounts counts() const;
  [[nodiscard]] CrowdFindings findings() const;
  [[nodiscard]] Timestamp now() const { return reactor_.now(); }

 private:
  net::Reactor reactor_;
  net::ReceiveBatch batch_;
  ViewerGround ground_;
  std::map<size_t, std::unique_ptr<Viewer>> viewers_;
  std::map<size_t, MediaTotals> at_start_;
  MediaTotals measured_;
  std::thread thread_;
};

}  // namespace footlight::load
