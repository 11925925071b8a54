// rooms: rtp
#include <vector>

#include "base/check.h"
#include "rtp/rtcp/bye.h"
#include "rtp/rtcp/fir.h"
#include "rtp/rtcp/layer_wish.h"
#include "rtp/rtcp/nack.h"
#include "rtp/rtcp/pli.h"
#include "rtp/rtcp/receiver_report.h"
#include "rtp/rtcp/sdes.h"
#include "rtp/rtcp/sender_report.h"
#include "rtp/rtcp/transport_feedback.h"

namespace {

using namespace footlight;
using namespace footlight::rtp::rtcp;

void read_reports(const ReportBlocks& blocks) {
  for (size_t i = 0; i < blocks.size(); ++i) (void)blocks.at(i);
}

void read_block(const Block& block) {
  if (auto m = SenderReport::parse(block)) read_reports(m->reports);
  if (auto m = ReceiverReport::parse(block)) read_reports(m->reports);
  if (auto m = Sdes::parse(block)) {
    size_t chunks = 0;
    for (SdesChunk chunk; m->next(chunk);) ++chunks;
    CHECK(chunks == block.count);
  }
  if (auto m = Bye::parse(block))
    for (size_t i = 0; i < m->size(); ++i) (void)m->at(i);
  if (auto m = Nack::parse(block)) {
    size_t named = 0;
    m->for_each([&](rtp::SeqNum) { ++named; });
    CHECK(named <= block.body.size() / 4 * 17);
  }
  (void)Pli::parse(block);
  (void)LayerWish::parse(block);
  if (auto m = Fir::parse(block))
    for (size_t i = 0; i < m->size(); ++i) (void)m->at(i);
  if (auto m = TransportFeedback::parse(block)) {
    size_t packets = 0;
    auto reader = m->packets();
    for (TransportFeedback::Packet p; reader.next(p);) ++packets;
    CHECK(packets == m->packet_count());
  }
}

}  // namespace

// One datagram as RTCP: every message of the compound, and what a checked parser promises of it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto compound = CompoundReader::parse({data, size});
  if (!compound) return 0;
  for (Block block; compound->next(block);) read_block(block);
  return 0;
}
