#pragma once
#include <functional>
#include <string>

#include "base/result.h"
#include "state/session_call.h"

namespace footlight::control {

// A refusal by the relay (its status and sentence), or 503 when it could not be asked.
struct CallError {
  int status = 503;
  std::string detail;
};

struct PatchAnswer {
  std::string sdpfrag;  // empty after a mere trickle
  std::string ice_tag;
};

// Signalling to the relay (state/session_call.h): an interface, so that control's rules are tested without sockets.
// Callbacks run on the loop's thread, once, and never after the object is gone.
class RelayCalls {
 public:
  using CreateCallback = std::function<void(Result<state::SessionReply, CallError>)>;
  using PatchCallback = std::function<void(Result<PatchAnswer, CallError>)>;
  virtual ~RelayCalls() = default;
  virtual void create(const state::SessionRequest& request, CreateCallback done) = 0;
  virtual void patch(const std::string& session, const std::string& sdpfrag, PatchCallback done) = 0;
};

}  // namespace footlight::control
