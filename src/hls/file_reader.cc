#include "hls/file_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "base/unique_fd.h"

namespace footlight::hls {

Bytes read_file(const std::filesystem::path& path, uint64_t offset, uint64_t size) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return nullptr;
  auto bytes = std::make_shared<std::string>(size, '\0');
  uint64_t at = 0;
  while (at < size) {
    const ssize_t n = ::pread(file.get(), bytes->data() + at, size - at, static_cast<off_t>(offset + at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return nullptr;
    at += static_cast<uint64_t>(n);
  }
  return bytes;
}

ThreadFileReader::ThreadFileReader(http::Loop& loop) : loop_(loop), thread_([this] { run(); }) {}

ThreadFileReader::~ThreadFileReader() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool ThreadFileReader::submit(Job job) {
  {
    std::lock_guard lock(mutex_);
    if (jobs_.size() >= kMaxJobs) return false;
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void ThreadFileReader::read(std::filesystem::path path, uint64_t offset, uint64_t size, Done done) {
  if (!submit({std::move(path), offset, size, done})) done(nullptr);
}

void ThreadFileReader::sync(std::filesystem::path path) { submit({std::move(path), 0, 0, nullptr}); }

void ThreadFileReader::run() {
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (stopping_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    if (job.done) {
      loop_.post([done = std::move(job.done), bytes = read_file(job.path, job.offset, job.size)] { done(bytes); });
    } else if (UniqueFd file(::open(job.path.c_str(), O_RDONLY | O_CLOEXEC)); file.valid()) {
      ::fdatasync(file.get());
    }
  }
}

}  // namespace footlight::hls
