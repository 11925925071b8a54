#pragma once
#include <string>
#include <vector>

#include "control/parts.h"

// The states of an event and what moves between them (CONTRACT §3, States). All within a change.
namespace footlight::control {

// The calls that are legal in this state, as in the `legal` member of a 409.
[[nodiscard]] std::vector<std::string> legal_calls(EventState from);
// Whether the call that leads to `to` may be made now; repeating the present state is.
[[nodiscard]] bool is_legal(EventState from, EventState to);

// Moves the event and all that hangs on it: counters, sessions that must end, the event's stream.
void move_event(Parts& parts, Event& event, EventState to);

// Stores the event with a new revision and tells its stream `type`.
void store_event(Parts& parts, Event& event, const std::string& type);
void bump_status(Event& event);

// A new relay: no session of the old one lives. status.json and every event's stream say so.
void adopt_relay_epoch(Parts& parts, const std::string& epoch);

}  // namespace footlight::control
