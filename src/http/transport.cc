#include "http/transport.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace footlight::http {
namespace {

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(int fd) : fd_(fd) {}
  IoResult handshake() override { return {}; }

  IoResult read(MutableByteView out) override {
    ssize_t n = ::recv(fd_, out.data(), out.size(), 0);
    if (n > 0) return {IoStatus::kDone, static_cast<size_t>(n)};
    if (n == 0) return {IoStatus::kEnd};
    if (errno == EINTR || errno == EAGAIN) return {IoStatus::kNeedRead};
    return {IoStatus::kBroken};
  }

  IoResult write(std::span<const iovec> pieces) override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = pieces.size();
    ssize_t n = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (n >= 0) return {IoStatus::kDone, static_cast<size_t>(n)};
    if (errno == EINTR || errno == EAGAIN) return {IoStatus::kNeedWrite};
    return {IoStatus::kBroken};
  }

  void end_writing() override { ::shutdown(fd_, SHUT_WR); }

 private:
  int fd_;
};

class TlsTransport final : public Transport {
 public:
  TlsTransport(int fd, SSL* ssl) : fd_(fd), ssl_(ssl) { SSL_set_fd(ssl_.get(), fd); }

  IoResult handshake() override {
    ERR_clear_error();
    return result_of(SSL_do_handshake(ssl_.get()));
  }

  IoResult read(MutableByteView out) override {
    ERR_clear_error();
    size_t n = 0;
    int ok = SSL_read_ex(ssl_.get(), out.data(), out.size(), &n);
    if (ok == 1) return {IoStatus::kDone, n};
    return result_of(ok);
  }

  IoResult write(std::span<const iovec> pieces) override {
    ERR_clear_error();
    // Small pieces share one record: a head and a short playlist cost one packet.
    std::array<uint8_t, kRecord> record;
    size_t filled = 0;
    for (const iovec& piece : pieces) {
      if (piece.iov_len > record.size() - filled) break;
      std::copy_n(static_cast<const uint8_t*>(piece.iov_base), piece.iov_len, record.begin() + filled);
      filled += piece.iov_len;
    }
    const void* data = filled > 0 ? record.data() : pieces.front().iov_base;
    size_t size = filled > 0 ? filled : pieces.front().iov_len;
    size_t n = 0;
    int ok = SSL_write_ex(ssl_.get(), data, size, &n);
    if (ok == 1) return {IoStatus::kDone, n};
    return result_of(ok);
  }

  void end_writing() override {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ::shutdown(fd_, SHUT_WR);
  }

 private:
  static constexpr size_t kRecord = 16 << 10;  // RFC 8446 §5.1: the largest plaintext of a record

  IoResult result_of(int returned) {
    if (returned == 1) return {};
    switch (SSL_get_error(ssl_.get(), returned)) {
      case SSL_ERROR_WANT_READ:
        return {IoStatus::kNeedRead};
      case SSL_ERROR_WANT_WRITE:
        return {IoStatus::kNeedWrite};
      case SSL_ERROR_ZERO_RETURN:
        return {IoStatus::kEnd};
      default:
        return {IoStatus::kBroken};
    }
  }

  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  int fd_;
  std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace

std::unique_ptr<Transport> make_plain_transport(int fd) { return std::make_unique<PlainTransport>(fd); }

std::unique_ptr<Transport> make_tls_server_transport(int fd, SSL_CTX& context) {
  SSL* ssl = SSL_new(&context);
  if (ssl == nullptr) return nullptr;
  SSL_set_accept_state(ssl);
  return std::make_unique<TlsTransport>(fd, ssl);
}

std::unique_ptr<Transport> make_tls_client_transport(int fd, SSL_CTX& context, const char* server_name) {
  SSL* ssl = SSL_new(&context);
  if (ssl == nullptr) return nullptr;
  SSL_set_connect_state(ssl);
  in6_addr address{};
  bool is_address =
      ::inet_pton(AF_INET, server_name, &address) == 1 || ::inet_pton(AF_INET6, server_name, &address) == 1;
  if (is_address) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), server_name);
  } else {
    SSL_set_tlsext_host_name(ssl, server_name);
    SSL_set1_host(ssl, server_name);
  }
  return std::make_unique<TlsTransport>(fd, ssl);
}

}  // namespace footlight::http
