#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/loop.h"

namespace footlight::app {

// What a role is to control.
struct DialOptions {
  std::string endpoint;     // "unix:<data>/run/control.sock"
  std::string role;         // "relay"
  std::string instance;     // "local", or the programme of a compose
  std::string incarnation;  // random at process start
};

// A role's line to control: long-polls desired state, reports observed state. The role keeps working on the last
// document while control is away; calls are tried again with back-off and jitter. Owned by a role's main, on its
// loop's thread; changed() from any thread.
class Dial {
 public:
  struct Engine {
    // Applies a desired document; returns its generation, or why it cannot be read.
    std::function<Result<int64_t, Error>(std::string_view document)> apply;
    // Makes the observed document and hands it on, from any thread, once; an empty one when it cannot be made now.
    std::function<void(std::function<void(std::string document)>)> observe;
  };
  Dial(http::Loop& loop, DialOptions options, Engine engine);
  ~Dial();
  void start();
  void changed();  // reports at once, but at most every 50 ms, less often if reports are long; otherwise each second

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace footlight::app
