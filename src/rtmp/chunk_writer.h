#pragma once
#include <cstdint>

#include "base/bytes.h"
#include "rtmp/message.h"

namespace footlight::rtmp {

// Chunk streams that servers answer on.
inline constexpr uint8_t kControlChunkStream = 2;  // RTMP §5.4: protocol control messages
inline constexpr uint8_t kCommandChunkStream = 3;
inline constexpr uint8_t kStatusChunkStream = 5;

// Appends `message` as chunks of `chunk_size` bytes with a full header in front (RTMP §5.3.1.2.1). Timestamps below
// 0xffffff only: our answers carry 0. `chunk_stream` 2..63.
void write_message(ByteBuffer& out, uint8_t chunk_stream, const Message& message, size_t chunk_size);

}  // namespace footlight::rtmp
