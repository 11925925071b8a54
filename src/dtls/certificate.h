#pragma once
#include <memory>

#include "base/result.h"
#include "dtls/fingerprint.h"

namespace footlight::dtls {

// The process's self-signed ECDSA P-256 certificate with its key, and the OpenSSL contexts made from it. One a
// process (relay), shared by all its DTLS machines and outliving them. Never written to disk. After generate() it is
// read only: any thread.
class Certificate {
 public:
  [[nodiscard]] static Result<Certificate, Error> generate();
  ~Certificate();
  Certificate(Certificate&&) noexcept;
  Certificate& operator=(Certificate&&) noexcept;

  [[nodiscard]] const Fingerprint& fingerprint() const;  // sha-256

  struct Impl;
  [[nodiscard]] const Impl& impl() const { return *impl_; }  // for dtls/*.cc only

 private:
  Certificate() = default;
  std::unique_ptr<Impl> impl_;
};

}  // namespace footlight::dtls
