#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "media/track.h"
#include "rtp/rtcp/compound.h"
#include "rtp/types.h"

namespace footlight::relay {

// What two relays tell each other on a link beside media: application-defined RTCP packets (RFC 3550 §6.7), repeated
// as long as they hold. Views into the packet, or into what is to be written.

inline constexpr size_t kMaxLinkTracks = 2;
inline constexpr size_t kMaxLinkLayers = 3;
inline constexpr size_t kMaxLinkWants = 32;  // in one message

// "FLYA": a stream that the sender offers, as it is published there now. Layout of the data, padded to 32 bits:
//   u32 version | text8 stream | text8 owner | u8 tracks, each:
//     u8 codec | u8 payload type | u8 RED payload type or 255 | u8 channels | u32 clock rate | u32 pipe SSRC |
//     u8 pipe payload type | text16 fmtp | u8 layers, each: text8 rid | u32 SSRC on this link
struct LinkAnnouncement {
  struct Layer {
    std::string_view rid;
    rtp::Ssrc ssrc{};
  };
  struct Track {
    media::Codec codec{};
    rtp::PayloadType payload_type{};
    std::optional<rtp::PayloadType> red_payload_type;
    uint8_t channels = 0;
    uint32_t clock_rate = 0;
    rtp::Ssrc pipe_ssrc{};
    uint8_t pipe_payload_type = 0;
    std::string_view fmtp;
    size_t layer_count = 0;
    std::array<Layer, kMaxLinkLayers> layers;
  };
  rtp::Ssrc sender{};
  uint32_t version = 0;  // another one: another publication
  std::string_view stream;
  std::string_view owner;
  size_t track_count = 0;  // 0: nobody publishes it
  std::array<Track, kMaxLinkTracks> tracks;

  [[nodiscard]] static Result<LinkAnnouncement, rtp::rtcp::MessageError> parse(const rtp::rtcp::Block& block);
  // False when it does not fit.
  [[nodiscard]] bool write(ByteWriter& w) const;
};

// "FLYW": streams that the sender would take, and whether somebody at its side watches them now. One that is not named
// is in another message. Layout of the data: u8 count, each: u8 1 or 0 | text8 stream
struct LinkWants {
  struct Entry {
    std::string_view stream;
    bool watched = false;
  };
  rtp::Ssrc sender{};
  size_t count = 0;
  std::array<Entry, kMaxLinkWants> entries;

  [[nodiscard]] static Result<LinkWants, rtp::rtcp::MessageError> parse(const rtp::rtcp::Block& block);
  [[nodiscard]] bool write(ByteWriter& w) const;
};

}  // namespace footlight::relay
