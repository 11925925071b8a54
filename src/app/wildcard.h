#pragma once
#include "app/config.h"
#include "app/data_folder.h"
#include "base/result.h"

namespace footlight::app {

// `--listen-all`: every listener on all addresses, ports as configured. Without a certificate a self-signed one is made
// in <data>/tls (kept while it lives and names this machine's addresses), and stderr says so.
[[nodiscard]] Result<Config, Error> listen_on_all(const Config& config, const DataFolder& folder);

// That http.tls_cert and http.tls_key can be used, before any role is started with them.
[[nodiscard]] Result<void, Error> check_certificate(const Config& config);

}  // namespace footlight::app
