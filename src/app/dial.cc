#include "app/dial.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "http/client.h"

namespace footlight::app {
namespace {

constexpr Logger kLog("app");
constexpr Duration kPollTimeout = Duration::seconds(35);  // control holds a poll at most 25 s (state/desired.h)
constexpr Duration kReportTimeout = Duration::seconds(5);
constexpr Duration kReportEvery = Duration::seconds(1);
constexpr Duration kCoalesce = Duration::millis(50);  // edges come in groups: one report tells them all
// A relay of thousands of sessions has much to tell: with its making and reading, a report takes at most a fifth of the
// time after an edge, and a twentieth without one.
constexpr int kPauseAfterEdge = 4;
constexpr int kPauseWithoutEdge = 19;
constexpr Duration kLongestReport = Duration::millis(250);  // more is control being away, not our length
constexpr Duration kFirstPause = Duration::millis(20);
constexpr Duration kLongestPause = Duration::seconds(1);

}  // namespace

struct Dial::Impl : std::enable_shared_from_this<Dial::Impl> {
  Impl(http::Loop& l, DialOptions o, Engine e)
      : loop(l), options(std::move(o)), engine(std::move(e)), client(loop, options.endpoint, 2) {}

  void poll() {
    http::Request request;
    request.target = fmt::format("/desired/{}/{}?incarnation={}", options.role, http::percent_encode(options.instance),
                                 http::percent_encode(options.incarnation));
    if (generation) request.target += fmt::format("&after={}", *generation);
    client.request(std::move(request), kPollTimeout, [this](auto answer) { on_desired(std::move(answer)); });
  }

  void on_desired(Result<http::Response, http::ClientError> answer) {
    if (answer && answer->status == 204) return poll_soon();
    if (!answer || answer->status != 200) {
      if (pause == kFirstPause)
        kLog.debug("control is away", {{"role", options.role}, {"status", answer ? answer->status : 0}});
      return poll_later();
    }
    auto applied = engine.apply(answer->body);
    if (!applied) {
      kLog.error("desired state not applied", {{"role", options.role}, {"reason", applied.error().message}});
      return poll_later();
    }
    generation = *applied;
    report_soon();
    poll_soon();
  }

  void poll_soon() {
    pause = kFirstPause;
    poll();
  }

  void poll_later() {
    // Half fixed, half random: the roles of a machine do not all come back in one moment.
    auto jitter = Duration::micros(static_cast<int64_t>(random_u32() % static_cast<uint32_t>(pause.us() / 2 + 1)));
    poll_timer = loop.after(pause / 2 + jitter, [this] { poll(); });
    pause = std::min(pause * 2, kLongestPause);
  }

  void report_soon() {
    if (report_soon_set) return;
    report_soon_set = true;
    report_timer = loop.after(std::max(kCoalesce, report_took * kPauseAfterEdge), [this] { report(); });
  }

  void report() {
    report_soon_set = false;
    report_timer = loop.after(std::max(kReportEvery, report_took * kPauseWithoutEdge), [this] { report(); });
    if (reporting) {
      report_again = true;
      return;
    }
    reporting = true;
    report_began = SystemClock::get().now();
    engine.observe([weak = weak_from_this(), &on = loop](std::string document) {
      on.post([weak, document = std::move(document)]() mutable {
        if (auto self = weak.lock()) self->send_report(std::move(document));
      });
    });
  }

  void send_report(std::string document) {
    if (document.empty()) {
      reporting = false;  // the next report is at most a second away
      return;
    }
    http::Request request;
    request.method = "PUT";
    request.target = fmt::format("/observed/{}/{}", options.role, http::percent_encode(options.instance));
    request.headers.set("Content-Type", "application/json");
    request.body = std::move(document);
    client.request(std::move(request), kReportTimeout, [this](auto answer) {
      if (answer && answer->status / 100 != 2)
        kLog.debug("observed state refused", {{"role", options.role}, {"status", answer->status}});
      reporting = false;
      report_took = std::min(SystemClock::get().now() - report_began, kLongestReport);
      if (std::exchange(report_again, false)) report_soon();
    });
  }

  http::Loop& loop;
  DialOptions options;
  Engine engine;
  http::Client client;
  http::Loop::Timer poll_timer, report_timer;
  std::optional<int64_t> generation;
  Duration pause = kFirstPause;
  Timestamp report_began{};
  Duration report_took = Duration::zero();
  bool report_soon_set = false, reporting = false, report_again = false;
  std::atomic<bool> change_posted = false;
};

Dial::Dial(http::Loop& loop, DialOptions options, Engine engine)
    : impl_(std::make_shared<Impl>(loop, std::move(options), std::move(engine))) {}

Dial::~Dial() = default;

void Dial::start() {
  impl_->poll();
  impl_->report();
}

void Dial::changed() {
  if (impl_->change_posted.exchange(true)) return;
  impl_->loop.post([weak = std::weak_ptr(impl_)] {
    auto self = weak.lock();
    if (!self) return;
    self->change_posted = false;
    self->report_soon();
  });
}

}  // namespace footlight::app
