#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "http/loop.h"

namespace footlight::hls {

using Bytes = std::shared_ptr<const std::string>;

// Reads and syncs files away from the loop. `done` runs on the loop's thread; null when the file is not there, is
// shorter than asked, or too much is waiting.
class FileReader {
 public:
  using Done = std::function<void(Bytes)>;
  virtual ~FileReader() = default;
  virtual void read(std::filesystem::path path, uint64_t offset, uint64_t size, Done done) = 0;
  // The file's bytes reach the disk soon; nobody waits for it.
  virtual void sync(std::filesystem::path path) = 0;
};

// One file's bytes, in this thread.
[[nodiscard]] Bytes read_file(const std::filesystem::path& path, uint64_t offset, uint64_t size);

// The product's FileReader: one thread, owned by the origin, started and joined with it. At most kMaxJobs wait;
// further reads fail at once and further syncs are left to the kernel.
class ThreadFileReader final : public FileReader {
 public:
  static constexpr size_t kMaxJobs = 256;
  explicit ThreadFileReader(http::Loop& loop);
  ~ThreadFileReader() override;
  void read(std::filesystem::path path, uint64_t offset, uint64_t size, Done done) override;
  void sync(std::filesystem::path path) override;

 private:
  struct Job {
    std::filesystem::path path;
    uint64_t offset = 0, size = 0;
    Done done;  // empty: a sync
  };
  bool submit(Job job);
  void run();

  http::Loop& loop_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace footlight::hls
