#pragma once
#include <cstdint>

#include "base/bytes.h"

// Adobe's RTMP Specification 1.0 is "RTMP" in this folder's comments.
namespace footlight::rtmp {

enum class MessageType : uint8_t {  // RTMP §5.4, §6.2, §7.1
  kSetChunkSize = 1,
  kAbort = 2,
  kAcknowledgement = 3,
  kUserControl = 4,
  kWindowAcknowledgementSize = 5,
  kSetPeerBandwidth = 6,
  kAudio = 8,
  kVideo = 9,
  kAmf3Data = 15,
  kAmf3Command = 17,
  kAmf0Data = 18,
  kAmf0Command = 20,
  kAggregate = 22,
};

// One whole message. The payload lies in the chunk reader and lasts until its next read().
struct Message {
  MessageType type{};
  uint32_t timestamp = 0;  // ms, absolute, wraps at 2^32
  uint32_t stream_id = 0;
  ByteView payload;
};

}  // namespace footlight::rtmp
