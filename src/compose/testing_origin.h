#pragma once
// For tests only: an origin that keeps the ingest rules of ARCHITECTURE.md in memory.
#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "http/message.h"

namespace footlight::compose::testing {

class MemoryOrigin {
 public:
  struct Stored {
    uint64_t epoch;
    int64_t msn, part;
    bool last, gap;
    std::string body;
  };
  bool started = true;
  uint64_t epoch = 0;
  int64_t next_msn = 0, next_part = 0, next_init = 0;
  std::vector<Stored> stored;
  std::map<int64_t, std::string> inits;
  int ends = 0;

  http::Response answer(const http::Request& r) {
    if (!started) return {.status = 404};
    std::vector<std::string> path;
    std::string piece;
    for (const char c : r.target + "/")
      if (c == '/') {
        if (!piece.empty()) path.push_back(std::exchange(piece, {}));
      } else {
        piece += c;
      }
    if (r.method == "GET") return {.status = 200, .body = position()};
    const auto asked = static_cast<uint64_t>(std::atoll(path.at(2).c_str()));
    if (asked < epoch) return {.status = 412};
    if (asked > epoch) {
      epoch = asked;
      if (next_part > 0) {
        ++next_msn;
        next_part = 0;
      }
    }
    if (path.at(3) == "end") {
      ++ends;
      return {.status = 204};
    }
    if (path.at(4) == "init") return put_init(std::atoll(path.at(5).c_str()), r.body);
    const int64_t msn = std::atoll(path.at(4).c_str());
    if (path.at(5) == "gap") {
      if (msn != next_msn) return {.status = 409, .body = position()};
      stored.push_back({epoch, msn, -1, true, true, {}});
      ++next_msn;
      next_part = 0;
      return {.status = 204};
    }
    return put_part(msn, std::atoll(path.at(5).c_str()), r);
  }

 private:
  http::Response put_init(int64_t n, const std::string& body) {
    if (n < next_init) return {.status = 204};
    if (n > next_init) return {.status = 409, .body = position()};
    inits[next_init++] = body;
    return {.status = 204};
  }
  http::Response put_part(int64_t msn, int64_t part, const http::Request& r) {
    if (msn < next_msn || (msn == next_msn && part < next_part)) return {.status = 204};
    if (msn > next_msn || part > next_part) return {.status = 409, .body = position()};
    const bool last = r.headers.get("Footlight-Last") == "1";
    stored.push_back({epoch, msn, part, last, false, r.body});
    next_msn += last ? 1 : 0;
    next_part = last ? 0 : part + 1;
    return {.status = 204};
  }
  [[nodiscard]] std::string position() const {
    return fmt::format(R"({{"epoch":{},"renditions":{{"low":{{"next_msn":{},"next_part":{},"next_init":{}}}}}}})",
                       epoch, next_msn, next_part, next_init);
  }
};

}  // namespace footlight::compose::testing
