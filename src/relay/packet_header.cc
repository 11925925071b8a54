#include "relay/packet_header.h"

#include <algorithm>
#include <cstring>

#include "rtp/packet_view.h"

namespace footlight::relay {
namespace {

using rtp::ExtensionType;

// Where the data of an element lie in a block of the one-byte form (RFC 8285 §4.2); 0: not there.
uint8_t offset_of(const rtp::PacketView& packet, uint8_t id) {
  auto data = packet.extension(id);
  return data ? static_cast<uint8_t>(data->data() - packet.bytes().data() - rtp::kFixedHeaderSize) : uint8_t{0};
}

}  // namespace

PacketHeader::PacketHeader(const rtp::ExtensionMap& map, std::string_view mid, bool still) : map_(map) {
  if (still) {
    map_.set(ExtensionType::kAbsSendTime, 0);
    map_.set(ExtensionType::kTransportSequence, 0);
  }
  // Half a name would be another section's: none at all leaves the receiver to the SSRC of the answer.
  mid_size_ = static_cast<uint8_t>(mid.size() <= mid_.size() ? mid.size() : 0);
  std::copy_n(mid.begin(), mid_size_, mid_.begin());
  std::array<uint8_t, rtp::kFixedHeaderSize + kRoom> header{};
  const size_t size = write_all(header, {}, {}, {});
  const auto packet = rtp::PacketView::parse(ByteView(header).first(size));
  if (!packet) return;
  size_ = static_cast<uint8_t>(size - rtp::kFixedHeaderSize);
  std::copy_n(header.begin() + rtp::kFixedHeaderSize, size_, extensions_.begin());
  if (map_.has(ExtensionType::kAbsSendTime))
    send_time_at_ = offset_of(*packet, map_.id_of(ExtensionType::kAbsSendTime));
  if (map_.has(ExtensionType::kTransportSequence))
    transport_seq_at_ = offset_of(*packet, map_.id_of(ExtensionType::kTransportSequence));
}

bool PacketHeader::carries(const StoredPacket& packet) const {
  const CarriedExtensions& e = packet.extensions;
  return (e.audio_level && map_.has(ExtensionType::kAudioLevel)) ||
         (e.orientation && map_.has(ExtensionType::kVideoOrientation)) ||
         (e.captured && map_.has(ExtensionType::kAbsCaptureTime)) ||
         (e.playout_delay && map_.has(ExtensionType::kPlayoutDelay)) ||
         (!packet.descriptor.empty() && map_.has(ExtensionType::kDependencyDescriptor));
}

size_t PacketHeader::write(MutableByteView out, const rtp::Header& header, const StoredPacket* carried,
                           const Sending& sending) const {
  if (carried && carries(*carried)) return write_all(out, header, *carried, sending);
  const size_t size = rtp::HeaderWriter(out, header).finish();
  if (size == 0 || size_ == 0) return size;
  if (out.size() < size + size_) return 0;
  out[0] |= 0x10;  // X: an extension block follows (RFC 3550 §5.1)
  MutableByteView block = out.subspan(size, size_);
  std::memcpy(block.data(), extensions_.data(), size_);
  if (send_time_at_ > 0) ByteWriter(block.subspan(send_time_at_)).u24(rtp::abs_send_time_from(sending.now));
  if (transport_seq_at_ > 0) ByteWriter(block.subspan(transport_seq_at_)).u16(sending.transport_seq.value());
  return size + size_;
}

size_t PacketHeader::write_all(MutableByteView out, const rtp::Header& header, const StoredPacket& carried,
                               const Sending& sending) const {
  const bool two_byte = rtp::needs_two_byte(map_, carried.descriptor);
  rtp::HeaderWriter writer(out, header, two_byte ? rtp::ExtensionForm::kTwoByte : rtp::ExtensionForm::kOneByte);
  rtp::write_mid(writer, map_, {mid_.data(), mid_size_});
  rtp::write_abs_send_time(writer, map_, sending.now);
  rtp::write_transport_sequence(writer, map_, sending.transport_seq);
  const CarriedExtensions& e = carried.extensions;
  if (e.audio_level) rtp::write_audio_level(writer, map_, *e.audio_level);
  if (e.orientation) rtp::write_video_orientation(writer, map_, *e.orientation);
  if (e.captured) rtp::write_abs_capture_time(writer, map_, *e.captured);
  if (e.playout_delay) rtp::write_playout_delay(writer, map_, *e.playout_delay);
  if (!carried.descriptor.empty()) rtp::write_dependency_descriptor(writer, map_, carried.descriptor);
  return writer.finish();
}

}  // namespace footlight::relay
