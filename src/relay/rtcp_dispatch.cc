#include "relay/rtcp_dispatch.h"

#include "rtp/rtcp/compound.h"
#include "rtp/rtcp/fir.h"
#include "rtp/rtcp/layer_wish.h"
#include "rtp/rtcp/nack.h"
#include "rtp/rtcp/pli.h"
#include "rtp/rtcp/receiver_report.h"
#include "rtp/rtcp/sender_report.h"
#include "rtp/rtcp/transport_feedback.h"

namespace footlight::relay {
namespace {

using Consumers = std::span<const std::unique_ptr<Consumer>>;

Consumer* consumer_of(Consumers consumers, rtp::Ssrc ssrc) {
  for (const auto& consumer : consumers)
    if (consumer->parameters().ssrc == ssrc) return consumer.get();
  return nullptr;
}

void on_reports(const rtp::rtcp::ReportBlocks& blocks, Consumers consumers, Timestamp now) {
  for (size_t i = 0; i < blocks.size(); ++i) {
    auto block = blocks.at(i);
    if (Consumer* consumer = consumer_of(consumers, block.source)) consumer->on_report(block, now);
  }
}

void on_sender_report(const rtp::rtcp::Block& block, Publication* publication, Consumers consumers, Timestamp now) {
  auto report = rtp::rtcp::SenderReport::parse(block);
  if (!report) return;
  on_reports(report->reports, consumers, now);
  if (!publication) return;
  for (auto& track : publication->tracks)
    for (auto& layer : track.layers)
      if (layer.producer->ssrc() == report->sender) layer.producer->on_sender_report(*report, now);
}

void on_payload_feedback(const rtp::rtcp::Block& block, Consumers consumers, Timestamp now) {
  if (block.count == rtp::rtcp::kFmtPli) {
    if (auto pli = rtp::rtcp::Pli::parse(block))
      if (Consumer* consumer = consumer_of(consumers, pli->media)) consumer->on_key_frame_request(now);
  } else if (block.count == rtp::rtcp::kFmtFir) {
    auto fir = rtp::rtcp::Fir::parse(block);
    for (size_t i = 0; fir && i < fir->size(); ++i)
      if (Consumer* consumer = consumer_of(consumers, fir->at(i).media)) consumer->on_key_frame_request(now);
  }
}

void on_transport_feedback(const rtp::rtcp::Block& block, Consumers consumers, Timestamp now, SendPath* path) {
  if (block.count == rtp::rtcp::kFmtNack) {
    if (auto nack = rtp::rtcp::Nack::parse(block))
      if (Consumer* consumer = consumer_of(consumers, nack->media())) consumer->on_nack(*nack, now);
  } else if (block.count == rtp::rtcp::kFmtTransportFeedback && path) {
    if (auto feedback = rtp::rtcp::TransportFeedback::parse(block)) path->on_feedback(*feedback, now);
  }
}

void on_block(const rtp::rtcp::Block& block, Publication* publication, Consumers consumers, Timestamp now,
              SendPath* path) {
  using rtp::rtcp::BlockType;
  switch (block.type) {
    case BlockType::kSenderReport:
      on_sender_report(block, publication, consumers, now);
      break;
    case BlockType::kReceiverReport:
      if (auto report = rtp::rtcp::ReceiverReport::parse(block)) on_reports(report->reports, consumers, now);
      break;
    case BlockType::kTransportLayerFeedback:
      on_transport_feedback(block, consumers, now, path);
      break;
    case BlockType::kPayloadFeedback:
      on_payload_feedback(block, consumers, now);
      break;
    case BlockType::kApplicationDefined:
      if (auto wish = rtp::rtcp::LayerWish::parse(block))
        if (Consumer* consumer = consumer_of(consumers, wish->media)) consumer->on_wish(*wish, now);
      break;
    case BlockType::kSdes:
    case BlockType::kBye:  // the session's end is told by DTLS or consent
      break;
  }
}

}  // namespace

bool dispatch_rtcp(ByteView compound, Publication* publication, Consumers consumers, Timestamp now, SendPath* path) {
  auto reader = rtp::rtcp::CompoundReader::parse(compound);
  if (!reader) return false;
  rtp::rtcp::Block block;
  while (reader->next(block)) on_block(block, publication, consumers, now, path);
  return true;
}

}  // namespace footlight::relay
