#pragma once
#include <array>
#include <string_view>

#include "relay/stored_packet.h"
#include "rtp/packet_writer.h"

namespace footlight::relay {

// RTP headers of one consumer: everything that stays the same is written once, and copied with each packet; what a
// packet carries from its source is added where the receiver agreed on it. Owned by a consumer.
class PacketHeader {
 public:
  // What differs from packet to packet and is the relay's own.
  struct Sending {
    Timestamp now;
    rtp::SeqNum transport_seq;
  };

  // `still`: nothing of Sending is written, so that a packet sent again has the same bytes.
  PacketHeader(const rtp::ExtensionMap& map, std::string_view mid, bool still);

  [[nodiscard]] bool has_transport_seq() const { return transport_seq_at_ > 0; }
  // The header's size; 0 when it does not fit.
  [[nodiscard]] size_t write(MutableByteView out, const rtp::Header& header, const StoredPacket* carried,
                             const Sending& sending) const;

 private:
  [[nodiscard]] bool carries(const StoredPacket& packet) const;
  [[nodiscard]] size_t write_all(MutableByteView out, const rtp::Header& header, const StoredPacket& carried,
                                 const Sending& sending) const;

  static constexpr size_t kRoom = 44;  // a MID of 16, abs-send-time, transport sequence

  rtp::ExtensionMap map_;
  std::array<uint8_t, kRoom> extensions_{};  // the whole block
  uint8_t size_ = 0;
  uint8_t send_time_at_ = 0;  // in the block; 0: none
  uint8_t transport_seq_at_ = 0;
  std::array<char, rtp::kMaxOneByteExtension> mid_{};
  uint8_t mid_size_ = 0;
};

}  // namespace footlight::relay
