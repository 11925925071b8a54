#include "net/doorbell.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "base/check.h"

namespace footlight::net {

Doorbell::Doorbell() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { CHECK(fd_.get() >= 0); }

void Doorbell::ring() {
  if (rung_.exchange(true, std::memory_order_acq_rel)) return;
  uint64_t one = 1;
  [[maybe_unused]] ssize_t n = ::write(fd_.get(), &one, sizeof one);  // full is rung, too
}

void Doorbell::answer() {
  uint64_t rings = 0;
  [[maybe_unused]] ssize_t n = ::read(fd_.get(), &rings, sizeof rings);
  // After the read: a ring that comes from now on writes again.
  rung_.exchange(false, std::memory_order_acq_rel);
}

}  // namespace footlight::net
