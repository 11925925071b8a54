#pragma once
// For tests: the server's side of a connection, which keeps what it was told.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/text_codec.h"
#include "rtmp/server_session.h"
#include "rtmp/testing_publisher.h"

namespace footlight::rtmp {

// The session and what it told.
struct TestServer {
  Timestamp now = Timestamp::millis(1000);
  ServerSession session{now};
  std::string key, encoder;
  std::vector<VideoFrame> pictures;  // data is not kept
  std::vector<AudioFrame> sounds;
  int video_configs = 0, audio_configs = 0, encoders = 0;
  codec::AudioSpecificConfig audio;
  std::string first_picture, last_key;
  int ends = 0;  // of streams
  std::optional<Closed> closed;
  bool accepts = true;
  CloseReason refusal = CloseReason::kRefused;

  void take(Event& event) {
    if (auto* e = std::get_if<PublishRequest>(&event)) {
      key = e->key.reveal();
      if (accepts)
        session.accept(now);
      else
        session.refuse(refusal, "This stream key is not valid now.");
    }
    if (auto* e = std::get_if<Encoder>(&event)) {
      encoder = e->name;
      ++encoders;
    }
    if (std::holds_alternative<VideoConfig>(event)) ++video_configs;
    if (auto* e = std::get_if<AudioConfig>(&event)) {
      ++audio_configs;
      audio = e->config;
    }
    if (auto* e = std::get_if<VideoFrame>(&event)) {
      if (pictures.empty()) first_picture = to_hex(e->data);
      if (e->key) last_key = to_hex(e->data);
      pictures.push_back(*e);
    }
    if (auto* e = std::get_if<AudioFrame>(&event)) sounds.push_back(*e);
    if (std::holds_alternative<Unpublished>(event)) ++ends;
    if (auto* e = std::get_if<Closed>(&event)) closed = *e;
  }
  void feed(ByteView bytes, size_t step = 1000) {
    while (!bytes.empty()) {
      ByteView piece = bytes.first(std::min(step, bytes.size()));
      bytes = bytes.subspan(piece.size());
      while (auto event = session.read(piece, now)) take(*event);
    }
    ByteView none;
    while (auto event = session.read(none, now)) take(*event);
  }
  void feed(const TestPublisher& publisher) { feed(publisher.bytes.view()); }
  // The readable part of what the peer hears.
  [[nodiscard]] std::string said() const {
    std::string text(as_text(session.output()));
    std::erase_if(text, [](char c) { return c < ' ' || c > '~'; });
    return text.substr(text.size() - std::min<size_t>(text.size(), 400));
  }
};

inline TestPublisher publishing() {
  TestPublisher p;
  p.handshake().connect().call("createStream", 4).publish("key").configurations();
  return p;
}

}  // namespace footlight::rtmp
