#pragma once
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "base/unique_fd.h"
#include "relay/capture.h"

namespace footlight::relay {

// A capture into a file (debug.capture), written by a thread of its own from a bounded ring: the shard's thread only
// copies. Owned by Relay, outlives the shard. A record that finds no room, or would make the file larger than kMaxFile,
// is lost and counted in the file.
class CaptureFile final : public CaptureSink {
 public:
  static constexpr size_t kRing = 8 << 20;
  static constexpr uint64_t kMaxFile = 512ull << 20;

  // Fails with one sentence when the file cannot be made; one that exists is replaced. Mode 0600: payloads are private.
  [[nodiscard]] static Result<std::unique_ptr<CaptureFile>, Error> create(const std::string& path);
  ~CaptureFile() override;  // writes what is left

  void write(ByteView records) override;

 private:
  explicit CaptureFile(UniqueFd fd);
  void run();
  void drain();
  [[nodiscard]] bool push(ByteView bytes);

  UniqueFd fd_;
  std::unique_ptr<uint8_t[]> ring_;
  std::atomic<uint64_t> pushed_ = 0;
  std::atomic<uint64_t> written_ = 0;
  uint64_t lost_ = 0;
  std::mutex lock_;  // of stopping_ only
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace footlight::relay
