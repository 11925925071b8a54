#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"
#include "rtmp/aggregate.h"
#include "rtmp/chunk_reader.h"
#include "rtmp/command.h"
#include "rtmp/event.h"
#include "rtmp/handshake.h"
#include "rtmp/media_reader.h"

namespace footlight::rtmp {

// One RTMP connection from a publisher, from its first byte to its end. Owned by whoever has the socket; one thread.
// In: the peer's bytes, answers to its publish request, time. Out: output() for the peer, and events, the last of which
// is Closed. Nothing a peer sends makes it hold more than ChunkReader's bounds and kMaxOutput.
class ServerSession {
 public:
  // From the connection, or the end of a stream on it, to publish.
  static constexpr Duration kPublishTimeout = Duration::seconds(10);
  static constexpr Duration kMediaTimeout = Duration::seconds(30);
  static constexpr size_t kMaxOutput = 64 << 10;  // answers that wait: a peer that only asks and never reads is cut

  explicit ServerSession(Timestamp now);

  // Takes bytes off the front of `bytes` until something has happened; nullopt: all are taken.
  [[nodiscard]] std::optional<Event> read(ByteView& bytes, Timestamp now);
  void accept(Timestamp now);
  // `reason`: kRefused or kUnavailable. `sentence` is told to the peer; Closed follows from the next read() or tick().
  void refuse(CloseReason reason, std::string_view sentence);
  // Ends from our side (taken over, key rotated): the peer hears `sentence`.
  void end(std::string_view sentence);
  // Time-outs: call it about once a second.
  [[nodiscard]] std::optional<Event> tick(Timestamp now);

  [[nodiscard]] ByteView output() const { return output_.view(); }
  void clear_output();
  // Nothing more is read; the connection may close once output() is sent.
  [[nodiscard]] bool closed() const { return state_ == State::kClosed; }
  [[nodiscard]] bool publishing() const { return state_ == State::kPublishing; }
  // The peer has said that its stream ends: when its connection goes now, nothing has failed.
  [[nodiscard]] bool said_goodbye() const { return said_goodbye_; }
  [[nodiscard]] const MediaCounters& media() const { return media_.counters(); }

 private:
  enum class State : uint8_t { kHandshake, kConnecting, kAsked, kPublishing, kClosed };

  [[nodiscard]] std::optional<Event> on_message(const Message& message, Timestamp now);
  [[nodiscard]] std::optional<Event> read_aggregate(Timestamp now);
  [[nodiscard]] std::optional<Event> on_command(ByteView payload, Timestamp now);
  [[nodiscard]] std::optional<Event> on_connect(const Command& command);
  [[nodiscard]] std::optional<Event> on_publish(const Command& command);
  [[nodiscard]] std::optional<Event> on_unpublish(Timestamp now);
  [[nodiscard]] std::optional<Event> on_data(ByteView payload);
  [[nodiscard]] std::optional<Event> on_media(const Message& message, Timestamp now);
  void on_user_control(ByteView payload);
  void acknowledge(size_t bytes);
  [[nodiscard]] std::optional<Event> close(CloseReason reason, std::string detail);
  [[nodiscard]] std::optional<Event> reject(CloseReason reason, std::string_view code, std::string detail);
  [[nodiscard]] std::optional<Event> take_closing();
  void send(uint8_t chunk_stream, MessageType type, uint32_t stream_id, ByteView payload);
  void send_control(MessageType type, uint32_t value);
  void send_user_control(uint16_t event, uint32_t value);
  void send_command(const ByteBuffer& body);
  void send_status(std::string_view level, std::string_view code, std::string_view sentence);

  State state_ = State::kHandshake;
  Handshake handshake_;
  ChunkReader chunks_;
  MediaReader media_;
  std::optional<Aggregate> aggregate_;  // that is being taken apart: in the chunk reader's memory
  ByteBuffer output_;
  size_t chunk_size_ = ChunkReader::kDefaultChunkSize;  // of what we send
  bool connected_ = false;
  bool encoder_told_ = false;
  bool said_goodbye_ = false;
  uint32_t received_ = 0;  // bytes since the handshake, as acknowledged: wraps (RTMP §5.4.3)
  uint32_t acknowledged_ = 0;
  uint32_t window_ = 0;   // 0: the peer asked for no acknowledgements
  Timestamp idle_since_;  // as long as nothing is published
  Timestamp last_media_{};
  std::optional<Closed> closing_;  // to be told by the next read() or tick()
};

}  // namespace footlight::rtmp
