#pragma once
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "control/model.h"
#include "state/observed.h"

namespace footlight::control {

// What the roles said last of one event; a role that is away said nothing.
struct EventWords {
  std::vector<Source> sources;
  std::vector<Session> sessions;
  state::RelayObserved relay;
  state::ComposeObserved compose;
  state::OriginStreamObserved origin;
};

// The answer of `GET /events/{id}/stats` (CONTRACT §3). A figure that nobody has measured is null, not 0.
[[nodiscard]] nlohmann::ordered_json stats_json(const Event& event, const EventWords& words);

}  // namespace footlight::control
