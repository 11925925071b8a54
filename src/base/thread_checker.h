#pragma once
#include <atomic>
#include <thread>

namespace footlight {

// Proves that an object is used by one thread only: it belongs to the first that asks, until release(). A member of
// the class it guards; CHECK(checker_.here()) where calls come in.
class ThreadChecker {
 public:
  [[nodiscard]] bool here() const {
    auto self = std::this_thread::get_id();
    auto owner = owner_.load(std::memory_order_relaxed);
    if (owner == self) return true;
    return owner == std::thread::id() &&
           owner_.compare_exchange_strong(owner, self, std::memory_order_relaxed, std::memory_order_relaxed);
  }
  // The object goes over to another thread; what orders the two is the caller's matter.
  void release() { owner_.store({}, std::memory_order_relaxed); }

 private:
  mutable std::atomic<std::thread::id> owner_{};
};

}  // namespace footlight
