#pragma once
#include <string>

#include "hls/holds.h"
#include "hls/metrics.h"

namespace footlight::hls {

// Prometheus text exposition format 0.0.4.
[[nodiscard]] std::string metrics_text(const Metrics& metrics, const HoldBudget& holds, size_t streams,
                                       uint64_t file_reads);

}  // namespace footlight::hls
