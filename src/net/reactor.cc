#include "net/reactor.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "base/check.h"

namespace footlight::net {
namespace {

// Events taken from the kernel at once: a shard watches a handful of sockets and, where UDP is blocked, a connection a
// peer, of which the rest come with the next turn.
constexpr int kEventsPerTurn = 64;

uint32_t epoll_bits(Interest interest) {
  switch (interest) {
    case Interest::kRead:
      return EPOLLIN | EPOLLRDHUP;
    case Interest::kWrite:
      return EPOLLOUT;
    case Interest::kReadWrite:
      return EPOLLIN | EPOLLRDHUP | EPOLLOUT;
  }
  return 0;
}

timespec to_timespec(Duration d) { return {.tv_sec = d.us() / 1'000'000, .tv_nsec = d.us() % 1'000'000 * 1000}; }

}  // namespace

Reactor::Reactor(const Clock& clock)
    : clock_(clock),
      now_(clock.now()),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  CHECK(epoll_.valid() && wake_.valid());
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) == 0);
}

Reactor::~Reactor() { CHECK(heap_.empty()); }

bool Reactor::in_loop_thread() const {
  auto id = thread_.load(std::memory_order_relaxed);
  return id == std::thread::id() || id == std::this_thread::get_id();
}

void Reactor::run() { run_until(Timestamp::max()); }
void Reactor::run_for(Duration limit) { run_until(clock_.now() + limit); }

void Reactor::run_until(Timestamp end) {
  CHECK(thread_.exchange(std::this_thread::get_id()) == std::thread::id());
  while (!stopped()) {
    wait_and_dispatch(end);
    fire_timers();
    run_posted();
    ended_.clear();
    if (now_ >= end) break;
  }
  thread_.store(std::thread::id());
}

void Reactor::stop() {
  stopped_.store(true, std::memory_order_release);
  uint64_t one = 1;
  // A full counter wakes the loop just as well.
  (void)!::write(wake_.get(), &one, sizeof one);
}

bool Reactor::post(std::function<void()> task) {
  bool first = false;
  {
    std::lock_guard lock(posted_lock_);
    if (posted_.size() >= kMaxPostedTasks) return false;
    first = posted_.empty();
    posted_.push_back(std::move(task));
  }
  uint64_t one = 1;
  if (first) (void)!::write(wake_.get(), &one, sizeof one);
  return true;
}

void Reactor::wait_and_dispatch(Timestamp until) {
  Timestamp wake_at = heap_.empty() ? until : std::min(until, heap_.front()->when_);
  timespec timeout = to_timespec(std::max(wake_at - clock_.now(), Duration::zero()));
  bool forever = wake_at == Timestamp::max();
  std::array<epoll_event, kEventsPerTurn> events{};
  int count = ::epoll_pwait2(epoll_.get(), events.data(), kEventsPerTurn, forever ? nullptr : &timeout, nullptr);
  CHECK(count >= 0 || errno == EINTR);
  // A full turn has left some behind.
  if (rest_ > Duration::zero() && count > 0 && count < kEventsPerTurn && !stopped()) {
    timespec rest = to_timespec(rest_);
    ::nanosleep(&rest, nullptr);
  }
  now_ = clock_.now();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    auto* state = static_cast<Watch::State*>(event.data.ptr);
    if (state == nullptr) {
      uint64_t wakes = 0;
      (void)!::read(wake_.get(), &wakes, sizeof wakes);
    } else if (state->alive) {
      bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
      state->handler({.readable = broken || (event.events & (EPOLLIN | EPOLLRDHUP)) != 0,
                      .writable = broken || (event.events & EPOLLOUT) != 0},
                     now_);
    }
  }
}

void Reactor::run_posted() {
  {
    std::lock_guard lock(posted_lock_);
    running_.swap(posted_);
  }
  for (auto& task : running_) {
    if (stopped()) break;
    task();
  }
  running_.clear();
}

// --- watches

Reactor::Watch Reactor::watch(int fd, Interest interest, ReadyHandler handler) {
  CHECK(in_loop_thread());
  Watch watch;
  watch.state_ = std::make_unique<Watch::State>(Watch::State{this, fd, std::move(handler)});
  epoll_event event{.events = epoll_bits(interest), .data = {.ptr = watch.state_.get()}};
  CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0);
  return watch;
}

Reactor::Watch::Watch(Watch&& other) noexcept : state_(std::move(other.state_)) {}
Reactor::Watch& Reactor::Watch::operator=(Watch&& other) noexcept {
  if (this != &other) {
    end();
    state_ = std::move(other.state_);
  }
  return *this;
}
Reactor::Watch::~Watch() { end(); }

void Reactor::Watch::change(Interest interest) {
  CHECK(state_ != nullptr && state_->reactor->in_loop_thread());
  epoll_event event{.events = epoll_bits(interest), .data = {.ptr = state_.get()}};
  CHECK(::epoll_ctl(state_->reactor->epoll_.get(), EPOLL_CTL_MOD, state_->fd, &event) == 0);
}

void Reactor::Watch::end() {
  if (!state_) return;
  Reactor& reactor = *state_->reactor;
  CHECK(reactor.in_loop_thread());
  ::epoll_ctl(reactor.epoll_.get(), EPOLL_CTL_DEL, state_->fd, nullptr);
  state_->alive = false;
  reactor.ended_.push_back(std::move(state_));
}

// --- timers

void Reactor::Timer::set(Timestamp when) {
  CHECK(reactor_.in_loop_thread());
  // From within a firing turn the past means the next turn: a timer that re-arms itself cannot hold the loop.
  when_ = reactor_.firing_ ? std::max(when, reactor_.now_ + Duration::micros(1)) : when;
  if (!armed()) {
    reactor_.heap_.push_back(this);
    slot_ = reactor_.heap_.size() - 1;
  }
  reactor_.sift(slot_);
}

void Reactor::Timer::cancel() {
  if (!armed()) return;
  CHECK(reactor_.in_loop_thread());
  size_t slot = slot_;
  slot_ = kNoSlot;
  Timer* last = reactor_.heap_.back();
  reactor_.heap_.pop_back();
  if (last == this) return;
  reactor_.place(slot, last);
  reactor_.sift(slot);
}

void Reactor::place(size_t slot, Timer* timer) {
  heap_[slot] = timer;
  timer->slot_ = slot;
}

void Reactor::sift(size_t slot) {
  Timer* timer = heap_[slot];
  while (slot > 0 && timer->when_ < heap_[(slot - 1) / 2]->when_) {
    place(slot, heap_[(slot - 1) / 2]);
    slot = (slot - 1) / 2;
  }
  while (2 * slot + 1 < heap_.size()) {
    size_t child = 2 * slot + 1;
    if (child + 1 < heap_.size() && heap_[child + 1]->when_ < heap_[child]->when_) ++child;
    if (timer->when_ <= heap_[child]->when_) break;
    place(slot, heap_[child]);
    slot = child;
  }
  place(slot, timer);
}

void Reactor::fire_timers() {
  firing_ = true;
  while (!heap_.empty() && heap_.front()->when_ <= now_ && !stopped()) {
    Timer* timer = heap_.front();
    timer->cancel();
    timer->handler_(now_);
  }
  firing_ = false;
}

}  // namespace footlight::net
