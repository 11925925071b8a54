#pragma once
// For tests and fuzz programs: the publisher's side of RTMP, as bytes.
#include <string_view>
#include <vector>

#include "base/text_codec.h"
#include "rtmp/amf0.h"
#include "rtmp/chunk_writer.h"
#include "rtmp/handshake.h"

namespace footlight::rtmp {

struct TestPublisher {
  ByteBuffer bytes;
  size_t chunk_size = 128;

  TestPublisher& handshake() {
    bytes.u8(Handshake::kVersion);
    bytes.zeros(2 * Handshake::kPacketSize);
    return *this;
  }
  TestPublisher& message(MessageType type, ByteView payload, uint32_t timestamp = 0, uint8_t chunk_stream = 4) {
    write_message(bytes, chunk_stream, {type, timestamp, 1, payload}, chunk_size);
    return *this;
  }
  TestPublisher& command(ByteBuffer& body) { return message(MessageType::kAmf0Command, body.view(), 0, 3); }
  TestPublisher& connect(std::string_view app = "live") {
    ByteBuffer body;
    Amf0Writer w(body);
    w.string("connect");
    w.number(1);
    w.begin_object();
    w.name("type");
    w.string("nonprivate");
    w.name("app");
    w.string(app);
    w.end_object();
    return command(body);
  }
  TestPublisher& call(std::string_view name, double transaction) {
    ByteBuffer body;
    Amf0Writer w(body);
    w.string(name);
    w.number(transaction);
    w.null();
    return command(body);
  }
  TestPublisher& publish(std::string_view key, std::string_view type = "live") {
    ByteBuffer body;
    Amf0Writer w(body);
    w.string("publish");
    w.number(5);
    w.null();
    w.string(key);
    w.string(type);
    return command(body);
  }
  // SPS and PPS of 64x48 at High; AAC-LC at 48 kHz stereo.
  TestPublisher& configurations() {
    auto video = *from_hex("17000000000164000affe1000467640aff01000468ee3cb0");
    auto audio = *from_hex("af001190");
    return message(MessageType::kVideo, video).message(MessageType::kAudio, audio, 0, 6);
  }
  TestPublisher& picture(bool key, uint32_t timestamp, int32_t composition_ms = 0) {
    ByteBuffer tag;
    tag.u8(key ? 0x17 : 0x27);
    tag.u8(1);
    tag.u24(static_cast<uint32_t>(composition_ms));
    tag.u32(3);
    tag.u8(key ? 0x65 : 0x41);
    tag.u16(0x8840);
    return message(MessageType::kVideo, tag.view(), timestamp);
  }
  TestPublisher& sound(uint32_t timestamp) {
    auto tag = *from_hex("af01211049");
    return message(MessageType::kAudio, tag, timestamp, 6);
  }
};

}  // namespace footlight::rtmp
