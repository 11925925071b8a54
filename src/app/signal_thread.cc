#include "app/signal_thread.h"

#include <pthread.h>

#include <csignal>

namespace footlight::app {
namespace {

constexpr int kEndOfThread = SIGUSR2;

}  // namespace

SignalThread::SignalThread(std::initializer_list<int> signals, std::function<void(int)> on_signal) {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : signals) sigaddset(&set, signal);
  sigaddset(&set, kEndOfThread);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([set, on_signal = std::move(on_signal)] {
    int signal = 0;
    while (::sigwait(&set, &signal) == 0 && signal != kEndOfThread) on_signal(signal);
  });
}

SignalThread::~SignalThread() {
  ::pthread_kill(thread_.native_handle(), kEndOfThread);
  thread_.join();
}

}  // namespace footlight::app
