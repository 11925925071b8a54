#include "relay/rtmp_peers.h"

#include <algorithm>

namespace footlight::relay {
namespace {

const Logger kLog("relay");

// Connections that have shown no key: a burst of an event's start, and no more.
constexpr size_t kMaxStrangers = 64;
constexpr size_t kMaxStrangersOfAddress = 16;
// Publishers may hold a few MiB each (ChunkReader's bounds, and two producers' buffers).
constexpr size_t kMaxConnections = 256;
constexpr int kAcceptsPerTurn = 16;
constexpr size_t kInputSize = 64 * 1024;
constexpr Duration kSweepInterval = Duration::millis(250);
// A socket closed with bytes unread resets the connection, and what was said last is lost: the peer gets time to read.
constexpr Duration kLinger = Duration::millis(500);
constexpr std::string_view kLeft = "closed_by_peer";

std::string_view sentence_of(std::string_view end_reason) {
  if (end_reason == "taken_over") return "Another publisher with this stream key took over.";
  if (end_reason == "revoked") return "The stream key was changed, or the event has ended.";
  if (end_reason == "relay_stopped") return "The server is stopping; publish again.";
  return "The session has ended.";
}

}  // namespace

RtmpPeers::RtmpPeers(net::Reactor& reactor, std::vector<net::TcpListener> listeners, ShardCore& core,
                     std::function<void(Timestamp now)> turn_ended)
    : reactor_(reactor),
      core_(core),
      turn_ended_(std::move(turn_ended)),
      listeners_(std::move(listeners)),
      input_(listeners_.empty() ? 0 : kInputSize),
      sweep_timer_(reactor, [this](Timestamp now) {
        sweep(now);
        turn_ended_(now);
      }) {
  for (net::TcpListener& listener : listeners_)
    listener_watches_.push_back(reactor_.watch(
        listener.fd(), net::Interest::kRead, [this, &listener](net::Ready, Timestamp now) { accept(listener, now); }));
}

void RtmpPeers::accept(net::TcpListener& listener, Timestamp now) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    auto stream = listener.accept();
    if (!stream) break;
    ++core_.counters().rtmp.connections;
    make_room(stream->tuple().remote, now);
    if (connections_.size() >= kMaxConnections) {
      core_.counters().rtmp.ends.count("too_many");
      continue;
    }
    connections_.push_back(std::make_unique<Connection>(std::move(*stream), now));
    Connection& connection = *connections_.back();
    connection.watch =
        reactor_.watch(connection.stream.fd(), net::Interest::kRead,
                       [this, &connection](net::Ready ready, Timestamp when) { on_ready(connection, ready, when); });
  }
  if (!connections_.empty() && !sweep_timer_.armed()) sweep_timer_.set(now + kSweepInterval);
}

// The oldest stranger gives way: of the same address first, so that one address cannot push out all others.
void RtmpPeers::make_room(const SocketAddress& remote, Timestamp now) {
  Connection* oldest = nullptr;
  Connection* oldest_of_address = nullptr;
  size_t strangers = 0;
  size_t of_address = 0;
  for (const auto& connection : connections_) {
    if (connection->protocol.publishing() || connection->over) continue;
    ++strangers;
    if (!oldest) oldest = connection.get();
    if (connection->stream.tuple().remote.with_port(0) != remote.with_port(0)) continue;
    ++of_address;
    if (!oldest_of_address) oldest_of_address = connection.get();
  }
  Connection* out = of_address >= kMaxStrangersOfAddress ? oldest_of_address
                    : strangers >= kMaxStrangers         ? oldest
                                                         : nullptr;
  if (!out) return;
  finish(*out, "too_many", "Too many connections have shown no key.", now);
  out->over = true;
  close_ended(now);
}

void RtmpPeers::on_ready(Connection& connection, net::Ready ready, Timestamp now) {
  if (ready.writable && connection.stream.queued() > 0) {
    net::TcpSent sent = connection.stream.flush();
    if (sent == net::TcpSent::kSent) wait_for_room(connection, false);
    if (sent == net::TcpSent::kBroken) lose(connection, "The connection was reset.", now);
  }
  if (ready.readable && !connection.over) read(connection, now);
  turn_ended_(now);
}

void RtmpPeers::read(Connection& connection, Timestamp now) {
  net::TcpReceived received = connection.stream.receive(input_);
  if (received.what == net::TcpRead::kNothing) return;
  if (received.what != net::TcpRead::kData) {
    lose(connection, "The connection was closed.", now);
    connection.over = true;
    return;
  }
  ByteView bytes = ByteView(input_).first(received.size);
  while (auto event = connection.protocol.read(bytes, now)) on_event(connection, *event, now);
  count(connection, received.size);
  say(connection);
}

