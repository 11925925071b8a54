// rooms: rtp
#include "base/check.h"
#include "rtp/demux.h"
#include "rtp/frame_layers.h"
#include "rtp/header_extensions.h"
#include "rtp/rtx.h"

// One datagram as RTP: every field, both extension forms, retransmission there and back.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace footlight;
  using namespace footlight::rtp;
  ByteView bytes(data, size);
  (void)kind_of_datagram(bytes);
  auto packet = PacketView::parse(bytes);
  if (!packet) return 0;
  CHECK(packet->header_size() + packet->payload().size() + packet->padding_size() == size);
  for (size_t i = 0; i < packet->csrc_count(); ++i) (void)packet->csrc(i);
  ExtensionMap map;
  for (size_t i = 0; i < kExtensionTypeCount; ++i) map.set(static_cast<ExtensionType>(i), static_cast<uint8_t>(i + 1));
  Extensions e = read_extensions(*packet, map);
  CHECK(e.mid.size() <= size && e.rid.size() <= size);
  FrameLayers layers;
  (void)layers.read(packet->payload());  // a structure
  (void)layers.read(e.dependency_descriptor);

  static uint8_t wrapped[1 << 16];
  static uint8_t back[1 << 16];
  size_t n = wrap_rtx(wrapped, *packet, Ssrc(1), PayloadType(97), SeqNum(2));
  if (n == 0 || packet->payload().empty()) return 0;
  auto rtx = PacketView::parse(ByteView(wrapped).first(n));
  CHECK(rtx);
  size_t m = unwrap_rtx(back, *rtx, packet->ssrc(), packet->payload_type());
  auto original = PacketView::parse(ByteView(back).first(m));
  CHECK(original && original->seq() == packet->seq() && original->time() == packet->time());
  CHECK(original->payload().size() == packet->payload().size() && original->marker() == packet->marker());
  return 0;
}
