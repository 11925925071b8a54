#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "http/loop.h"
#include "http/server.h"
#include "state/desired.h"
#include "state/observed.h"

namespace footlight::hls {

class FileReader;

struct OriginOptions {
  std::filesystem::path spool;            // folder; made when it is not there
  std::string incarnation;                // random at process start; empty: the origin makes one
  size_t max_held = 10'000;               // requests waiting for a part, a playlist or a status; beyond it 503
  size_t file_cache_bytes = 64ULL << 20;  // files read back from the spool (DVR, VOD) that are kept in memory
  Clock* clock = nullptr;                 // nullptr: SystemClock
  FileReader* files = nullptr;            // nullptr: a thread of the origin's own
};

// The LL-HLS origin of this machine. Owned by app's origin main; lives on the loop's thread, every call too.
// In: desired state, parts by ingest, viewers' requests. Out: answers (at once, or held), observed state.
// Before the first apply() requests wait, at most 5 s. A full disk refuses ingest with 507 and goes on serving.
class Origin {
 public:
  Origin(http::Loop& loop, OriginOptions options);
  ~Origin();
  // Makes the spool folder and reads back every stream's journal. Fails with a sentence when the folder is unusable.
  [[nodiscard]] Result<void, Error> open();
  void apply(const state::OriginDesired& desired);
  // For the server of the public `origin` socket: everything under /live. TLS shows in Request::tls.
  void handle_public(http::Request request, http::ExchangePtr exchange);
  // For the server of `origin_sock` (body bound: kMaxIngestBody): everything under /ingest.
  void handle_ingest(http::Request request, http::ExchangePtr exchange);
  [[nodiscard]] state::OriginObserved observed() const;
  // Grows at each edge that control should hear of at once (first media, complete).
  [[nodiscard]] uint64_t edges() const;
  // Answers everything that is held (503) and holds nothing from now on. Before Server::drain.
  void drain();
  // What is overdue happens now: the origin's own timer calls it; tests with a hand-turned clock do.
  void tick();

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

inline constexpr size_t kMaxIngestBody = 16 << 20;  // bytes: a part of 1 s at 100 Mbit/s, and room

}  // namespace footlight::hls
