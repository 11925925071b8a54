#pragma once
#include <string>

#include "control/parts.h"

namespace footlight::control {

// Fills what an event has from birth and nobody chooses, and stores it. An id that was in use before goes on from its
// counters. Within a change.
void store_new_event(Parts& parts, Event& event, const std::string& stream_key);

// Short, URL-safe, and without letters that are mistaken for one another.
[[nodiscard]] std::string new_event_id();

}  // namespace footlight::control
