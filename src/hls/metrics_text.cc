#include "hls/metrics_text.h"

#include <fmt/format.h>

namespace footlight::hls {

std::string metrics_text(const Metrics& m, const HoldBudget& holds, size_t streams, uint64_t file_reads) {
  std::string out;
  const auto put = [&out](std::string_view type, std::string_view name, std::string_view labels, uint64_t value) {
    if (out.find(fmt::format("# TYPE {} ", name)) == std::string::npos)
      out += fmt::format("# TYPE {} {}\n", name, type);
    out += fmt::format("{}{} {}\n", name, labels, value);
  };
  put("gauge", "footlight_origin_streams", "", streams);
  put("gauge", "footlight_origin_held_requests", "", holds.held);
  put("counter", "footlight_origin_holds_expired_total", "", holds.expired);
  put("counter", "footlight_origin_holds_refused_total", "", holds.refused);
  put("counter", "footlight_origin_ingest_parts_total", "", m.parts);
  put("counter", "footlight_origin_ingest_bytes_total", "", m.ingest_bytes);
  put("counter", "footlight_origin_ingest_gaps_total", "", m.gaps);
  put("counter", "footlight_origin_ingest_refused_total", "{reason=\"position\"}", m.ingest_conflicts);
  put("counter", "footlight_origin_ingest_refused_total", "{reason=\"epoch\"}", m.ingest_fenced);
  put("counter", "footlight_origin_ingest_refused_total", "{reason=\"invalid\"}", m.ingest_invalid);
  put("counter", "footlight_origin_ingest_refused_total", "{reason=\"disk_full\"}", m.disk_full);
  put("counter", "footlight_origin_disk_failures_total", "", m.disk_failed);
  put("counter", "footlight_origin_playlists_built_total", "", m.playlists_built);
  put("counter", "footlight_origin_answers_total", "{kind=\"playlist\"}", m.playlists_served);
  put("counter", "footlight_origin_answers_total", "{kind=\"media\"}", m.media_served);
  put("counter", "footlight_origin_answers_total", "{kind=\"status\"}", m.statuses_served);
  put("counter", "footlight_origin_viewers_refused_total", "", m.refused_viewers);
  put("counter", "footlight_origin_spool_reads_total", "", file_reads);
  return out;
}

}  // namespace footlight::hls