void RtmpPeers::count(Connection& connection, size_t bytes) {
  RtmpCounters& counters = core_.counters().rtmp;
  const rtmp::MediaCounters& all = connection.protocol.media();
  const rtmp::MediaCounters before = std::exchange(connection.counted, all);
  counters.bytes_in += bytes;
  counters.pictures += all.video_frames - before.video_frames;
  counters.sounds += all.audio_frames - before.audio_frames;
  counters.skipped += all.skipped - before.skipped;
  counters.discontinuities += all.discontinuities - before.discontinuities;
}

void RtmpPeers::on_event(Connection& connection, const rtmp::Event& event, Timestamp now) {
  if (auto* request = std::get_if<rtmp::PublishRequest>(&event)) return on_publish(connection, *request, now);
  if (auto* closed = std::get_if<rtmp::Closed>(&event))
    return finish(connection, name_of(closed->reason), closed->detail, now);
  if (!connection.session) return;
  if (std::holds_alternative<rtmp::Unpublished>(event)) {
    core_.close_rtmp(*connection.session, kLeft, now);
    connection.session = nullptr;
    return;
  }
  if (auto* encoder = std::get_if<rtmp::Encoder>(&event))
    kLog.info("rtmp encoder", {{"session", connection.session->id()}, {"encoder", encoder->name}});
  else
    core_.on_rtmp(*connection.session, event, now);
}

void RtmpPeers::on_publish(Connection& connection, const rtmp::PublishRequest& request, Timestamp now) {
  auto opened = core_.open_rtmp(request.key, now);
  if (!opened) {
    bool full = opened.error().kind == SessionErrorKind::kUnavailable;
    return connection.protocol.refuse(full ? rtmp::CloseReason::kUnavailable : rtmp::CloseReason::kRefused,
                                      opened.error().detail);
  }
  connection.session = *opened;
  connection.protocol.accept(now);
  kLog.info("rtmp publish",
            {{"session", connection.session->id()}, {"peer", connection.stream.tuple().remote.to_string()}});
}

// What the machine has to say goes out.
void RtmpPeers::say(Connection& connection) {
  ByteView output = connection.protocol.output();
  if (output.empty()) return;
  net::TcpSent sent = connection.stream.send(output);
  connection.protocol.clear_output();
  if (sent == net::TcpSent::kQueued) wait_for_room(connection, true);
  connection.broken = sent == net::TcpSent::kBroken;
  if (sent == net::TcpSent::kFull || connection.broken) connection.over = true;
}

void RtmpPeers::wait_for_room(Connection& connection, bool wanted) {
  if (connection.waits_for_room == wanted) return;
  connection.waits_for_room = wanted;
  connection.watch.change(wanted ? net::Interest::kReadWrite : net::Interest::kRead);
}

// Who leaves says so first: a connection that ends under its stream has failed.
void RtmpPeers::lose(Connection& connection, std::string_view detail, Timestamp now) {
  bool failed = connection.session && !connection.protocol.said_goodbye();
  finish(connection, failed ? "connection_lost" : kLeft, detail, now);
}

void RtmpPeers::finish(Connection& connection, std::string_view reason, std::string_view detail, Timestamp now) {
  if (connection.close_by) return;
  connection.close_by = now + kLinger;
  core_.counters().rtmp.ends.count(reason);
  connection.protocol.end(detail);
  say(connection);
  const rtmp::MediaCounters& media = connection.protocol.media();
  if (connection.session || stranger_log_.allow(now.us()))
    kLog.info("rtmp connection ends", {{"session", connection.session ? connection.session->id() : ""},
                                       {"peer", connection.stream.tuple().remote.to_string()},
                                       {"reason", reason},
                                       {"detail", detail},
                                       {"pictures", media.video_frames},
                                       {"discontinuities", media.discontinuities},
                                       {"unlogged", stranger_log_.suppressed()}});
  if (connection.session) core_.close_rtmp(*connection.session, reason, now);
  connection.session = nullptr;
}

void RtmpPeers::close_ended(Timestamp now) {
  for (const auto& connection : connections_) {
    if (connection->over && !connection->close_by) {
      // Who says goodbye and goes at once does not read the answer.
      if (connection->broken)
        lose(*connection, "The connection was reset.", now);
      else
        finish(*connection, "stuck", "The peer does not read.", now);
    }
    if (connection->session && connection->session->ended()) {
      std::string reason = connection->session->end_reason();
      finish(*connection, reason, sentence_of(reason), now);
    }
  }
  std::erase_if(connections_, [&](const auto& connection) {
    return connection->close_by && (connection->over || now >= *connection->close_by);
  });
}

void RtmpPeers::sweep(Timestamp now) {
  for (const auto& connection : connections_) {
    if (auto event = connection->protocol.tick(now)) on_event(*connection, *event, now);
    say(*connection);
  }
  close_ended(now);
  if (!connections_.empty()) sweep_timer_.set(now + kSweepInterval);
}

}  // namespace footlight::relay
