#pragma once
#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"

namespace footlight::http {

struct FreeSslContext {
  void operator()(SSL_CTX* context) const;
};
using SslContext = std::unique_ptr<SSL_CTX, FreeSslContext>;  // each SSL keeps its context alive by itself

// TLS 1.2 and later, HTTP/1.1 by ALPN, buffers released while idle and no tickets (FACTS §3: a third of the memory).
[[nodiscard]] Result<SslContext, Error> make_server_context(const std::string& cert_file, const std::string& key_file);
// Trusts the system's authorities, and the certificates of `extra_ca_file` when given.
[[nodiscard]] Result<SslContext, Error> make_client_context(const std::string& extra_ca_file);

// A server's certificate files, reloaded when either changes. A pair that cannot be read (it is being replaced) keeps
// the old context and is tried again at the next look.
class ReloadingContext {
 public:
  [[nodiscard]] Result<void, Error> open(std::string cert_file, std::string key_file);
  [[nodiscard]] bool enabled() const { return context_ != nullptr; }
  [[nodiscard]] SSL_CTX& current() const { return *context_; }
  void look();  // call every few seconds

 private:
  struct Stamp {
    std::filesystem::file_time_type cert, key;
    bool operator==(const Stamp&) const = default;
  };
  [[nodiscard]] Stamp stamp() const;

  std::string cert_file_, key_file_;
  Stamp seen_;
  SslContext context_;
};

}  // namespace footlight::http
