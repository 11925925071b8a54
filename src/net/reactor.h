#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/units.h"

namespace footlight::net {

enum class Interest : uint8_t { kRead = 1, kWrite = 2, kReadWrite = 3 };

// What epoll said of a descriptor. An error or hang-up shows as readable: the read tells what it was.
struct Ready {
  bool readable = false;
  bool writable = false;
};

// Tasks that other threads may have waiting.
inline constexpr size_t kMaxPostedTasks = 4096;

// One thread's event loop over epoll: descriptors, timers, and tasks from other threads. Owned by an engine, which
// calls run() on the loop's thread; everything else happens there too, except post(), stop() and stopped(). Handlers
// get the loop's `now`, read once a turn: floors below never read a clock. Nothing here allocates per event.
class Reactor {
 public:
  explicit Reactor(const Clock& clock = SystemClock::get());
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  void run();                    // until stop()
  void run_for(Duration limit);  // until stop(), or for so long
  void stop();                   // any thread; a later run() returns at once until reset_stop()
  void reset_stop();             // between runs
  [[nodiscard]] bool stopped() const;

  // Any thread. False when kMaxPostedTasks wait already: the caller answers "busy". Tasks run in order, on the loop.
  [[nodiscard]] bool post(std::function<void()> task);

  [[nodiscard]] Timestamp now() const { return now_; }  // of this turn
  [[nodiscard]] bool in_loop_thread() const;

  // A descriptor watched, level-triggered, until the Watch dies. The descriptor stays the caller's and outlives it.
  class Watch {
   public:
    Watch() = default;
    Watch(Watch&&) noexcept;
    Watch& operator=(Watch&&) noexcept;
    ~Watch();
    void change(Interest interest);

   private:
    friend class Reactor;
    struct State;
    Reactor* reactor_ = nullptr;
    std::unique_ptr<State> state_;
  };
  using ReadyHandler = std::function<void(Ready, Timestamp now)>;
  [[nodiscard]] Watch watch(int fd, Interest interest, ReadyHandler handler);

  // A timer that is armed, re-armed and cancelled without allocating; fires once an arming. Dies before the reactor.
  class Timer {
   public:
    using Handler = std::function<void(Timestamp now)>;
    Timer(Reactor& reactor, Handler handler);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    void set(Timestamp when);  // moves it if armed; a time that has passed fires in the next turn
    void cancel();
    [[nodiscard]] bool armed() const { return slot_ != kNoSlot; }

   private:
    friend class Reactor;
    static constexpr size_t kNoSlot = SIZE_MAX;
    Reactor& reactor_;
    Handler handler_;
    Timestamp when_;
    size_t slot_ = kNoSlot;  // place in the reactor's heap
  };

 private:
  struct Posted;
  void turn(Timestamp limit);
  void fire_timers();
  void run_posted();
  void heap_up(size_t slot);
  void heap_down(size_t slot);
  void heap_place(size_t slot, Timer* timer);

  const Clock& clock_;
  Timestamp now_;
  std::vector<Timer*> heap_;            // earliest first
  std::vector<Watch::State*> watched_;  // alive states, so that a handler may end any watch
  std::unique_ptr<Posted> posted_;
  int epoll_ = -1;
  std::thread::id thread_;
};

}  // namespace footlight::net
