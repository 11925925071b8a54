#include "rtmp/server_session.h"

#include <algorithm>

#include "base/check.h"

#include "rtmp/chunk_writer.h"

namespace footlight::rtmp {
namespace {

constexpr std::string_view kApp = "live";
constexpr double kStreamId = 1;          // of the one message stream that createStream gives
constexpr uint32_t kWindow = 2'500'000;  // what Flash Media Server uses; an acknowledgement every few seconds
constexpr uint32_t kChunkSize = 4096;    // of our answers
constexpr size_t kMaxEncoderName = 64;

// Event types of user control messages (RTMP §7.1.7).
constexpr uint16_t kStreamBegin = 0;
constexpr uint16_t kPingRequest = 6;
constexpr uint16_t kPingResponse = 7;

std::string printable(std::string_view text) {
  std::string out(text.substr(0, kMaxEncoderName));
  std::erase_if(out, [](char c) { return c < ' ' || c > '~'; });
  return out;
}

}  // namespace

std::string_view name_of(CloseReason reason) {
  switch (reason) {
    case CloseReason::kBadHandshake:
      return "bad_handshake";
    case CloseReason::kProtocolError:
      return "protocol_error";
    case CloseReason::kTooLarge:
      return "too_large";
    case CloseReason::kUnknownApp:
      return "unknown_app";
    case CloseReason::kRefused:
      return "refused";
    case CloseReason::kUnavailable:
      return "unavailable";
    case CloseReason::kUnsupportedCodec:
      return "unsupported_codec";
    case CloseReason::kUnsupported:
      return "unsupported";
    case CloseReason::kBadMedia:
      return "bad_media";
    case CloseReason::kHandshakeTimeout:
      return "connect_timeout";
    case CloseReason::kMediaTimeout:
      return "media_timeout";
    case CloseReason::kEnded:
      return "ended";
  }
  return "";
}

ServerSession::ServerSession(Timestamp now) : idle_since_(now), last_media_(now) {}

void ServerSession::clear_output() { output_ = {}; }

std::optional<Event> ServerSession::take_closing() {
  if (!closing_) return std::nullopt;
  Closed closed = std::move(*closing_);
  closing_.reset();
  return closed;
}

std::optional<Event> ServerSession::close(CloseReason reason, std::string detail) {
  state_ = State::kClosed;
  return Closed{reason, std::move(detail)};
}

// The peer is told why before the connection goes.
std::optional<Event> ServerSession::reject(CloseReason reason, std::string_view code, std::string detail) {
  send_status("error", code, detail);
  return close(reason, std::move(detail));
}

void ServerSession::send(uint8_t chunk_stream, MessageType type, uint32_t stream_id, ByteView payload) {
  write_message(output_, chunk_stream, {type, 0, stream_id, payload}, chunk_size_);
}

void ServerSession::send_control(MessageType type, uint32_t value) {
  ByteBuffer body;
  body.u32(value);
  if (type == MessageType::kSetPeerBandwidth) body.u8(2);  // RTMP §5.4.5: limit type "dynamic"
  send(kControlChunkStream, type, 0, body.view());
}

void ServerSession::send_user_control(uint16_t event, uint32_t value) {
  ByteBuffer body;
  body.u16(event);
  body.u32(value);
  send(kControlChunkStream, MessageType::kUserControl, 0, body.view());
}

void ServerSession::send_command(const ByteBuffer& body) {
  send(kCommandChunkStream, MessageType::kAmf0Command, 0, body.view());
}

void ServerSession::send_status(std::string_view level, std::string_view code, std::string_view sentence) {
  send(kStatusChunkStream, MessageType::kAmf0Command, static_cast<uint32_t>(kStreamId),
       status(level, code, sentence).view());
}

std::optional<Event> ServerSession::read(ByteView& bytes, Timestamp now) {
  if (state_ == State::kClosed) {
    bytes = {};
    return take_closing();
  }
  if (state_ == State::kHandshake) {
    switch (handshake_.read(bytes, output_)) {
      case Handshake::Progress::kMore:
        return std::nullopt;
      case Handshake::Progress::kBadVersion:
        return close(CloseReason::kBadHandshake, "The first byte is not RTMP version 3.");
      case Handshake::Progress::kDone:
        state_ = State::kConnecting;
    }
  }
  if (auto event = read_aggregate(now)) return event;
  while (!bytes.empty()) {
    size_t before = bytes.size();
    auto message = chunks_.read(bytes);
    acknowledge(before - bytes.size());
    if (!message) {
      bool large = message.error() == ChunkError::kMessageTooLarge || message.error() == ChunkError::kTooManyStreams ||
                   message.error() == ChunkError::kTooMuchUnfinished;
      return close(large ? CloseReason::kTooLarge : CloseReason::kProtocolError,
                   "The peer sent " + std::string(name_of(message.error())) + ".");
    }
    if (!*message) return std::nullopt;
    if (auto event = on_message(**message, now)) return event;
    if (auto event = read_aggregate(now)) return event;
    if (output_.size() > kMaxOutput)
      return close(CloseReason::kTooLarge, "The peer asks and does not read the answers.");
  }
  return std::nullopt;
}

std::optional<Event> ServerSession::read_aggregate(Timestamp now) {
  if (!aggregate_) return std::nullopt;
  Message part;
  while (aggregate_->next(part)) {
    bool sound_or_picture = part.type == MessageType::kAudio || part.type == MessageType::kVideo;
    if (!sound_or_picture && part.type != MessageType::kAmf0Data) continue;
    if (auto event = on_message(part, now)) return event;
  }
  bool broken = aggregate_->broken();
  aggregate_.reset();
  return broken ? close(CloseReason::kBadMedia, "An aggregate message cannot be read.") : std::nullopt;
}

// RTMP §5.4.3: told whenever a window's worth has come.
void ServerSession::acknowledge(size_t bytes) {
  received_ += static_cast<uint32_t>(bytes);
  if (window_ == 0 || received_ - acknowledged_ < window_) return;
  acknowledged_ = received_;
  send_control(MessageType::kAcknowledgement, received_);
}

std::optional<Event> ServerSession::on_message(const Message& message, Timestamp now) {
  ByteReader reader(message.payload);
  switch (message.type) {
    case MessageType::kWindowAcknowledgementSize:
      // Below a packet's size it would ask for an answer to every byte.
      if (uint32_t window = 0; reader.read_u32(window)) window_ = std::max<uint32_t>(window, 64 << 10);
      return std::nullopt;
    case MessageType::kUserControl:
      on_user_control(message.payload);
      return std::nullopt;
    case MessageType::kAmf3Command:  // AMF0 behind one byte of zero, in practice
      if (message.payload.empty() || message.payload[0] != 0)
        return close(CloseReason::kProtocolError, "A command is in AMF3, which Footlight does not read.");
      return on_command(message.payload.subspan(1), now);
    case MessageType::kAmf0Command:
      return on_command(message.payload, now);
    case MessageType::kAmf3Data:
      return message.payload.empty() ? std::nullopt : on_data(message.payload.subspan(1));
    case MessageType::kAmf0Data:
      return on_data(message.payload);
    case MessageType::kAudio:
    case MessageType::kVideo:
      return on_media(message, now);
    case MessageType::kAggregate:
      aggregate_.emplace(message);
      return std::nullopt;
    case MessageType::kSetChunkSize:  // the chunk reader's own
    case MessageType::kAbort:
    case MessageType::kAcknowledgement:
    case MessageType::kSetPeerBandwidth:
      return std::nullopt;
  }
  return std::nullopt;  // shared objects and what was never specified
}

void ServerSession::on_user_control(ByteView payload) {
  ByteReader reader(payload);
  uint16_t event = 0;
  uint32_t value = 0;
  if (reader.read_u16(event) && event == kPingRequest && reader.read_u32(value))
    send_user_control(kPingResponse, value);
}

std::optional<Event> ServerSession::on_command(ByteView payload, Timestamp now) {
  auto command = Command::parse(payload);
  if (!command) return close(CloseReason::kProtocolError, "A command cannot be read.");
  std::string_view name = command->name;
  if (name == "connect") return on_connect(*command);
  if (!connected_) return close(CloseReason::kProtocolError, "A command comes before connect.");
  if (name == "publish") return on_publish(*command);
  if (name == "createStream") {
    send_command(stream_result(command->transaction, kStreamId));
  } else if (name == "releaseStream" || name == "FCPublish" || name == "getStreamLength" || name == "_checkbw") {
    send_command(plain_result(command->transaction));
    if (name == "FCPublish") send_command(notice("onFCPublish", "NetStream.Publish.Start"));
  } else if (name == "FCUnpublish") {
    said_goodbye_ = true;
    send_command(notice("onFCUnpublish", "NetStream.Unpublish.Success"));
  } else if (name == "deleteStream" || name == "closeStream") {
    return on_unpublish(now);
  } else if (name == "play" || name == "play2") {
    return reject(CloseReason::kUnsupported, "NetStream.Play.Failed",
                  "Footlight does not play by RTMP: its programme is LL-HLS and WHEP.");
  }
  return std::nullopt;  // others expect no answer
}

std::optional<Event> ServerSession::on_connect(const Command& command) {
  if (connected_) return close(CloseReason::kProtocolError, "connect comes twice.");
  auto app = app_of(command);
  if (app != kApp) {
    std::string sentence = "There is no such application: publish to rtmp://HOST:PORT/live.";
    send_command(connect_error(command.transaction, "NetConnection.Connect.InvalidApp", sentence));
    return close(CloseReason::kUnknownApp, std::move(sentence));
  }
  connected_ = true;
  send_control(MessageType::kWindowAcknowledgementSize, kWindow);
  send_control(MessageType::kSetPeerBandwidth, kWindow);
  send_control(MessageType::kSetChunkSize, kChunkSize);
  chunk_size_ = kChunkSize;
  send_command(connect_result(command.transaction));
  return std::nullopt;
}

std::optional<Event> ServerSession::on_publish(const Command& command) {
  if (state_ != State::kConnecting) return close(CloseReason::kProtocolError, "publish comes twice.");
  auto name = stream_name_of(command);
  if (!name) return close(CloseReason::kProtocolError, "publish names no stream.");
  state_ = State::kAsked;
  return PublishRequest{Secret(std::string(*name))};
}

// Encoders that stop and start keep their connection.
std::optional<Event> ServerSession::on_unpublish(Timestamp now) {
  said_goodbye_ = true;
  if (state_ != State::kPublishing) return std::nullopt;
  send_status("status", "NetStream.Unpublish.Success", "The stream has ended.");
  state_ = State::kConnecting;
  idle_since_ = now;
  chunks_.set_max_message(ChunkReader::kMaxCommand);
  return Unpublished{};
}

void ServerSession::accept(Timestamp now) {
  CHECK(state_ == State::kAsked);
  state_ = State::kPublishing;
  last_media_ = now;
  media_.restart();
  encoder_told_ = said_goodbye_ = false;
  chunks_.set_max_message(ChunkReader::kMaxMessage);
  send_user_control(kStreamBegin, static_cast<uint32_t>(kStreamId));
  send_status("status", "NetStream.Publish.Start", "Publishing begins.");
}

void ServerSession::refuse(CloseReason reason, std::string_view sentence) {
  CHECK(state_ == State::kAsked);
  // Encoders that show no sentence take BadName for a wrong key.
  send_status("error", reason == CloseReason::kRefused ? "NetStream.Publish.BadName" : "NetStream.Publish.Denied",
              sentence);
  state_ = State::kClosed;
  closing_ = Closed{reason, std::string(sentence)};
}

void ServerSession::end(std::string_view sentence) {
  if (state_ == State::kClosed) return;
  if (state_ == State::kPublishing) {
    send_status("error", "NetStream.Publish.Rejected", sentence);
    send_status("status", "NetStream.Unpublish.Success", sentence);
  }
  state_ = State::kClosed;
}

std::optional<Event> ServerSession::on_data(ByteView payload) {
  if (state_ != State::kPublishing || encoder_told_) return std::nullopt;
  std::string name = printable(encoder_of(payload));
  if (name.empty()) return std::nullopt;
  encoder_told_ = true;  // some repeat it with every tag
  return Encoder{std::move(name)};
}

std::optional<Event> ServerSession::on_media(const Message& message, Timestamp now) {
  if (state_ != State::kPublishing) {
    if (said_goodbye_) return std::nullopt;  // it was on its way
    return close(CloseReason::kProtocolError, "Media comes before publish.");
  }
  auto event = message.type == MessageType::kVideo ? media_.on_video(message, now) : media_.on_audio(message, now);
  if (!event) return std::nullopt;
  if (auto* closed = std::get_if<Closed>(&*event))
    return reject(closed->reason, "NetStream.Publish.Rejected", std::move(closed->detail));
  last_media_ = now;
  return event;
}

std::optional<Event> ServerSession::tick(Timestamp now) {
  if (state_ == State::kClosed) return take_closing();
  if (state_ == State::kPublishing) {
    if (now - last_media_ < kMediaTimeout) return std::nullopt;
    return reject(CloseReason::kMediaTimeout, "NetStream.Publish.Rejected", "No media has come for 30 seconds.");
  }
  if (now - idle_since_ < kPublishTimeout) return std::nullopt;
  return close(CloseReason::kHandshakeTimeout, "No publish has come within 10 seconds.");
}

}  // namespace footlight::rtmp
