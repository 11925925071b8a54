#include "http/metrics.h"

#include <fmt/core.h>

namespace footlight::http {

std::string build_metrics(std::string_view server, size_t connections, const ServerCounters& counters) {
  std::string out =
      "# HELP footlight_http_answers_total Answers, by server and status class.\n"
      "# TYPE footlight_http_answers_total counter\n";
  for (size_t i = 1; i < counters.answers_by_class.size(); ++i)
    out += fmt::format("footlight_http_answers_total{{server=\"{}\",class=\"{}xx\"}} {}\n", server, i,
                       counters.answers_by_class[i]);
  out += fmt::format(
      "# HELP footlight_http_connections Open connections.\n"
      "# TYPE footlight_http_connections gauge\n"
      "footlight_http_connections{{server=\"{0}\"}} {1}\n"
      "# HELP footlight_http_bad_requests_total Requests that were not well-formed HTTP.\n"
      "# TYPE footlight_http_bad_requests_total counter\n"
      "footlight_http_bad_requests_total{{server=\"{0}\"}} {2}\n"
      "# HELP footlight_http_slow_peers_total Connections cut because the peer was too slow.\n"
      "# TYPE footlight_http_slow_peers_total counter\n"
      "footlight_http_slow_peers_total{{server=\"{0}\"}} {3}\n",
      server, connections, counters.bad_requests, counters.slow_peers);
  return out;
}

}  // namespace footlight::http
