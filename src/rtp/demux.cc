#include "rtp/demux.h"

namespace footlight::rtp {

DatagramKind kind_of_datagram(ByteView datagram) {
  if (datagram.size() < 2) return DatagramKind::kUnknown;
  uint8_t first = datagram[0];
  if (first <= 3) return DatagramKind::kStun;
  if (first >= 20 && first <= 63) return DatagramKind::kDtls;
  if (first < 128 || first > 191) return DatagramKind::kUnknown;
  // RFC 5761 §4: RTCP types 192..223 are RTP payload types 64..95 with the marker set, which WebRTC leaves unused.
  return datagram[1] >= 192 && datagram[1] <= 223 ? DatagramKind::kRtcp : DatagramKind::kRtp;
}

}  // namespace footlight::rtp
