#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "base/socket_address.h"
#include "base/unique_fd.h"
#include "net/udp_socket.h"

namespace footlight::net {

// Room to receive into, one a thread, shared by all of its client sockets: half a megabyte, not half a megabyte each.
class ReceiveBatch {
 public:
  ReceiveBatch();
  ~ReceiveBatch();
  ReceiveBatch(const ReceiveBatch&) = delete;
  ReceiveBatch& operator=(const ReceiveBatch&) = delete;

  struct Impl;
  [[nodiscard]] Impl& impl() { return *impl_; }  // for net/*.cc only

 private:
  std::unique_ptr<Impl> impl_;
};

// A peer's own UDP socket, of which a load test has thousands: no buffers of its own, and runs of datagrams come up
// in one piece (UDP GRO) and are taken apart here. Owned by a peer, on its thread. Sends go out one by one, as those of
// browsers do; what the kernel does not take is lost and counted.
class ClientSocket {
 public:
  // Bound to a free port on all addresses of the family. Without `runs` the kernel cuts runs into datagrams, as it does
  // for browsers: that is dearer, for a sender on the same machine too.
  [[nodiscard]] static Result<ClientSocket, Error> open(bool v6, bool runs = true);

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const SocketAddress& bound_address() const { return bound_; }
  // From now on only this peer is heard. False when the kernel has no way to it.
  bool connect(const SocketAddress& remote);
  // A few messages of what lies in the kernel's buffer; valid until the next call with this batch. Empty: nothing
  // there.
  [[nodiscard]] std::span<Datagram> receive(ReceiveBatch& batch);
  bool send(const SocketAddress& remote, ByteView bytes);
  [[nodiscard]] uint64_t send_failures() const { return send_failures_; }

 private:
  ClientSocket(UniqueFd fd, SocketAddress bound) : fd_(std::move(fd)), bound_(bound) {}

  UniqueFd fd_;
  SocketAddress bound_;
  SocketAddress connected_;  // invalid: not connected
  uint64_t send_failures_ = 0;
};

// The address this machine would speak to `remote` from: a client's host candidate.
[[nodiscard]] Result<SocketAddress, Error> address_towards(const SocketAddress& remote);

}  // namespace footlight::net
