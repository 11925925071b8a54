#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/socket_address.h"
#include "base/unique_fd.h"
#include "base/units.h"

namespace footlight::net {

// Largest datagram taken; WebRTC stays below 1500. A longer one is dropped and counted.
inline constexpr size_t kMaxDatagram = 2048;
// Datagrams a recvmmsg call takes.
inline constexpr size_t kReceiveBatch = 64;

struct Datagram {
  AddressPair tuple;      // local: the address it was sent to, also on a wildcard socket
  MutableByteView bytes;  // may be worked on in place (SRTP); valid until the next receive()
  Timestamp arrival;      // when the kernel took it from the network, not when the loop came to it
};

struct UdpOptions {
  int receive_buffer = 4 << 20;  // bytes; the kernel's rmem_max bounds it (FACTS §2: 4 MiB)
  int send_buffer = 4 << 20;
};

struct UdpCounters {
  uint64_t datagrams_in = 0;
  uint64_t datagrams_out = 0;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  uint64_t truncated = 0;     // longer than kMaxDatagram
  uint64_t send_dropped = 0;  // the kernel's buffer was full (EAGAIN)
  uint64_t send_failed = 0;   // unreachable, refused, too big …
  uint64_t send_calls = 0;    // system calls made
};

// A non-blocking UDP socket of one thread. In: batches of datagrams with both addresses. Out: single datagrams, or
// batches by SendQueue. Sends leave from the `local` address of the pair. Nothing is ever queued here: what the
// kernel does not take is dropped and counted.
class UdpSocket {
 public:
  // Takes a bound socket: from the supervisor, or from net/listen.h.
  [[nodiscard]] static Result<UdpSocket, Error> adopt(UniqueFd fd, const UdpOptions& options = {});
  ~UdpSocket();
  UdpSocket(UdpSocket&&) noexcept;
  UdpSocket& operator=(UdpSocket&&) noexcept;

  [[nodiscard]] int fd() const;
  [[nodiscard]] const SocketAddress& bound_address() const;
  // What lies in the kernel's buffer, kReceiveBatch at most; empty when there is nothing. A watcher that is
  // level-triggered comes again for the rest.
  [[nodiscard]] std::span<Datagram> receive();
  // One datagram now; true when the kernel took it.
  bool send(const AddressPair& tuple, ByteView bytes);
  [[nodiscard]] const UdpCounters& counters() const;

  struct Impl;
  [[nodiscard]] Impl& impl() { return *impl_; }  // for net/*.cc only

 private:
  UdpSocket() = default;
  std::unique_ptr<Impl> impl_;
};

}  // namespace footlight::net
