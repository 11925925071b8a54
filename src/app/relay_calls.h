#pragma once
#include "http/loop.h"
#include "http/router.h"
#include "relay/relay.h"

namespace footlight::app {

// The session calls of state/session_call.h as routes: POST /sessions, PATCH and DELETE /sessions/{id}. Requests come
// on the loop; the relay answers on its shard thread and the answer is posted back. `loop` and `relay` outlive it.
[[nodiscard]] http::Router relay_calls(http::Loop& loop, relay::Relay& relay);

}  // namespace footlight::app
