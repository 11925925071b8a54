#pragma once
#include <string>

#include "compose/feed.h"
#include "compose/ingest_client.h"
#include "compose/pipe_link.h"
#include "compose/programme.h"

namespace footlight::compose {

// What one process counted, as of one moment.
struct ComposeFigures {
  ProgrammeFigures programme;
  uint64_t strays = 0, tasks_refused = 0;
  FeedFigures feeds;  // counts: sums over all; milliseconds: the largest
};

// Prometheus text, names footlight_compose_*; no labels but those of the role.
[[nodiscard]] std::string metrics_text(const ComposeFigures& figures, const PipeFigures& pipe,
                                       const IngestFigures& ingest);

}  // namespace footlight::compose
