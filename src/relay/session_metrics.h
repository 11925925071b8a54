#pragma once
#include <span>
#include <string>

#include "state/observed.h"

namespace footlight::relay {

// What observed state says of each session, as Prometheus text for all of them together: how many there are by kind,
// state and transport, tracks by codec, and how loss, round trip, jitter, estimate, rate, pictures a second, heights
// (which tell layers) and silence are spread over them. No id is a label (STYLE §2, 22). Any thread: thousands of
// sessions are not the media thread's to count.
[[nodiscard]] std::string session_metrics(std::span<const state::SessionObserved> sessions);

}  // namespace footlight::relay
