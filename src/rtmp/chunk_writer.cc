#include "rtmp/chunk_writer.h"

#include <algorithm>

namespace footlight::rtmp {

void write_message(ByteBuffer& out, uint8_t chunk_stream, const Message& message, size_t chunk_size) {
  constexpr uint8_t kContinued = 3 << 6;
  out.u8(chunk_stream);
  out.u24(message.timestamp);
  out.u24(message.payload.size());
  out.u8(static_cast<uint8_t>(message.type));
  for (int shift = 0; shift < 32; shift += 8) out.u8(message.stream_id >> shift);  // little-endian, alone of all fields
  for (size_t at = 0; at < message.payload.size(); at += chunk_size) {
    if (at > 0) out.u8(kContinued | chunk_stream);
    out.bytes(message.payload.subspan(at, std::min(chunk_size, message.payload.size() - at)));
  }
}

}  // namespace footlight::rtmp
