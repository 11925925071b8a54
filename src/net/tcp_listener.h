#pragma once
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/socket_address.h"
#include "base/unique_fd.h"
#include "net/tcp_stream.h"

namespace footlight::net {

// A listening TCP socket of one thread, opened by the supervisor (net/listen.h). Its owner watches fd() for reading
// and takes connections until there is none, or a turn's worth. When the process is out of descriptors a waiting
// connection is closed at once and counted, so that the loop does not spin on it.
class TcpListener {
 public:
  // Takes a listening socket; an Error is one sentence. `options` are those of every stream.
  [[nodiscard]] static Result<TcpListener, Error> adopt(UniqueFd fd, const TcpOptions& options = {});

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const SocketAddress& bound_address() const { return bound_; }
  // The next connection; nullopt when none waits.
  [[nodiscard]] std::optional<TcpStream> accept();
  [[nodiscard]] uint64_t refused() const { return refused_; }  // for want of descriptors

 private:
  TcpListener() = default;
  void refuse_one();

  UniqueFd fd_;
  UniqueFd spare_;  // given up for a moment to accept what must be refused
  SocketAddress bound_;
  TcpOptions options_;
  uint64_t refused_ = 0;
};

}  // namespace footlight::net
