#pragma once
#include <list>

#include "base/clock.h"
#include "control/relay_calls.h"
#include "http/client.h"
#include "http/loop.h"

namespace footlight::control {

// The relay's calls over its Unix socket. A relay that is being restarted is asked again until a bound: calls name
// their session, so asking twice does nothing twice. Owned by Control; the loop's thread.
class HttpRelayCalls final : public RelayCalls {
 public:
  HttpRelayCalls(http::Loop& loop, const std::string& endpoint, const Clock& clock);
  void create(const state::SessionRequest& request, CreateCallback done) override;
  void patch(const std::string& session, const std::string& sdpfrag, PatchCallback done) override;

 private:
  using Answer = std::function<void(Result<http::Response, CallError>)>;
  void ask(http::Request request, Timestamp deadline, Answer answer);
  void ask_again(http::Request request, Timestamp deadline, Answer answer);

  http::Loop& loop_;
  const Clock& clock_;
  std::list<http::Loop::Timer> pauses_;
  http::Client client_;
};

}  // namespace footlight::control
