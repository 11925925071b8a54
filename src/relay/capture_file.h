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
// is lost and counted in the file; of a file that is full the count is the first and, at an orderly end, the last.
class CaptureFile final : public CaptureSink {
 public:
  static constexpr size_t kRing = 8 << 20;
  static constexpr uint64_t kMaxFile = 512ull << 20;

  // A new file, mode 0600: payloads are private. One that stands there, such as that of a relay which has just died, is
  // kept beside it as "<path>.1". Fails with one sentence when that cannot be done, or when it is no regular file.
  [[nodiscard]] static Result<std::unique_ptr<CaptureFile>, Error> create(const std::string& path,
                                                                          uint64_t max_file = kMaxFile);
  ~CaptureFile() override;  // writes what is left

  void write(ByteView records) override;

 private:
  CaptureFile(UniqueFd fd, uint64_t max_file);
  void run();
  void drain();
  // `reserve`: bytes of the file that must stay free behind it.
  [[nodiscard]] bool push(ByteView bytes, uint64_t reserve);
  void push_lost();

  UniqueFd fd_;
  uint64_t max_file_;
  std::unique_ptr<uint8_t[]> ring_;
  std::atomic<uint64_t> pushed_ = 0;
  std::atomic<uint64_t> written_ = 0;
  uint64_t lost_ = 0;  // not told in the file yet
  bool full_ = false;
  std::mutex lock_;  // of stopping_ only
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace footlight::relay
