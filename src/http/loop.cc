#include "http/loop.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <mutex>
#include <optional>
#include <utility>

#include "http/loop_impl.h"

namespace footlight::http {

Loop::Loop() : impl_(std::make_unique<Impl>()) {
  // OpenSSL writes to sockets without MSG_NOSIGNAL: a vanished peer must be an error code, not the end of the process.
  static std::once_flag ignore_sigpipe;
  std::call_once(ignore_sigpipe, [] { std::signal(SIGPIPE, SIG_IGN); });
}

Loop::~Loop() = default;

void Loop::run() { impl_->io.run(); }
void Loop::stop() { impl_->io.stop(); }
void Loop::restart() { impl_->io.restart(); }
void Loop::post(std::function<void()> fn) { boost::asio::post(impl_->io, std::move(fn)); }

struct Loop::Timer::State {
  std::optional<boost::asio::steady_timer> timer;  // gone once it fired: the handle may then outlive the loop
  std::function<void()> fn;
  State(boost::asio::io_context& io, std::function<void()> f) : timer(std::in_place, io), fn(std::move(f)) {}
};

Loop::Timer::Timer() = default;
Loop::Timer::Timer(Timer&&) noexcept = default;

Loop::Timer& Loop::Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    cancel();
    state_ = std::move(other.state_);
  }
  return *this;
}

Loop::Timer::~Timer() { cancel(); }

void Loop::Timer::cancel() {
  if (!state_) return;
  auto state = std::move(state_);
  state->fn = nullptr;
  if (state->timer) state->timer->cancel();
}

Loop::Timer Loop::after(Duration delay, std::function<void()> fn) {
  Timer handle;
  handle.state_ = std::make_shared<Timer::State>(impl_->io, std::move(fn));
  handle.state_->timer->expires_after(std::chrono::microseconds(delay.us()));
  handle.state_->timer->async_wait([state = handle.state_](const boost::system::error_code& error) {
    if (error || !state->fn) return;
    auto run = std::move(state->fn);  // the function may destroy its own handle
    state->fn = nullptr;
    state->timer.reset();
    run();
  });
  return handle;
}

}  // namespace footlight::http
