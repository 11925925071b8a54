#pragma once
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "compose/part.h"
#include "http/client.h"
#include "http/loop.h"

namespace footlight::compose {

// Whose parts these are at the origin.
struct IngestTarget {
  std::string stream;
  std::string rendition;
  uint64_t epoch = 0;
  Duration segment;  // length of a whole one: what a lost one counts as
  bool operator==(const IngestTarget&) const = default;
};

// How requests go out; the tests' origin answers them in memory.
class IngestTransport {
 public:
  using Callback = http::Client::Callback;
  virtual ~IngestTransport() = default;
  virtual void send(http::Request request, Duration timeout, Callback done) = 0;
  // Runs `fn` once after `delay`; a later call replaces it.
  virtual void after(Duration delay, std::function<void()> fn) = 0;
};

struct IngestFigures {
  std::atomic<uint64_t> parts{0}, retries{0}, conflicts{0};
  std::atomic<int64_t> dropped_segments{0}, queued{0};
  std::atomic<bool> fenced{false};
};

// Puts parts to the origin in order, one at a time on a kept connection (ARCHITECTURE.md "Ingest"). It asks the origin
// where to go on, tries again while the origin is away, and keeps kMaxWaiting of media; beyond it whole segments go and
// are announced as gaps. A 412 fences it for good. Owned by Compose; output thread only, figures() from any.
class IngestClient {
 public:
  static constexpr Duration kMaxWaiting = Duration::seconds(10);  // DESIGN §2.5

  explicit IngestClient(IngestTransport& transport) : transport_(transport) {}

  void set_target(IngestTarget target);  // another epoch or stream begins anew
  void add_init(int init, std::string body);
  void add_part(Part part);
  void add_end();
  [[nodiscard]] bool idle() const { return queue_.empty() && !busy_; }
  [[nodiscard]] const IngestFigures& figures() const { return figures_; }

 private:
  struct Item {
    enum class Kind { kInit, kPart, kGap, kEnd } kind;
    int init = 0;  // of kInit
    Part part;     // kPart; kGap: segment and duration
  };
  struct Position {
    uint64_t epoch = 0;
    int64_t msn = 0, part = 0, init = 0;
  };
  void pump();
  void ask_position();
  void send_front();
  void on_answer(int status, const std::string& body);
  void on_conflict(const std::string& body);
  void acknowledged();
  void retry();
  void fence();
  void take_position(const Position& p);
  void skip_to_segment_start();
  void drop_excess();
  void drop_segment(int64_t segment);
  [[nodiscard]] std::optional<Position> parse(const std::string& body) const;
  [[nodiscard]] http::Request request_for(const Item& item) const;
  [[nodiscard]] std::string base_path() const;

  IngestTransport& transport_;
  std::optional<IngestTarget> target_;
  std::deque<Item> queue_;
  bool known_ = false;     // msn_base_ and init_base_ hold
  int64_t msn_base_ = 0;   // media sequence number of segment 0
  int64_t init_base_ = 0;  // the origin's number of init segment 0
  int64_t acked_segment_ = -1;
  Duration acked_duration_;  // of acked_segment_
  bool busy_ = false;
  Duration back_off_;
  uint64_t round_ = 0;  // answers to an earlier target's requests are not ours
  IngestFigures figures_;
};

}  // namespace footlight::compose
