#include "rtmp/chunk_reader.h"

#include <algorithm>

#include "base/check.h"

namespace footlight::rtmp {
namespace {

constexpr uint32_t kExtended = 0xffffff;        // RTMP §5.3.1.3: the timestamp field that says "see behind"
constexpr uint32_t kMaxChunkSize = 0x7fffffff;  // RTMP §5.4.1: the first bit is zero
constexpr std::array<size_t, 4> kHeaderSizes = {11, 7, 3, 0};  // message headers of type 0 to 3 (RTMP §5.3.1.2)
constexpr size_t kExtendedSize = 4;

// Basic header (RTMP §5.3.1.1): two bits of type, six of chunk stream id; ids 0 and 1 say "one (two) bytes more".
size_t basic_size(uint8_t first) {
  uint8_t id = first & 0x3f;
  return id == 0 ? 2 : id == 1 ? 3 : 1;
}

}  // namespace

std::string_view name_of(ChunkError error) {
  switch (error) {
    case ChunkError::kBadChunkSize:
      return "a chunk size of zero, or above 2^31";
    case ChunkError::kMessageTooLarge:
      return "a message that is too long";
    case ChunkError::kTooManyStreams:
      return "more than 16 chunk streams";
    case ChunkError::kTooMuchUnfinished:
      return "more than 4 MiB of unfinished messages";
    case ChunkError::kNoHeader:
      return "a chunk stream that begins without a full header";
    case ChunkError::kInterrupted:
      return "a message inside another of its chunk stream";
  }
  return "";
}

// How many bytes the header needs that header_ begins; grows as its first bytes tell more.
size_t ChunkReader::header_size() const {
  if (header_have_ == 0) return 1;
  size_t basic = basic_size(header_[0]);
  if (header_have_ < basic) return basic;
  auto format = static_cast<size_t>(header_[0] >> 6);
  size_t size = basic + kHeaderSizes[format];
  if (header_have_ < size) return size;
  if (format == 3) {
    // Whether the field is repeated shows only from its value: open_chunk() looks.
    auto known = streams_.find(stream_id_of_header());
    return known != streams_.end() && known->second.extended ? size + kExtendedSize : size;
  }
  bool extended = header_[basic] == 0xff && header_[basic + 1] == 0xff && header_[basic + 2] == 0xff;
  return extended ? size + kExtendedSize : size;
}

uint32_t ChunkReader::stream_id_of_header() const {
  switch (basic_size(header_[0])) {
    case 2:
      return 64 + uint32_t{header_[1]};
    case 3:
      return 64 + uint32_t{header_[1]} + uint32_t{header_[2]} * 256;
    default:
      return header_[0] & 0x3f;
  }
}

Result<std::optional<Message>, ChunkError> ChunkReader::read(ByteView& bytes) {
  forget_finished();
  while (!bytes.empty() || replay_at_ < replay_have_) {
    if (current_) {
      take_payload(bytes);
      if (current_->payload.size() == current_->length) {
        auto message = finish(*current_);
        if (!message || *message) return message;
      } else if (chunk_left_ == 0) {
        current_ = nullptr;
      }
      continue;
    }
    header_[header_have_++] = next_byte(bytes);
    if (header_have_ < header_size()) continue;
    if (auto opened = open_chunk(); !opened) return unexpected(opened.error());
    header_have_ = 0;
    if (current_->length == 0) {
      auto message = finish(*current_);
      if (!message || *message) return message;
    }
  }
  return std::nullopt;
}

uint8_t ChunkReader::next_byte(ByteView& bytes) {
  if (replay_at_ < replay_have_) return replay_[replay_at_++];
  uint8_t byte = bytes[0];
  bytes = bytes.subspan(1);
  return byte;
}

Result<void, ChunkError> ChunkReader::open_chunk() {
  uint32_t id = stream_id_of_header();
  if (streams_.size() >= kMaxStreams && !streams_.contains(id)) return unexpected(ChunkError::kTooManyStreams);
  Stream& stream = streams_[id];
  int format = header_[0] >> 6;
  ByteReader reader(ByteView(header_).subspan(basic_size(header_[0]), header_have_ - basic_size(header_[0])));
  if (format != 3) {
    if (stream.open) return unexpected(ChunkError::kInterrupted);
    if (auto read = read_message_header(stream, format, reader); !read) return read;
  } else {
    if (!stream.known) return unexpected(ChunkError::kNoHeader);
    // Some encoders repeat the extended timestamp in headers of type 3, as RTMP §5.3.1.3 says; old ones do not.
    uint32_t repeated = 0;
    if (stream.extended && reader.read_u32(repeated) && repeated != stream.timestamp_field) {
      std::copy_n(header_.begin() + static_cast<ptrdiff_t>(header_have_ - kExtendedSize), kExtendedSize,
                  replay_.begin());
      replay_at_ = 0;
      replay_have_ = kExtendedSize;
    }
    if (!stream.open) stream.timestamp += stream.timestamp_field;  // a new message like the last (RTMP §5.3.1.2.4)
  }
  if (!stream.open) {
    stream.open = true;
    unfinished_ += stream.length;
    if (unfinished_ > kMaxUnfinished) return unexpected(ChunkError::kTooMuchUnfinished);
  }
  current_ = &stream;
  chunk_left_ = std::min(chunk_size_, stream.length - stream.payload.size());
  return {};
}

// RTMP §5.3.1.2: timestamp or its delta (3), length (3), type (1), message stream id (4, little-endian). The header is
// whole when this is called.
Result<void, ChunkError> ChunkReader::read_message_header(Stream& stream, int format, ByteReader& reader) {
  // librtmp opens a chunk stream with type 1: all that is missing is the message stream id.
  if (format == 2 && !stream.known) return unexpected(ChunkError::kNoHeader);
  uint32_t field = 0;
  bool whole = reader.read_u24(field);
  if (format <= 1) {
    uint8_t type = 0;
    whole = whole && reader.read_u24(stream.length) && reader.read_u8(type);
    stream.type = static_cast<MessageType>(type);
    if (stream.length > max_message_) return unexpected(ChunkError::kMessageTooLarge);
  }
  if (format == 0) {
    ByteView id;
    whole = whole && reader.read_bytes(4, id);
    if (whole)
      stream.stream_id = uint32_t{id[0]} | uint32_t{id[1]} << 8 | uint32_t{id[2]} << 16 | uint32_t{id[3]} << 24;
  }
  stream.extended = field == kExtended;
  if (stream.extended) whole = whole && reader.read_u32(field);
  CHECK(whole);
  stream.known = true;
  stream.timestamp_field = field;
  stream.timestamp = format == 0 ? field : stream.timestamp + field;
  return {};
}

void ChunkReader::take_payload(ByteView& bytes) {
  while (chunk_left_ > 0 && replay_at_ < replay_have_) {
    current_->payload.push_back(next_byte(bytes));
    --chunk_left_;
  }
  size_t n = std::min(chunk_left_, bytes.size());
  current_->payload.insert(current_->payload.end(), bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(n));
  bytes = bytes.subspan(n);
  chunk_left_ -= n;
}

// The message is whole. nullopt: it was for this reader.
Result<std::optional<Message>, ChunkError> ChunkReader::finish(Stream& stream) {
  current_ = nullptr;
  finished_ = &stream;
  Message message{stream.type, stream.timestamp, stream.stream_id, stream.payload};
  if (message.type != MessageType::kSetChunkSize && message.type != MessageType::kAbort) return message;
  auto obeyed = obey(message);
  forget_finished();
  if (!obeyed) return unexpected(obeyed.error());
  return std::nullopt;
}

void ChunkReader::forget_finished() {
  if (finished_) drop(*finished_);
  finished_ = nullptr;
}

Result<void, ChunkError> ChunkReader::obey(const Message& message) {
  ByteReader reader(message.payload);
  uint32_t value = 0;
  if (!reader.read_u32(value)) return {};  // too short to say anything
  if (message.type == MessageType::kAbort) {
    auto aborted = streams_.find(value);
    if (aborted != streams_.end() && aborted->second.open && &aborted->second != finished_) drop(aborted->second);
    return {};
  }
  if (value == 0 || value > kMaxChunkSize) return unexpected(ChunkError::kBadChunkSize);
  chunk_size_ = value;
  return {};
}

void ChunkReader::drop(Stream& stream) {
  unfinished_ -= stream.length;
  if (stream.payload.capacity() > kKept) stream.payload = {};
  stream.payload.clear();
  stream.open = false;
}

}  // namespace footlight::rtmp
