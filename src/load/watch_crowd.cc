#include "load/watch_crowd.h"

#include <algorithm>
#include <optional>

#include "base/clock.h"
#include "http/loop.h"
#include "load/crowd_worker.h"
#include "load/signalling.h"

namespace footlight::load {
namespace {

constexpr Duration kLook = Duration::millis(100);  // how often the crowd's thread asks how viewers stand
constexpr int kLooksPerProgress = 10;
constexpr Duration kGoodbyePatience = Duration::seconds(5);

Spread spread_of(std::vector<Duration> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  auto at = [&](size_t percent) { return values[(values.size() - 1) * percent / 100]; };
  return {.p50 = at(50), .p95 = at(95), .max = values.back()};
}

// The conductor of one run, on the caller's thread with its HTTP loop: brings viewers at a steady rate, waits until
// each is connected or refused, measures, takes leave.
class Crowd {
 public:
  Crowd(const WatchOptions& options, HttpUrl endpoint, const dtls::Certificate& certificate,
        const std::function<void(const WatchProgress&)>& progress)
      : options_(options),
        progress_(progress),
        signalling_(loop_, std::move(endpoint), options.token, options.ca_file),
        certificate_(certificate),
        resources_(options.viewers) {}

  [[nodiscard]] Result<WatchReport, Error> run() {
    auto server = signalling_.find_server();
    if (!server) return unexpected(server.error());
    auto own = net::address_towards(*server);
    if (!own) return unexpected(own.error());
    for (size_t i = 0; i < std::max<size_t>(options_.threads, 1); ++i)
      workers_.push_back(std::make_unique<CrowdWorker>(certificate_, *own, options_.take_runs));
    bring_next();
    look();
    loop_.run();
    return report();
  }

 private:
  enum class Phase { kJoining, kMeasuring, kLeaving };

  void bring_next() {
    if (next_ == options_.viewers) return;
    bring(next_++);
    auto gap = Duration::micros(1'000'000 / static_cast<int64_t>(std::max<size_t>(options_.joins_per_second, 1)));
    joining_ = loop_.after(gap, [this] { bring_next(); });
  }

  void bring(size_t id) {
    VanishAt vanish = options_.vanish.empty() ? VanishAt::kNever : options_.vanish[id % options_.vanish.size()];
    worker_of(id).post([this, id, vanish](CrowdWorker& worker) {
      std::string offer = worker.add(id, vanish).begin(worker.now());
      if (offer.empty()) return;
      loop_.post([this, id, offer = std::move(offer)]() mutable { ask(id, std::move(offer)); });
    });
  }

  void ask(size_t id, std::string offer) {
    signalling_.post(std::move(offer), [this, id](Result<SessionMade, Error> made) {
      if (made) resources_[id] = made->resource;
      worker_of(id).post([id, made = std::move(made)](CrowdWorker& worker) {
        if (Viewer* viewer = worker.find(id)) viewer->on_answer(made, worker.now());
      });
    });
  }

  // Asks every worker; the last answer moves the run on.
  void look() {
    fresh_ = {};
    awaited_ = workers_.size();
    for (auto& worker : workers_)
      worker->post([this](CrowdWorker& w) {
        CrowdCounts counts = w.counts();
        loop_.post([this, counts] {
          fresh_ += counts;
          if (--awaited_ == 0) on_counts();
        });
      });
  }

  void on_counts() {
    counts_ = fresh_;
    bool tell = ++looks_ % kLooksPerProgress == 0;
    if (phase_ == Phase::kJoining && counts_.decided == options_.viewers) {
      if (!options_.vanish.empty()) return leave();
      tell = true;
      begin_measuring();
    }
    if (tell) report_progress();
    looking_ = loop_.after(kLook, [this] { look(); });
  }

  void begin_measuring() {
    phase_ = Phase::kMeasuring;
    measuring_since_ = SystemClock::get().now();
    for (auto& worker : workers_) worker->post([](CrowdWorker& w) { w.begin_measuring(); });
    measuring_ = loop_.after(options_.measure, [this] {
      report_progress();
      leave();
    });
  }

