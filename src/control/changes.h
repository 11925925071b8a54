#pragma once
#include <functional>

#include "control/event_stream.h"
#include "control/repository.h"

namespace footlight::control {

// One change of state: everything that `work` does to the repository and emits happens, or nothing of it; afterwards
// pages and roles hear of it. Owned by Control. Not nested.
class Changes {
 public:
  Changes(Repository& repository, EventStream& stream) : repository_(repository), stream_(stream) {}
  // Runs after each change that happened: desired state is looked at anew.
  void on_changed(std::function<void()> fn) { changed_ = std::move(fn); }

  // `work` returns whether to keep what it did. The error is the database's.
  [[nodiscard]] Result<void, Error> run(Durability durability, const std::function<bool()>& work);

 private:
  Repository& repository_;
  EventStream& stream_;
  std::function<void()> changed_;
};

}  // namespace footlight::control
