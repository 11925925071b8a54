#include "compose/feeds.h"

#include <algorithm>

namespace footlight::compose {
namespace {

// In which order pictures are shown, a receiver finds in them: to be told of it later makes no other feed.
bool same_tracks(const std::vector<state::PipeTrack>& a, const std::vector<state::PipeTrack>& b) {
  return std::ranges::equal(a, b, [](state::PipeTrack x, const state::PipeTrack& y) {
    x.b_frames = y.b_frames;
    return x == y;
  });
}

}  // namespace

std::vector<StageInput> Feeds::apply(const std::vector<state::ComposeInput>& inputs) {
  const std::scoped_lock lock(mutex_);
  std::map<std::string, std::shared_ptr<Feed>, std::less<>> kept;
  std::vector<StageInput> stage;
  by_ssrc_.clear();
  for (const state::ComposeInput& input : inputs) {
    StageInput entry{input, nullptr};
    if (!input.session.empty() && !input.tracks.empty()) {
      auto known = by_session_.find(input.session);
      entry.feed = known != by_session_.end() && same_tracks(known->second->tracks(), input.tracks)
                       ? known->second
                       : std::make_shared<Feed>(input.session, input.tracks, clock_);
      entry.feed->set_wanted(input.on_stage);
      for (const state::PipeTrack& t : input.tracks) by_ssrc_[rtp::Ssrc(t.ssrc)] = entry.feed.get();
      kept[input.session] = entry.feed;
    }
    stage.push_back(std::move(entry));
  }
  by_session_ = std::move(kept);
  return stage;
}

void Feeds::on_rtp(const rtp::PacketView& packet, Timestamp now) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_ssrc_.find(packet.ssrc());
  if (found == by_ssrc_.end()) {
    ++strays_;
    return;
  }
  found->second->on_rtp(packet, now);
}

void Feeds::on_sender_report(const rtp::rtcp::SenderReport& report, Timestamp now) {
  const std::scoped_lock lock(mutex_);
  if (const auto found = by_ssrc_.find(report.sender); found != by_ssrc_.end())
    found->second->on_sender_report(report, now);
}

void Feeds::on_timer(Timestamp now, std::vector<FeedbackWish>& wishes) {
  const std::scoped_lock lock(mutex_);
  for (const auto& [session, feed] : by_session_) feed->on_timer(now, wishes);
}

uint64_t Feeds::strays() const {
  const std::scoped_lock lock(mutex_);
  return strays_;
}

}  // namespace footlight::compose
