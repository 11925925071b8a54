#include "compose/compose.h"

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

#include "base/log.h"
#include "base/thread_role.h"
#include "compose/compose_metrics.h"
#include "compose/feeds.h"
#include "compose/ingest_client.h"
#include "compose/pipe_link.h"
#include "compose/programme.h"
#include "http/client.h"
#include "http/loop.h"
#include "libav/log_level.h"
#include "net/reactor.h"
#include "state/hls_grid.h"

namespace footlight::compose {
namespace {

const Logger kLog("compose");

constexpr Duration kFiguresInterval = Duration::millis(100);
constexpr Duration kIdlePoll = Duration::millis(5);

std::chrono::microseconds chrono(Duration d) { return std::chrono::microseconds(d.us()); }

}  // namespace

// Joins the machine to threads: `programme` ticks, `input` runs the reactor with the pipe, `output` the HTTP loop.
struct Compose::Impl final : PartSink, TrackSink, IngestTransport {
  explicit Impl(ComposeOptions o)
      : options(std::move(o)),
        client(loop, options.origin_endpoint, 1),
        feeds(options.clock),
        programme(options.clock, *this, *this),
        link(reactor, feeds, [this] { programme.request_key_frame(); }) {}

  // PartSink and TrackSink: programme thread.
  void on_init(int init, std::string body) override {
    loop.post([this, init, body = std::move(body)]() mutable { ingest.add_init(init, std::move(body)); });
  }
  void on_part(Part part) override {
    loop.post([this, part = std::move(part)]() mutable { ingest.add_part(std::move(part)); });
  }
  void on_end() override {
    loop.post([this] { ingest.add_end(); });
  }
  void on_video(int64_t time, std::shared_ptr<const std::vector<uint8_t>> annex_b, Moment moment) override {
    post([this, time, moment, annex_b = std::move(annex_b)] { link.output().send_video(*annex_b, time, moment); });
  }
  void on_audio(int64_t time, std::vector<uint8_t> opus, Moment moment) override {
    post([this, time, moment, opus = std::move(opus)] { link.output().send_audio(opus, time, moment); });
  }
  void post(std::function<void()> task) {
    if (!reactor.post(std::move(task))) ++tasks_refused;
  }

  // IngestTransport: output thread.
  void send(http::Request request, Duration timeout, Callback done) override {
    client.request(std::move(request), timeout, std::move(done));
  }
  void after(Duration delay, std::function<void()> fn) override { retry_timer = loop.after(delay, std::move(fn)); }

  void run_programme();
  void apply_now(const state::ComposeDesired& desired);
  void take_figures();
  void await_idle(Duration limit);

  ComposeOptions options;
  http::Loop loop;
  http::Client client;
  http::Loop::Timer retry_timer;
  http::Loop::Timer idle_timer;
  IngestClient ingest{*this};
  Feeds feeds;
  net::Reactor reactor;
  Programme programme;
  PipeLink link;
  std::atomic<uint64_t> tasks_refused{0};

  std::mutex mutex;  // pending, stopping, observed_state
  std::condition_variable wake;
  std::optional<state::ComposeDesired> pending;
  bool stopping = false;
  state::ComposeObserved observed_state;
  ComposeFigures figures;

