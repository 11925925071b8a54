#pragma once
#include <functional>
#include <memory>

#include "base/units.h"

namespace footlight::http {

// One thread's event loop for HTTP servers, clients and timers (Asio inside). The engine that owns it calls run() on
// its thread; everything else happens on that thread, except post() and stop(), which any thread may call.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();      // until stop()
  void stop();     // handlers that wait stay so
  void restart();  // between runs: the next run() goes on with them
  void post(std::function<void()> fn);

  // A timer that fires once; destroying or reassigning the handle cancels it. One that is still
  // armed dies before its loop.
  class Timer {
   public:
    Timer();
    Timer(Timer&&) noexcept;
    Timer& operator=(Timer&&) noexcept;
    ~Timer();
    void cancel();

   private:
    friend class Loop;
    struct State;
    std::shared_ptr<State> state_;
  };
  [[nodiscard]] Timer after(Duration delay, std::function<void()> fn);

  struct Impl;
  [[nodiscard]] Impl& impl() { return *impl_; }  // for http/*.cc only

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace footlight::http