  void leave() {
    measured_ = phase_ == Phase::kMeasuring ? SystemClock::get().now() - measuring_since_ : Duration::zero();
    phase_ = Phase::kLeaving;
    looking_.cancel();
    parting_ = loop_.after(kGoodbyePatience, [this] { loop_.stop(); });
    // HTTP's goodbyes follow the viewers' own: a session that its server ends while its viewer still watches looks
    // lost.
    staying_ = workers_.size();
    for (auto& worker : workers_)
      worker->post([this](CrowdWorker& w) {
        w.end_measuring();
        loop_.post([this] {
          if (--staying_ == 0) say_goodbye();
        });
      });
  }

  void say_goodbye() {
    for (size_t id = 0; id < resources_.size(); ++id)
      if (resources_[id] && says_goodbye(id)) {
        ++goodbyes_;
        signalling_.remove(*resources_[id], [this] {
          if (--goodbyes_ == 0) loop_.stop();
        });
      }
    if (goodbyes_ == 0) loop_.stop();
  }

  // Every second viewer of each stage vanishes without a word to HTTP either.
  [[nodiscard]] bool says_goodbye(size_t id) const {
    return options_.vanish.empty() || id / options_.vanish.size() % 2 == 0;
  }

  void report_progress() const {
    if (!progress_) return;
    progress_({.asked = counts_.begun,
               .connected = counts_.connected,
               .failed = counts_.failed,
               .measuring = phase_ == Phase::kMeasuring,
               .packets = counts_.datagrams});
  }

  [[nodiscard]] CrowdWorker& worker_of(size_t id) { return *workers_[id % workers_.size()]; }

  [[nodiscard]] WatchReport report();

  const WatchOptions& options_;
  const std::function<void(const WatchProgress&)>& progress_;
  http::Loop loop_;
  Signalling signalling_;
  const dtls::Certificate& certificate_;
  std::vector<std::optional<HttpUrl>> resources_;
  std::vector<std::unique_ptr<CrowdWorker>> workers_;
  http::Loop::Timer joining_, looking_, measuring_, parting_;
  Phase phase_ = Phase::kJoining;
  Timestamp measuring_since_;
  Duration measured_;
  CrowdCounts counts_, fresh_;
  size_t next_ = 0;
  size_t awaited_ = 0;
  size_t staying_ = 0;  // workers whose viewers have not left yet
  size_t goodbyes_ = 0;
  int looks_ = 0;
};

WatchReport Crowd::report() {
  CrowdFindings all;
  WatchReport r{.wanted = options_.viewers, .measured = measured_};
  for (auto& worker : workers_) {
    worker->stop();
    CrowdFindings found = worker->findings();
    for (auto [into, from] :
         {std::pair(&all.connect, &found.connect), std::pair(&all.first_packet, &found.first_packet),
          std::pair(&all.first_picture, &found.first_picture)})
      into->insert(into->end(), from->begin(), from->end());
    for (const auto& [sentence, count] : found.failures) r.failures[sentence] += count;
    r.lost_midway += found.lost_midway;
    r.vanished += worker->counts().vanished;
    all.measured += found.measured;
  }
  r.connected = all.connect.size();
  r.pictured = all.first_picture.size();
  r.connect = spread_of(std::move(all.connect));
  r.first_packet = spread_of(std::move(all.first_packet));
  r.first_picture = spread_of(std::move(all.first_picture));
  const MediaTotals& m = all.measured;
  r.packets = m.received;
  r.bytes = m.bytes;
  r.expected = m.expected;
  // A packet that was missing when measuring began may have come since.
  r.missing = m.expected > m.received ? m.expected - m.received : 0;
  r.repaired = m.repaired;
  r.duplicates = m.duplicates;
  r.nacked = m.nacked;
  r.sampled = m.sampled;
  r.decrypt_failures = m.decrypt_failures;
  return r;
}

}  // namespace

Result<WatchReport, Error> watch(const WatchOptions& options,
                                 const std::function<void(const WatchProgress&)>& progress) {
  auto endpoint = HttpUrl::parse(options.url);
  if (!endpoint) return unexpected(endpoint.error());
  auto certificate = dtls::Certificate::generate();
  if (!certificate) return unexpected(certificate.error());
  return Crowd(options, std::move(*endpoint), *certificate, progress).run();
}

}  // namespace footlight::load