  std::optional<Timestamp> figures_taken;  // programme thread
  state::ComposeDesired applied;           // programme thread
  std::vector<StageInput> inputs;          // programme thread
  std::thread programme_thread, input_thread, output_thread;
};

void Compose::Impl::run_programme() {
  std::unique_lock lock(mutex);
  while (!stopping) {
    if (pending) {
      const state::ComposeDesired desired = std::move(*pending);
      pending.reset();
      lock.unlock();
      apply_now(desired);
      lock.lock();
      continue;
    }
    const Timestamp now = options.clock.now();
    const Timestamp due = programme.next_due();
    if (due > now) {
      wake.wait_for(lock, chrono(std::min(due - now, Duration::seconds(1))));
      continue;
    }
    lock.unlock();
    programme.run(options.clock.now());
    take_figures();
    lock.lock();
  }
  lock.unlock();
  programme.finish();
}

void Compose::Impl::apply_now(const state::ComposeDesired& desired) {
  inputs = feeds.apply(desired.inputs);
  const state::HlsGrid grid = state::hls_grid(desired.canvas, desired.hls.timing);
  loop.post([this, target = IngestTarget{desired.hls.stream, desired.hls.rendition, desired.epoch,
                                         Duration::micros(grid.segment_us())}] { ingest.set_target(target); });
  post([this, key = desired.pipe, address = desired.pipe_address, tracks = desired.publish_tracks] {
    link.output().set_tracks(tracks);
    link.apply(key, address);
  });
  programme.apply(desired, inputs);
  applied = desired;
  figures_taken.reset();
  take_figures();
}

void Compose::Impl::take_figures() {
  const Timestamp now = options.clock.now();
  if (figures_taken && now - *figures_taken < kFiguresInterval) return;
  figures_taken = now;
  state::ComposeObserved o;
  o.incarnation = options.incarnation;
  o.applied_generation = applied.generation;
  o.epoch = applied.epoch;
  FeedFigures sums;
  for (const StageInput& input : inputs) {
    state::InputObserved i;
    i.id = input.wish.id;
    i.state = name_of(programme.stage()->state_of(i.id));
    if (input.feed) {
      const FeedFigures f = input.feed->figures();
      i.fps = f.fps;
      i.jitter_buffer_ms = f.jitter_buffer_ms;
      i.decode_ms = f.decode_ms;
      sums.jitter_buffer_ms = std::max(sums.jitter_buffer_ms, f.jitter_buffer_ms);
      sums.video_wait_ms = std::max(sums.video_wait_ms, f.video_wait_ms);
      sums.audio_wait_ms = std::max(sums.audio_wait_ms, f.audio_wait_ms);
      sums.decode_ms = std::max(sums.decode_ms, f.decode_ms);
      sums.frames += f.frames;
      sums.damaged += f.damaged;
      sums.late_frames += f.late_frames;
      sums.key_requests += f.key_requests;
      sums.lost += f.lost;
      sums.speech.late += f.speech.late;
      sums.speech.concealed += f.speech.concealed;
      sums.speech.shortened += f.speech.shortened;
    }
    o.inputs.push_back(std::move(i));
  }
  const ProgrammeFigures& p = programme.figures();
  o.mix_ms = p.mix_ms;
  o.encode_ms = p.encode_ms;
  o.package_ms = p.package_ms;
  const std::scoped_lock lock(mutex);
  observed_state = std::move(o);
  figures.programme = p;
  figures.feeds = sums;
}

// Output thread polls; the caller waits. Bounded by `limit`.
void Compose::Impl::await_idle(Duration limit) {
  auto done = std::make_shared<std::promise<void>>();
  auto future = done->get_future();
  auto check = std::make_shared<std::function<void()>>();
  *check = [this, done, weak = std::weak_ptr(check)] {
    if (ingest.idle()) return done->set_value();
    if (auto again = weak.lock()) idle_timer = loop.after(kIdlePoll, [again] { (*again)(); });
  };
  loop.post([check] { (*check)(); });
  if (future.wait_for(chrono(limit)) != std::future_status::ready)
    kLog.warn("stopping with parts that the origin did not take", {{"limit_ms", limit.ms()}});
}

Compose::Compose(ComposeOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {
  libav::quiet_library_log();
}

Compose::~Compose() { stop(Duration()); }

void Compose::start() {
  Impl* impl = impl_.get();
  impl->output_thread = std::thread([impl] {
    name_thread("output");
    impl->loop.run();
  });
  impl->input_thread = std::thread([impl] {
    name_thread("input");
    put_thread_first();
    impl->reactor.run();
  });
  impl->programme_thread = std::thread([impl] {
    name_thread("programme");
    put_thread_first();
    impl->run_programme();
  });
}

void Compose::stop(Duration limit) {
  if (!impl_->programme_thread.joinable()) return;
  {
    const std::scoped_lock lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_one();
  impl_->programme_thread.join();
  if (limit > Duration()) impl_->await_idle(limit);
  impl_->reactor.stop();
  impl_->input_thread.join();
  impl_->loop.stop();
  impl_->output_thread.join();
}

void Compose::apply(state::ComposeDesired desired) {
  {
    const std::scoped_lock lock(impl_->mutex);
    impl_->pending = std::move(desired);
  }
  impl_->wake.notify_one();
}

state::ComposeObserved Compose::observed() {
  ComposeFigures figures;
  state::ComposeObserved o;
  {
    const std::scoped_lock lock(impl_->mutex);
    o = impl_->observed_state;
    figures = impl_->figures;
  }
  o.incarnation = impl_->options.incarnation;
  o.dropped_segments = impl_->ingest.figures().dropped_segments;
  figures.strays = impl_->feeds.strays();
  figures.tasks_refused = impl_->tasks_refused;
  o.metrics = metrics_text(figures, impl_->link.figures(), impl_->ingest.figures());
  return o;
}

}  // namespace footlight::compose
