#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/socket_address.h"
#include "base/unique_fd.h"

namespace footlight::net {

struct TcpOptions {
  size_t max_queued = 64 * 1024;  // bytes that may wait here for a slow reader
  // Bytes that may wait unsent in the kernel, so that what a slow reader gets is not seconds old; 0: the kernel's own
  // bound (tcp(7), TCP_NOTSENT_LOWAT).
  int kernel_unsent = 0;
};

enum class TcpSent : uint8_t {
  kSent,    // the kernel has all of it
  kQueued,  // the rest waits here: watch for writable and call flush()
  kFull,    // nothing of it was taken: the reader is too slow. Drop it, or cut the stream.
  kBroken,  // the stream is dead: close it
};

enum class TcpRead : uint8_t { kData, kNothing, kEnded, kBroken };

struct TcpReceived {
  TcpRead what{};
  size_t size = 0;  // bytes written to the caller's buffer; 0 unless kData
};

// One accepted TCP connection, non-blocking, of one thread. Owned by whoever speaks its protocol, who watches fd() and
// closes by destroying it. In: bytes, as many as there are. Out: whole messages or nothing, through a bounded queue
// that takes memory only while the kernel's buffer is full. Nagle's delay is off.
class TcpStream {
 public:
  TcpStream(UniqueFd fd, const AddressPair& tuple, const TcpOptions& options);

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const AddressPair& tuple() const { return tuple_; }  // protocol: kTcp

  // One read(2) into `buffer`, which is not empty. Level-triggered watchers come again for the rest.
  [[nodiscard]] TcpReceived receive(MutableByteView buffer);
  // All of `bytes` in order behind what waits, or none of it (kFull). More than max_queued at once may be kFull even
  // on an idle stream.
  [[nodiscard]] TcpSent send(ByteView bytes);
  // What waits goes to the kernel; kSent when nothing is left.
  [[nodiscard]] TcpSent flush();
  [[nodiscard]] size_t queued() const { return queue_.size() - queue_head_; }
  [[nodiscard]] size_t room() const { return options_.max_queued - queued(); }
  // Bytes that the kernel has taken in all: a stuck reader shows as no progress while queued() > 0.
  [[nodiscard]] uint64_t bytes_out() const { return bytes_out_; }

 private:
  // Bytes that the kernel took of these; nullopt: broken.
  [[nodiscard]] std::optional<size_t> write(ByteView bytes);

  UniqueFd fd_;
  AddressPair tuple_;
  TcpOptions options_;
  std::vector<uint8_t> queue_;  // from queue_head_ on; freed when it runs empty
  size_t queue_head_ = 0;
  uint64_t bytes_out_ = 0;
};

}  // namespace footlight::net
