#include "net/reactor.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <thread>

namespace footlight::net {
namespace {

struct Pair {
  Pair() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds), 0);
    near.reset(fds[0]);
    far.reset(fds[1]);
  }
  void ring() const { EXPECT_EQ(::write(far.get(), "x", 1), 1); }
  void drain() const {
    char c;
    while (::read(near.get(), &c, 1) == 1) {
    }
  }
  UniqueFd near, far;
};

TEST(Reactor, a_readable_descriptor_calls_its_handler_with_the_turns_time) {
  Reactor reactor;
  Pair pair;
  int calls = 0;
  auto watch = reactor.watch(pair.near.get(), Interest::kRead, [&](Ready ready, Timestamp now) {
    EXPECT_TRUE(ready.readable);
    EXPECT_EQ(now, reactor.now());
    pair.drain();
    ++calls;
    reactor.stop();
  });
  pair.ring();
  reactor.run();
  EXPECT_EQ(calls, 1);
}

TEST(Reactor, timers_fire_in_order_of_time_once_each) {
  Reactor reactor;
  std::vector<int> fired;
  std::vector<std::unique_ptr<Reactor::Timer>> timers;
  for (int i = 0; i < 100; ++i)
    timers.push_back(std::make_unique<Reactor::Timer>(reactor, [&fired, i](Timestamp) { fired.push_back(i); }));
  std::vector<int> order(100);
  std::ranges::generate(order, [i = 0]() mutable { return i++; });
  std::ranges::shuffle(order, std::minstd_rand(7));
  for (int i : order) timers[static_cast<size_t>(i)]->set(reactor.now() + Duration::micros(10 * i));
  for (int i : {3, 50, 99}) timers[static_cast<size_t>(i)]->cancel();
  timers[10]->set(reactor.now() + Duration::millis(5));
  Reactor::Timer last(reactor, [&](Timestamp) { reactor.stop(); });
  last.set(reactor.now() + Duration::millis(6));
  reactor.run();
  ASSERT_EQ(fired.size(), 97U);
  EXPECT_EQ(fired.back(), 10);
  fired.pop_back();
  EXPECT_TRUE(std::ranges::is_sorted(fired));
}

TEST(Reactor, a_timer_that_rearms_itself_in_the_past_does_not_hold_the_loop) {
  Reactor reactor;
  int fired = 0;
  Reactor::Timer* self = nullptr;
  Reactor::Timer timer(reactor, [&](Timestamp now) {
    ++fired;
    self->set(now - Duration::seconds(1));
  });
  self = &timer;
  timer.set(reactor.now());
  reactor.run_for(Duration::millis(2));
  EXPECT_GT(fired, 1);
  timer.cancel();
}

TEST(Reactor, a_handler_may_end_any_watch_of_the_same_turn) {
  Reactor reactor;
  Pair a;
  Pair b;
  Reactor::Watch watch_a;
  Reactor::Watch watch_b;
  int calls = 0;
  auto end_both = [&](Ready, Timestamp) {
    ++calls;
    watch_a = Reactor::Watch();
    watch_b = Reactor::Watch();
  };
  watch_a = reactor.watch(a.near.get(), Interest::kRead, end_both);
  watch_b = reactor.watch(b.near.get(), Interest::kRead, end_both);
  a.ring();
  b.ring();
  reactor.run_for(Duration::millis(1));
  EXPECT_EQ(calls, 1);
}

TEST(Reactor, writable_is_told_only_while_asked_for) {
  Reactor reactor;
  Pair pair;
  int writable = 0;
  Reactor::Watch watch;
  watch = reactor.watch(pair.near.get(), Interest::kReadWrite, [&](Ready ready, Timestamp) {
    if (ready.writable) ++writable;
    watch.change(Interest::kRead);
  });
  reactor.run_for(Duration::millis(1));
  EXPECT_EQ(writable, 1);
}

TEST(Reactor, tasks_of_many_threads_run_on_the_loop_each_threads_in_order) {
  Reactor reactor;
  constexpr int kThreads = 4;
  constexpr int kTasks = 500;
  std::vector<int> last(kThreads, -1);
  int done = 0;
  auto task_of = [&](int thread, int i) {
    return [&, thread, i] {
      EXPECT_TRUE(reactor.in_loop_thread());
      EXPECT_EQ(last[static_cast<size_t>(thread)], i - 1);
      last[static_cast<size_t>(thread)] = i;
      if (++done == kThreads * kTasks) reactor.stop();
    };
  };
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < kTasks; ++i)
        while (!reactor.post(task_of(t, i))) std::this_thread::yield();
    });
  reactor.run();
  EXPECT_EQ(done, kThreads * kTasks);
}

TEST(Reactor, a_full_task_queue_says_so) {
  Reactor reactor;
  for (size_t i = 0; i < kMaxPostedTasks; ++i) ASSERT_TRUE(reactor.post([] {}));
  EXPECT_FALSE(reactor.post([] {}));
  reactor.run_for(Duration::zero());
  EXPECT_TRUE(reactor.post([] {}));
}

TEST(Reactor, one_that_rests_between_turns_looks_once_a_rest_at_what_comes) {
  constexpr Duration kRest = Duration::millis(5);
  Reactor reactor;
  reactor.rest_between_turns(kRest);
  Pair pair;
  std::vector<Timestamp> calls;
  int bytes = 0;
  auto watch = reactor.watch(pair.near.get(), Interest::kRead, [&](Ready, Timestamp now) {
    calls.push_back(now);
    char c;
    while (::read(pair.near.get(), &c, 1) == 1) ++bytes;
    if (bytes == 40) reactor.stop();
  });
  std::thread writer([&] {
    for (int i = 0; i < 40; ++i) {
      pair.ring();
      std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
  });
  reactor.run();
  writer.join();
  ASSERT_GE(calls.size(), 2u);
  for (size_t i = 1; i < calls.size(); ++i) EXPECT_GE(calls[i] - calls[i - 1], kRest);
}

TEST(Reactor, stop_from_another_thread_ends_a_run_that_waits) {
  Reactor reactor;
  std::jthread other([&] { reactor.stop(); });
  reactor.run();
  EXPECT_TRUE(reactor.stopped());
}

}  // namespace
}  // namespace footlight::net
