#include "relay/link_messages.h"

namespace footlight::relay {
namespace {

using rtp::rtcp::Block;
using rtp::rtcp::BlockType;
using rtp::rtcp::MessageError;

constexpr uint32_t kAnnouncement = 0x464c5941;  // "FLYA"
constexpr uint32_t kWants = 0x464c5957;         // "FLYW"
constexpr uint8_t kNoRed = 255;
constexpr uint8_t kCodecs = static_cast<uint8_t>(media::Codec::kAac) + 1;

bool read_text(ByteReader& r, size_t size, std::string_view& out) {
  ByteView bytes;
  if (!r.read_bytes(size, bytes)) return false;
  out = as_text(bytes);
  return true;
}

bool read_text8(ByteReader& r, std::string_view& out) {
  uint8_t size = 0;
  return r.read_u8(size) && read_text(r, size, out);
}

bool read_text16(ByteReader& r, std::string_view& out) {
  uint16_t size = 0;
  return r.read_u16(size) && read_text(r, size, out);
}

// The SSRC and name that open every application-defined packet.
MessageError open_error(const Block& block, uint32_t wanted, ByteReader& r, rtp::Ssrc& sender, bool& good) {
  uint32_t ssrc = 0;
  uint32_t name = 0;
  good = false;
  if (block.type != BlockType::kApplicationDefined || block.count != 0) return MessageError::kWrongType;
  if (!r.read_u32(ssrc) || !r.read_u32(name)) return MessageError::kTruncated;
  if (name != wanted) return MessageError::kWrongType;
  sender = rtp::Ssrc(ssrc);
  good = true;
  return {};
}

std::optional<MessageError> read_track(ByteReader& r, LinkAnnouncement::Track& track) {
  uint8_t codec = 0;
  uint8_t type = 0;
  uint8_t red = 0;
  uint8_t layers = 0;
  uint32_t pipe_ssrc = 0;
  if (!r.read_u8(codec) || !r.read_u8(type) || !r.read_u8(red) || !r.read_u8(track.channels) ||
      !r.read_u32(track.clock_rate) || !r.read_u32(pipe_ssrc) || !r.read_u8(track.pipe_payload_type) ||
      !read_text16(r, track.fmtp) || !r.read_u8(layers))
    return MessageError::kTruncated;
  if (codec >= kCodecs || type > 127 || (red > 127 && red != kNoRed) || track.clock_rate == 0 ||
      track.pipe_payload_type > 127 || layers == 0 || layers > kMaxLinkLayers)
    return MessageError::kBadValue;
  track.codec = static_cast<media::Codec>(codec);
  track.payload_type = rtp::PayloadType(type);
  if (red != kNoRed) track.red_payload_type = rtp::PayloadType(red);
  track.pipe_ssrc = rtp::Ssrc(pipe_ssrc);
  track.layer_count = layers;
  for (size_t i = 0; i < layers; ++i) {
    uint32_t ssrc = 0;
    if (!read_text8(r, track.layers[i].rid) || !r.read_u32(ssrc)) return MessageError::kTruncated;
    track.layers[i].ssrc = rtp::Ssrc(ssrc);
  }
  return std::nullopt;
}

void write_text8(ByteWriter& w, std::string_view text, bool& fits) {
  fits = fits && text.size() <= 255;
  if (!fits) return;
  w.u8(static_cast<uint8_t>(text.size()));
  w.bytes(as_bytes(text));
}

// The header needs the size beforehand: `body` writes twice, at first to nowhere that is kept.
template <class Body>
bool write_message(ByteWriter& w, rtp::Ssrc sender, uint32_t name, Body&& body) {
  std::array<uint8_t, 1400> scratch;  // what send_rtcp() takes at most
  ByteWriter data(scratch);
  if (!body(data) || !data.ok()) return false;
  data.zeros((4 - data.size() % 4) % 4);
  rtp::rtcp::write_block_header(w, 0, BlockType::kApplicationDefined, 8 + data.size());
  w.u32(sender.value());
  w.u32(name);
  w.bytes(data.written());
  return data.ok() && w.ok();
}

void write_track(ByteWriter& w, const LinkAnnouncement::Track& track, bool& fits) {
  fits = fits && track.fmtp.size() <= 0xffff && track.layer_count <= kMaxLinkLayers;
  if (!fits) return;
  w.u8(static_cast<uint8_t>(track.codec));
  w.u8(track.payload_type.value());
  w.u8(track.red_payload_type ? track.red_payload_type->value() : kNoRed);
  w.u8(track.channels);
  w.u32(track.clock_rate);
  w.u32(track.pipe_ssrc.value());
  w.u8(track.pipe_payload_type);
  w.u16(static_cast<uint16_t>(track.fmtp.size()));
  w.bytes(as_bytes(track.fmtp));
  w.u8(static_cast<uint8_t>(track.layer_count));
  for (size_t i = 0; i < track.layer_count; ++i) {
    write_text8(w, track.layers[i].rid, fits);
    w.u32(track.layers[i].ssrc.value());
  }
}

}  // namespace

Result<LinkAnnouncement, MessageError> LinkAnnouncement::parse(const Block& block) {
  LinkAnnouncement out;
  ByteReader r(block.body);
  bool good = false;
  MessageError error = open_error(block, kAnnouncement, r, out.sender, good);
  if (!good) return unexpected(error);
  uint8_t tracks = 0;
  if (!r.read_u32(out.version) || !read_text8(r, out.stream) || !read_text8(r, out.owner) || !r.read_u8(tracks))
    return unexpected(MessageError::kTruncated);
  if (tracks > kMaxLinkTracks || out.stream.empty()) return unexpected(MessageError::kBadValue);
  out.track_count = tracks;
  for (size_t i = 0; i < tracks; ++i)
    if (auto bad = read_track(r, out.tracks[i])) return unexpected(*bad);
  return out;
}

bool LinkAnnouncement::write(ByteWriter& w) const {
  return write_message(w, sender, kAnnouncement, [&](ByteWriter& data) {
    bool fits = track_count <= kMaxLinkTracks;
    data.u32(version);
    write_text8(data, stream, fits);
    write_text8(data, owner, fits);
    data.u8(static_cast<uint8_t>(track_count));
    for (size_t i = 0; fits && i < track_count; ++i) write_track(data, tracks[i], fits);
    return fits;
  });
}

Result<LinkWants, MessageError> LinkWants::parse(const Block& block) {
  LinkWants out;
  ByteReader r(block.body);
  bool good = false;
  MessageError error = open_error(block, kWants, r, out.sender, good);
  if (!good) return unexpected(error);
  uint8_t count = 0;
  if (!r.read_u8(count)) return unexpected(MessageError::kTruncated);
  if (count > kMaxLinkWants) return unexpected(MessageError::kBadValue);
  out.count = count;
  for (size_t i = 0; i < count; ++i) {
    uint8_t watched = 0;
    if (!r.read_u8(watched) || !read_text8(r, out.entries[i].stream)) return unexpected(MessageError::kTruncated);
    if (watched > 1) return unexpected(MessageError::kBadValue);
    out.entries[i].watched = watched == 1;
  }
  return out;
}

bool LinkWants::write(ByteWriter& w) const {
  return write_message(w, sender, kWants, [&](ByteWriter& data) {
    bool fits = count <= kMaxLinkWants;
    data.u8(static_cast<uint8_t>(count));
    for (size_t i = 0; fits && i < count; ++i) {
      data.u8(entries[i].watched ? 1 : 0);
      write_text8(data, entries[i].stream, fits);
    }
    return fits;
  });
}

}  // namespace footlight::relay
