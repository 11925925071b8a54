#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "compose/feed.h"
#include "state/desired.h"

namespace footlight::compose {

// A source as the programme sees it: what is wished of it, and its feed (null: no session, or the test picture).
struct StageInput {
  state::ComposeInput wish;
  std::shared_ptr<Feed> feed;
};

// The feeds of all sources, found by SSRC. apply() may come from any thread, packets from the pipe thread: one lock,
// held while a packet is worked on. A feed lives as long as its session stands in desired state; the programme keeps
// its own references. Packets of unknown SSRCs are counted drops.
class Feeds {
 public:
  explicit Feeds(const Clock& clock) : clock_(clock) {}
  [[nodiscard]] std::vector<StageInput> apply(const std::vector<state::ComposeInput>& inputs);
  void on_rtp(const rtp::PacketView& packet, Timestamp now);
  void on_sender_report(const rtp::rtcp::SenderReport& report, Timestamp now);
  void on_timer(Timestamp now, std::vector<FeedbackWish>& wishes);
  [[nodiscard]] uint64_t strays() const;

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Feed>, std::less<>> by_session_;
  std::map<rtp::Ssrc, Feed*> by_ssrc_;
  uint64_t strays_ = 0;
};

}  // namespace footlight::compose
