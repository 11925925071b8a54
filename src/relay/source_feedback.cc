#include "relay/source_feedback.h"

#include "rtp/rtcp/nack.h"
#include "rtp/rtcp/pli.h"
#include "rtp/rtcp/receiver_report.h"

namespace footlight::relay {
namespace {
constexpr Duration kReportInterval = Duration::seconds(1);  // what libwebrtc's video receivers keep to
constexpr size_t kNacksAtOnce = 128;                        // per producer and compound: at most 512 bytes
}  // namespace

void SourceFeedback::tick(Publication& publication, RtpTransport& transport, Counters& counters, Timestamp now) {
  if (!transport.writable()) return;
  std::array<rtp::rtcp::ReportBlock, 8> blocks;
  size_t block_count = 0;
  bool report_due = now >= next_report_;
  if (report_due) {
    next_report_ = now + kReportInterval;
    for (auto& track : publication.tracks)
      for (auto& layer : track.layers)
        if (block_count < blocks.size())
          if (auto block = layer.producer->take_report(now)) blocks[block_count++] = *block;
  }
  // RFC 4585 §3.1: a compound begins with a report, an empty one where none is due.
  ByteWriter writer(buffer_);
  rtp::rtcp::ReceiverReport{.sender = sender_}.write(writer, std::span(blocks).first(block_count));
  bool wanted = block_count > 0;
  for (auto& track : publication.tracks)
    for (auto& layer : track.layers) wanted = write_producer(*layer.producer, writer, now) || wanted;
  if (wanted && writer.ok()) transport.send_rtcp(writer.written());
  send_arrivals(publication, transport, counters, now);
}

bool SourceFeedback::write_producer(Producer& producer, ByteWriter& writer, Timestamp now) {
  if (!producer.ssrc()) return false;
  std::array<rtp::SeqNum, kNacksAtOnce> lost;
  size_t count = producer.take_nacks(now, lost);
  if (count > 0) rtp::rtcp::write_nack(writer, sender_, *producer.ssrc(), std::span(lost).first(count));
  bool key = producer.take_key_frame_request(now);
  if (key) rtp::rtcp::Pli{sender_, *producer.ssrc()}.write(writer);
  return count > 0 || key;
}

void SourceFeedback::send_arrivals(Publication& publication, RtpTransport& transport, Counters& counters,
                                   Timestamp now) {
  auto due = arrivals_.next_timeout();
  if (!due || now < *due) return;
  rtp::Ssrc media{};
  for (const auto& track : publication.tracks)
    for (const auto& layer : track.layers)
      if (layer.producer->ssrc()) media = *layer.producer->ssrc();
  // A burst may need more than one message.
  while (true) {
    ByteWriter writer(buffer_);
    rtp::rtcp::ReceiverReport{.sender = sender_}.write(writer);
    if (!arrivals_.build_feedback(now, sender_, media, writer)) return;
    transport.send_rtcp(writer.written());
    ++counters.feedback_out;
  }
}

}  // namespace footlight::relay
