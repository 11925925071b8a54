#include "relay/capture_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

#include "base/log.h"
#include "base/thread_role.h"

namespace footlight::relay {
namespace {

const Logger kLog("relay");

// The ring holds 8 MiB: at this pace 160 MB a second.
constexpr auto kPace = std::chrono::milliseconds(50);
// Room for two counts of what was lost, of 22 bytes each.
constexpr uint64_t kReserve = 44;

Result<void, Error> keep_previous(const std::string& path) {
  struct stat present{};
  if (::lstat(path.c_str(), &present) != 0) return {};
  if (!S_ISREG(present.st_mode)) return fail("debug.capture: \"" + path + "\" is no file; name another.");
  if (::rename(path.c_str(), (path + ".1").c_str()) != 0)
    return fail("debug.capture: \"" + path + "\" is there and cannot be renamed; move it away.");
  return {};
}

}  // namespace

Result<std::unique_ptr<CaptureFile>, Error> CaptureFile::create(const std::string& path, uint64_t max_file) {
  if (auto kept = keep_previous(path); !kept) return unexpected(kept.error());
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (fd.get() < 0) return fail("debug.capture: \"" + path + "\" cannot be written; name a file in a folder that can.");
  kLog.warn("capture runs: payloads of all sessions are written", {{"file", path}});
  return std::unique_ptr<CaptureFile>(new CaptureFile(std::move(fd), max_file));
}

CaptureFile::CaptureFile(UniqueFd fd, uint64_t max_file)
    : fd_(std::move(fd)),
      max_file_(max_file),
      ring_(std::make_unique_for_overwrite<uint8_t[]>(kRing)),
      thread_([this] { run(); }) {
  static_cast<void>(push(as_bytes(kCaptureMagic), 0));
}

CaptureFile::~CaptureFile() {
  if (lost_ > 0) push_lost();
  {
    std::lock_guard guard(lock_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void CaptureFile::write(ByteView records) {
  if (full_) {
    ++lost_;
    return;
  }
  if (lost_ > 0) push_lost();
  if (lost_ == 0 && push(records, kReserve)) return;
  ++lost_;
  full_ = pushed_.load(std::memory_order_relaxed) + records.size() + kReserve > max_file_;
  // A process that is killed says no more: what is cut off is told at once.
  if (full_) push_lost();
}

void CaptureFile::push_lost() {
  std::vector<uint8_t> gap;
  std::array<uint8_t, 8> count{};
  ByteWriter(count).u64(lost_);
  append_record(gap, {CaptureKind::kLost, {}, {}, count});
  if (push(gap, 0)) lost_ = 0;
}

bool CaptureFile::push(ByteView bytes, uint64_t reserve) {
  uint64_t at = pushed_.load(std::memory_order_relaxed);
  bool fits = at + bytes.size() + reserve <= max_file_;
  if (!fits || at + bytes.size() - written_.load(std::memory_order_acquire) > kRing) return false;
  for (size_t done = 0; done < bytes.size();) {
    size_t place = (at + done) % kRing;
    size_t piece = std::min(bytes.size() - done, kRing - place);
    std::memcpy(ring_.get() + place, bytes.data() + done, piece);
    done += piece;
  }
  pushed_.store(at + bytes.size(), std::memory_order_release);
  return true;
}

void CaptureFile::drain() {
  uint64_t at = written_.load(std::memory_order_relaxed);
  uint64_t end = pushed_.load(std::memory_order_acquire);
  while (at < end) {
    size_t place = at % kRing;
    size_t piece = std::min<uint64_t>(end - at, kRing - place);
    ssize_t n = ::write(fd_.get(), ring_.get() + place, piece);
    // A full disk costs the capture, nothing else.
    at += n > 0 ? static_cast<uint64_t>(n) : piece;
    written_.store(at, std::memory_order_release);
  }
}

void CaptureFile::run() {
  name_thread("capture");
  std::unique_lock guard(lock_);
  while (!wake_.wait_for(guard, kPace, [this] { return stopping_; })) {
    guard.unlock();
    drain();
    guard.lock();
  }
  drain();
}

}  // namespace footlight::relay
