#include "relay/capture_file.h"

#include <fcntl.h>
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

}  // namespace

Result<std::unique_ptr<CaptureFile>, Error> CaptureFile::create(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (fd.get() < 0) return fail("debug.capture: \"" + path + "\" cannot be written; name a file in a folder that can.");
  kLog.warn("capture runs: payloads of all sessions are written", {{"file", path}});
  return std::unique_ptr<CaptureFile>(new CaptureFile(std::move(fd)));
}

CaptureFile::CaptureFile(UniqueFd fd)
    : fd_(std::move(fd)), ring_(std::make_unique_for_overwrite<uint8_t[]>(kRing)), thread_([this] { run(); }) {
  static_cast<void>(push(as_bytes(kCaptureMagic)));
}

CaptureFile::~CaptureFile() {
  {
    std::lock_guard guard(lock_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void CaptureFile::write(ByteView records) {
  if (lost_ > 0) {
    std::vector<uint8_t> gap;
    std::array<uint8_t, 8> count{};
    ByteWriter(count).u64(lost_);
    append_record(gap, {CaptureKind::kLost, {}, {}, count});
    if (push(gap)) lost_ = 0;
  }
  if (lost_ > 0 || !push(records)) ++lost_;
}

bool CaptureFile::push(ByteView bytes) {
  uint64_t at = pushed_.load(std::memory_order_relaxed);
  if (at + bytes.size() > kMaxFile || at + bytes.size() - written_.load(std::memory_order_acquire) > kRing)
    return false;
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
