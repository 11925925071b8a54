#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace footlight::control {

// Control's own counters, by status class of its answers.
struct RequestCounters {
  std::array<uint64_t, 6> by_class{};  // [2]: 2xx …
  void count(int status) { ++by_class[static_cast<size_t>(status) / 100 % 6]; }
};

// One Prometheus page out of the texts of several processes: the lines of one metric stand together, as the text
// format asks, with one HELP and TYPE. Each sample gets a `process` label, so that two of a role do not collide:
// "relay", "origin", "compose-0" …; free-form ids never become labels.
[[nodiscard]] std::string merge_metrics(const std::vector<std::pair<std::string, std::string>>& processes);

}  // namespace footlight::control
