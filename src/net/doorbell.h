#pragma once
#include <atomic>

#include "base/unique_fd.h"

namespace footlight::net {

// Wakes one thread's loop from others: an eventfd that the loop watches for reading. Owned by the mesh of threads that
// ring each other. ring() from any thread: a system call only when nobody has rung since the last answer(). After
// answer() everything that ringers wrote before ring() is visible to the loop.
class Doorbell {
 public:
  Doorbell();  // ends the process when the system has no descriptor left
  [[nodiscard]] int fd() const { return fd_.get(); }
  void ring();
  void answer();  // the loop's thread, before it looks for work

 private:
  UniqueFd fd_;
  std::atomic<bool> rung_ = false;
};

}  // namespace footlight::net
