#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "control/json_body.h"
#include "control/model.h"

namespace footlight::control {

// Reads the fields of POST and PATCH /events into `event`. On a fault the event is half-changed: drop it.
[[nodiscard]] std::optional<Fault> read_new_event(const nlohmann::json& body, Event& event);
[[nodiscard]] std::optional<Fault> read_event_changes(const nlohmann::json& body, Event& event);

// The rung that an event has when none is named: the canvas itself, at 2,000 kbit/s for 1280x720 at 30 and scaled from
// there. Bits grow more slowly than pixels, by the power of 3/4.
[[nodiscard]] state::Rendition default_rung(const state::Canvas& canvas);

}  // namespace footlight::control
