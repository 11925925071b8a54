#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "rtmp/message.h"

namespace footlight::rtmp {

enum class ChunkError : uint8_t {
  kBadChunkSize,       // 0, or 2^31 and more
  kMessageTooLarge,    // longer than the present bound
  kTooManyStreams,     // more chunk streams than the bound
  kTooMuchUnfinished,  // messages begun on several chunk streams hold more than the bound
  kNoHeader,           // a compressed header on a chunk stream that has had no full one
  kInterrupted,        // a new message header inside an unfinished message of its own chunk stream
};
[[nodiscard]] std::string_view name_of(ChunkError error);

// Joins chunks to messages (RTMP §5.3): interleaved chunk streams, all four header types, extended timestamps. Set
// Chunk Size and Abort are obeyed here and not given out. Owned by a ServerSession; one thread. After an error it is
// of no more use. Memory: the bounds below and no more, kept for the next message.
class ChunkReader {
 public:
  // An IDR of a 50 Mbit/s stream is about 1 MiB; the join cache takes no frame above 4 MiB (DESIGN §2).
  static constexpr size_t kMaxMessage = 4 << 20;
  static constexpr size_t kMaxUnfinished = kMaxMessage + (64 << 10);
  static constexpr size_t kMaxStreams = 16;  // ffmpeg, OBS and Flash encoders use 3 to 6

  static constexpr size_t kDefaultChunkSize = 128;  // RTMP §5.4.1
  // Commands: until publish is accepted nobody has shown a key.
  static constexpr size_t kMaxCommand = 16 << 10;

  // The bound of a message from the next header on: kMaxCommand at first.
  void set_max_message(size_t bytes) { max_message_ = bytes; }
  // Takes bytes off the front of `bytes` until a message is whole (or none are left: nullopt).
  [[nodiscard]] Result<std::optional<Message>, ChunkError> read(ByteView& bytes);
  // Messages begun and not yet whole, in bytes.
  [[nodiscard]] size_t unfinished() const { return unfinished_; }

 private:
  static constexpr size_t kKept = 1 << 20;          // a stream's memory above this is given back after its message
  static constexpr size_t kMaxHeader = 3 + 11 + 4;  // basic, message, extended timestamp (RTMP §5.3.1)

  struct Stream {
    bool known = false;            // has had a header of type 0 (or 1)
    bool extended = false;         // its last header had an extended timestamp
    uint32_t timestamp_field = 0;  // as last sent: absolute after type 0, else a delta
    uint32_t timestamp = 0;
    uint32_t length = 0;
    MessageType type{};
    uint32_t stream_id = 0;
    std::vector<uint8_t> payload;  // what has come of the present message
    bool open = false;             // a message has begun and is not whole
  };

  [[nodiscard]] size_t header_size() const;
  [[nodiscard]] uint32_t stream_id_of_header() const;
  [[nodiscard]] uint8_t next_byte(ByteView& bytes);
  [[nodiscard]] Result<void, ChunkError> open_chunk();
  [[nodiscard]] Result<void, ChunkError> read_message_header(Stream& stream, int format, ByteReader& reader);
  void take_payload(ByteView& bytes);
  [[nodiscard]] Result<std::optional<Message>, ChunkError> finish(Stream& stream);
  void forget_finished();
  [[nodiscard]] Result<void, ChunkError> obey(const Message& message);
  void drop(Stream& stream);

  std::map<uint32_t, Stream> streams_;  // by chunk stream id
  std::array<uint8_t, kMaxHeader> header_{};
  size_t header_have_ = 0;
  // Four bytes read as a repeated extended timestamp that were none: they come before all that follows.
  std::array<uint8_t, 4> replay_{};
  size_t replay_at_ = 0;
  size_t replay_have_ = 0;
  Stream* current_ = nullptr;   // whose chunk's payload is being read; nullptr: a header is
  Stream* finished_ = nullptr;  // whose message was given out last
  size_t chunk_left_ = 0;
  size_t chunk_size_ = kDefaultChunkSize;
  size_t unfinished_ = 0;
  size_t max_message_ = kMaxCommand;
};

}  // namespace footlight::rtmp
