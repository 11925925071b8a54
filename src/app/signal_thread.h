#pragma once
#include <functional>
#include <initializer_list>
#include <thread>

namespace footlight::app {

// Takes signals on a thread of its own by sigwait and hands them on; nothing ever runs in a signal handler. The signals
// are blocked in the constructing thread and all it starts later: construct it first, in main. `on_signal` runs on the
// signal thread.
class SignalThread {
 public:
  SignalThread(std::initializer_list<int> signals, std::function<void(int)> on_signal);
  ~SignalThread();
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  std::thread thread_;
};

}  // namespace footlight::app
