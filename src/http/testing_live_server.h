#pragma once
// For tests only: a Server on a loop thread of its own, and a raw blocking socket to talk to it.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <string>
#include <thread>

#include "base/check.h"
#include "http/server.h"

namespace footlight::http {

inline UniqueFd listen_on_loopback(uint16_t& port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  CHECK(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  CHECK(::listen(fd.get(), 128) == 0);
  socklen_t size = sizeof(address);
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return fd;
}

class LiveServer {
 public:
  LiveServer(ServerOptions options, Handler handler, uint16_t at_port = 0) : port_(at_port) {
    options.name = "test";
    server_ = std::make_unique<Server>(loop_, std::move(options), std::move(handler));
    auto listening = server_->listen(listen_on_loopback(port_));
    CHECK(listening.has_value());
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~LiveServer() {
    on_loop([this] { server_.reset(); });
    loop_.stop();
    thread_.join();
  }
  // Runs on the loop's thread and waits.
  void on_loop(std::function<void()> fn) {
    std::promise<void> done;
    loop_.post([&] {
      fn();
      done.set_value();
    });
    done.get_future().wait();
  }
  [[nodiscard]] uint16_t port() const { return port_; }
  [[nodiscard]] std::string endpoint() const { return "127.0.0.1:" + std::to_string(port_); }
  Loop& loop() { return loop_; }
  Server& server() { return *server_; }

 private:
  uint16_t port_;
  Loop loop_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

class RawPeer {
 public:
  explicit RawPeer(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    CHECK(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  void send(std::string_view bytes) { (void)!::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  void end_writing() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_.reset(); }
  [[nodiscard]] int fd() const { return fd_.get(); }
  // Reads until `text` was seen in all that came, or the end; returns everything so far.
  std::string read_until(std::string_view text) {
    while (seen_.find(text) == std::string::npos && read_some()) {
    }
    return seen_;
  }
  std::string read_to_end() {
    while (read_some()) {
    }
    return seen_;
  }
  void forget() { seen_.clear(); }

 private:
  bool read_some() {
    char buffer[65536];
    ssize_t n = ::recv(fd_.get(), buffer, sizeof(buffer), 0);
    if (n <= 0) return false;
    seen_.append(buffer, static_cast<size_t>(n));
    return true;
  }
  UniqueFd fd_;
  std::string seen_;
};

}  // namespace footlight::http
