#pragma once
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "rtmp/event.h"

namespace footlight::relay {

// What an RTMP publisher brings, as a capture keeps it: u8 kind, then
//   1, 2  a configuration of video or audio: the bytes of rtmp::VideoConfig::sps, rtmp::AudioConfig::raw
//   3     a picture: u64 decode, u64 present, in us of its timeline | u8 key | bytes
//   4     sound: u64 time | bytes

// Empty: nothing that a session takes.
[[nodiscard]] std::vector<uint8_t> to_record(const rtmp::Event& event);
// Its views are those of the record. nullopt: it cannot be read.
[[nodiscard]] std::optional<rtmp::Event> event_of(ByteView record);

}  // namespace footlight::relay
