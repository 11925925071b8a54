#pragma once
#include <vector>

#include "control/parts.h"
#include "state/desired.h"
#include "state/observed.h"

// RTMP has no call that asks first: who may publish, and as which source, stands in desired state, and who does is
// observed (CONTRACT §4, RTMP).
namespace footlight::control {

// The source that the event's stream key is by RTMP: one an event.
[[nodiscard]] Source rtmp_source(const Keyring& keyring, const Event& event);
// The keys of all events that take publishers now.
[[nodiscard]] std::vector<state::RelayRtmpKey> rtmp_keys(Repository& repository, const Keyring& keyring);

// Within a change: the relay's RTMP sessions that nobody here knows become sessions of their events.
void adopt_rtmp_publishers(Parts& parts, const state::RelayObserved& observed);
// An RTMP session that has no tracks yet, or whose event is not known any more: desired state decides over it alone.
[[nodiscard]] bool is_rtmp(const state::SessionObserved& session);

}  // namespace footlight::control
