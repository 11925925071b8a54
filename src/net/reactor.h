#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/unique_fd.h"
#include "base/units.h"

namespace footlight::net {

enum class Interest : uint8_t { kRead, kWrite, kReadWrite };

// What epoll said of a descriptor. An error or hang-up shows as both: the call that follows tells what it was.
struct Ready {
  bool readable = false;
  bool writable = false;
};

// Tasks that other threads may have waiting.
inline constexpr size_t kMaxPostedTasks = 4096;

// One thread's event loop over epoll: descriptors, timers, and tasks from other threads. Owned by an engine, which
// calls run() on the loop's thread; everything else happens there too (or before the run), except post(), stop() and
// stopped(). Handlers get the loop's `now`, read once a turn: floors below never read a clock. They may end any watch
// and arm, cancel or destroy any timer but the one that runs. Nothing here allocates per event.
class Reactor {
 public:
  explicit Reactor(const Clock& clock = SystemClock::get());
  ~Reactor();  // after its watches and timers
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  void run();                    // until stop()
  void run_for(Duration limit);  // until stop(), or for so long
  void stop();                   // any thread; for good: a later run() returns at once
  [[nodiscard]] bool stopped() const { return stopped_.load(std::memory_order_acquire); }

  // Any thread. False when kMaxPostedTasks wait already: the caller answers "busy". Tasks run in order, on the loop;
  // those left after stop() never run.
  [[nodiscard]] bool post(std::function<void()> task);

  // What comes is looked at once in `rest` at most, as with a network card that moderates its interrupts; timers may be
  // as late. For programs that stand for many machines: otherwise whoever sends to them pays for waking them each time.
  void rest_between_turns(Duration rest) { rest_ = rest; }

  [[nodiscard]] Timestamp now() const { return now_; }  // of this turn
  [[nodiscard]] bool in_loop_thread() const;            // also true while nobody runs

  using ReadyHandler = std::function<void(Ready, Timestamp now)>;
  using TimerHandler = std::function<void(Timestamp now)>;

  // A descriptor watched, level-triggered, until the Watch dies. The descriptor stays the caller's and outlives it.
  class Watch {
   public:
    Watch() = default;
    Watch(Watch&& other) noexcept;
    Watch& operator=(Watch&& other) noexcept;
    ~Watch();
    void change(Interest interest);

   private:
    friend class Reactor;
    struct State {
      Reactor* reactor;
      int fd;
      ReadyHandler handler;
      bool alive = true;
    };
    void end();
    std::unique_ptr<State> state_;
  };
  [[nodiscard]] Watch watch(int fd, Interest interest, ReadyHandler handler);

  // Armed, re-armed and cancelled without allocating; fires once an arming.
  class Timer {
   public:
    Timer(Reactor& reactor, TimerHandler handler) : reactor_(reactor), handler_(std::move(handler)) {}
    ~Timer() { cancel(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    void set(Timestamp when);  // moves it if armed; a time that has passed fires in the next turn
    void cancel();
    [[nodiscard]] bool armed() const { return slot_ != kNoSlot; }
    [[nodiscard]] Timestamp when() const { return when_; }  // of the last set()

   private:
    friend class Reactor;
    static constexpr size_t kNoSlot = SIZE_MAX;
    Reactor& reactor_;
    TimerHandler handler_;
    Timestamp when_;
    size_t slot_ = kNoSlot;  // place in the reactor's heap
  };

 private:
  void run_until(Timestamp end);
  void wait_and_dispatch(Timestamp until);
  void fire_timers();
  void run_posted();
  void place(size_t slot, Timer* timer);
  void sift(size_t slot);  // restores the heap's order round one place

  const Clock& clock_;
  Timestamp now_;
  Duration rest_ = Duration::zero();
  UniqueFd epoll_;
  UniqueFd wake_;             // eventfd
  std::vector<Timer*> heap_;  // binary, earliest first
  bool firing_ = false;
  std::vector<std::unique_ptr<Watch::State>> ended_;  // kept to the end of the turn: events may still name them
  std::atomic<std::thread::id> thread_{};
  std::atomic<bool> stopped_ = false;
  std::mutex posted_lock_;  // guards posted_ only, for a push or a swap
  std::vector<std::function<void()>> posted_;
  std::vector<std::function<void()>> running_;
};

}  // namespace footlight::net
