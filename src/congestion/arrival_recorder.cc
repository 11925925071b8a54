#include "congestion/arrival_recorder.h"

#include <algorithm>

namespace footlight::congestion {

using rtp::UnwrappedSeq;

namespace {

// libwebrtc's RemoteEstimatorProxy: a message with IP, UDP and SRTCP, and the share of the incoming rate it may take.
constexpr int64_t kMessageBits = int64_t{68} * 8;
constexpr int64_t kShareOf = 20;

}  // namespace

ArrivalRecorder::ArrivalRecorder(Duration least_interval)
    : least_(least_interval), interval_(least_interval), arrivals_(kWindow, kNotReceived) {}

void ArrivalRecorder::record(rtp::SeqNum wrapped, Timestamp arrival, size_t bytes) {
  bytes_ += static_cast<int64_t>(bytes);
  int64_t seq = unwrapper_.unwrap(wrapped).value();
  if (newest_ < 0) {
    newest_ = report_from_ = seq;
  } else if (seq > newest_) {
    advance_to(seq);
  } else if (newest_ - seq >= kWindow || arrival_of(seq) != kNotReceived) {
    return;
  }
  arrival_of(seq) = arrival;
  report_from_ = std::min(report_from_, seq);
  if (!due_) due_ = arrival + interval_;
}

void ArrivalRecorder::advance_to(int64_t seq) {
  int64_t first_fresh = std::max(newest_ + 1, seq - kWindow + 1);
  for (int64_t s = first_fresh; s <= seq; ++s) arrival_of(s) = kNotReceived;
  newest_ = seq;
  report_from_ = std::max(report_from_, seq - kWindow + 1);
}

void ArrivalRecorder::judge_interval(Timestamp now) {
  if (judged_at_ && bytes_ > 0) {
    int64_t affordable_us = kMessageBits * kShareOf * (now - *judged_at_).us() / (bytes_ * 8);
    interval_ = std::clamp(Duration::micros(affordable_us), least_, kMaxFeedbackInterval);
  }
  judged_at_ = now;
  bytes_ = 0;
}

bool ArrivalRecorder::build_feedback(Timestamp now, rtp::Ssrc sender, rtp::Ssrc media, ByteWriter& out) {
  if (!due_ || now < *due_) return false;
  builder_.begin(sender, media, feedback_number_, UnwrappedSeq(report_from_));
  int64_t seq = report_from_;
  for (; seq <= newest_; ++seq) {
    Timestamp arrival = arrival_of(seq);
    if (arrival == kNotReceived || builder_.add(UnwrappedSeq(seq), arrival)) continue;
    if (!builder_.empty()) break;  // full: the next message goes on here
    // More losses than one message can name lie before this packet: begin at it.
    builder_.begin(sender, media, feedback_number_, UnwrappedSeq(seq));
    (void)builder_.add(UnwrappedSeq(seq), arrival);
  }
  report_from_ = seq;
  if (seq > newest_) {
    due_.reset();
    judge_interval(now);
  }
  if (builder_.empty()) return false;
  ++feedback_number_;
  builder_.write(out);
  return true;
}

}  // namespace footlight::congestion
