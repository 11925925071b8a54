#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace footlight::http {

// What a server counts.
struct ServerCounters {
  std::array<uint64_t, 6> answers_by_class{};  // [2] counts 2xx …
  uint64_t bad_requests = 0;                   // not HTTP, or beyond a bound of the header
  uint64_t slow_peers = 0;                     // cut because they sent or took too slowly
};

// Prometheus text: footlight_http_…, labelled with the server's name.
[[nodiscard]] std::string build_metrics(std::string_view server, size_t connections, const ServerCounters& counters);

}  // namespace footlight::http
