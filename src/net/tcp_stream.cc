#include "net/tcp_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace footlight::net {

TcpStream::TcpStream(UniqueFd fd, const AddressPair& tuple, const TcpOptions& options)
    : fd_(std::move(fd)), tuple_(tuple), options_(options) {
  int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (options_.kernel_unsent > 0)
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &options_.kernel_unsent, sizeof(int));
}

TcpReceived TcpStream::receive(MutableByteView buffer) {
  ssize_t size = 0;
  do {
    size = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  } while (size < 0 && errno == EINTR);
  if (size > 0) return {TcpRead::kData, static_cast<size_t>(size)};
  if (size == 0) return {TcpRead::kEnded};
  return {errno == EAGAIN ? TcpRead::kNothing : TcpRead::kBroken};
}

std::optional<size_t> TcpStream::write(ByteView bytes) {
  size_t taken = 0;
  while (taken < bytes.size()) {
    ssize_t size = ::send(fd_.get(), bytes.data() + taken, bytes.size() - taken, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno != EAGAIN) return std::nullopt;
    if (size < 0) break;
    taken += static_cast<size_t>(size);
  }
  bytes_out_ += taken;
  return taken;
}

TcpSent TcpStream::send(ByteView bytes) {
  if (bytes.size() > room()) return TcpSent::kFull;
  if (queued() == 0) {
    auto taken = write(bytes);
    if (!taken) return TcpSent::kBroken;
    if (*taken == bytes.size()) return TcpSent::kSent;
    bytes = bytes.subspan(*taken);
  }
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<ptrdiff_t>(queue_head_));
  queue_head_ = 0;
  queue_.insert(queue_.end(), bytes.begin(), bytes.end());
  return TcpSent::kQueued;
}

TcpSent TcpStream::flush() {
  if (queued() == 0) return TcpSent::kSent;
  auto taken = write(ByteView(queue_).subspan(queue_head_));
  if (!taken) return TcpSent::kBroken;
  queue_head_ += *taken;
  if (queued() > 0) return TcpSent::kQueued;
  queue_ = {};
  queue_head_ = 0;
  return TcpSent::kSent;
}

}  // namespace footlight::net
