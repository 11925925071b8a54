#include "relay/tcp_peers.h"

#include <algorithm>

#include "rtp/demux.h"

namespace footlight::relay {
namespace {

const Logger kLog("relay");

// A browser sends its first check as soon as the connection stands.
constexpr Duration kFirstCheckLimit = Duration::seconds(5);
// A reader that takes no byte for so long will not come back: TCP would go on trying for a quarter of an hour.
constexpr Duration kStuckLimit = Duration::seconds(10);
constexpr Duration kSweepInterval = Duration::seconds(1);
// Behind one address may stand an office that blocks UDP; only its connections of the last moments are strangers.
constexpr size_t kMaxStrangers = 256;
constexpr size_t kMaxStrangersOfAddress = 64;
// Of authenticated ones ICE admits 8 a session; this bounds the descriptors.
constexpr size_t kMaxConnections = 8192;
constexpr int kAcceptsPerTurn = 64;
constexpr size_t kInputSize = 64 * 1024;
constexpr size_t kRunSize = 32 * 1024;  // a run is written when the next packet might not fit
// Room that media leaves for STUN, DTLS and RTCP: without them the session would end.
constexpr size_t kControlReserve = 8 * 1024;

}  // namespace

TcpPeers::TcpPeers(net::Reactor& reactor, std::vector<net::TcpListener> listeners, ShardCore& core,
                   std::function<void(Timestamp now)> turn_ended)
    : reactor_(reactor),
      core_(core),
      turn_ended_(std::move(turn_ended)),
      listeners_(std::move(listeners)),
      input_(kInputSize),
      run_(kRunSize),
      sweep_timer_(reactor, [this](Timestamp now) {
        sweep(now);
        turn_ended_(now);
      }) {
  for (net::TcpListener& listener : listeners_)
    listener_watches_.push_back(reactor_.watch(
        listener.fd(), net::Interest::kRead, [this, &listener](net::Ready, Timestamp now) { accept(listener, now); }));
}

void TcpPeers::accept(net::TcpListener& listener, Timestamp now) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    auto stream = listener.accept();
    if (!stream) break;
    if (connections_.size() >= kMaxConnections) continue;
    make_room(stream->tuple().remote);
    // Its peer may have reset one from the same port that nobody has read since.
    if (auto old = connections_.find(stream->tuple()); old != connections_.end()) cut(*old->second, "reset");
    close_cut(now);
    auto& slot = connections_[stream->tuple()];
    slot = std::make_unique<Connection>(std::move(*stream), now);
    Connection& connection = *slot;
    strangers_.push_back(&connection);
    ++core_.counters().tcp_connections;
    connection.watch =
        reactor_.watch(connection.stream.fd(), net::Interest::kRead,
                       [this, &connection](net::Ready ready, Timestamp when) { on_ready(connection, ready, when); });
  }
  if (!connections_.empty() && !sweep_timer_.armed()) sweep_timer_.set(now + kSweepInterval);
}

// The oldest stranger gives way: of the same address first, so that one address cannot push out all others.
void TcpPeers::make_room(const SocketAddress& remote) {
  auto same_address = [&](const Connection* c) { return c->stream.tuple().remote.with_port(0) == remote.with_port(0); };
  auto of_address = std::ranges::count_if(strangers_, same_address);
  if (static_cast<size_t>(of_address) >= kMaxStrangersOfAddress)
    cut(**std::ranges::find_if(strangers_, same_address), "too many unauthenticated connections of its address");
  else if (strangers_.size() >= kMaxStrangers)
    cut(*strangers_.front(), "too many unauthenticated connections");
}

void TcpPeers::on_ready(Connection& connection, net::Ready ready, Timestamp now) {
  if (ready.writable && connection.stream.queued() > 0) note_sent(connection, connection.stream.flush());
  if (ready.readable && connection.cut_for.empty()) read(connection, now);
  turn_ended_(now);
}

void TcpPeers::read(Connection& connection, Timestamp now) {
  net::TcpReceived received = connection.stream.receive(input_);
  if (received.what == net::TcpRead::kNothing) return;
  if (received.what == net::TcpRead::kEnded) return cut(connection, "closed by its peer");
  if (received.what == net::TcpRead::kBroken) return cut(connection, "reset");
  connection.deframer.put(MutableByteView(input_).first(received.size));
  while (auto packet = connection.deframer.take_packet()) {
    take_packet(connection, *packet, now);
    if (!connection.cut_for.empty()) return;
  }
  if (connection.deframer.broken()) cut(connection, "a frame longer than any packet");
}

void TcpPeers::take_packet(Connection& connection, MutableByteView packet, Timestamp now) {
  const AddressPair& tuple = connection.stream.tuple();
  if (!connection.authenticated && rtp::kind_of_datagram(packet) != rtp::DatagramKind::kStun) {
    core_.counters().drop(Drop::kUnknownTuple);
    return cut(connection, "its first packet is not STUN");
  }
  core_.on_media(packet, tuple, now, now);
  if (connection.authenticated) return;
  connection.authenticated = core_.admits(tuple);
  if (!connection.authenticated) return cut(connection, "its first check does not authenticate");
  std::erase(strangers_, &connection);
}

MutableByteView TcpPeers::slot(const AddressPair& tuple) {
  if (run_tuple_ != tuple || run_.size() - run_size_ < ice::kFrameHeaderSize + kSlotSize) {
    flush();
    auto known = connections_.find(tuple);
    run_tuple_ = tuple;
    run_for_ = known == connections_.end() ? nullptr : known->second.get();
  }
  return MutableByteView(run_).subspan(run_size_ + ice::kFrameHeaderSize, kSlotSize);
}

void TcpPeers::commit(size_t size) {
  if (run_for_ == nullptr || !run_for_->cut_for.empty()) {
    core_.counters().drop(Drop::kSlowReader);
    return;
  }
  ByteWriter(MutableByteView(run_).subspan(run_size_, ice::kFrameHeaderSize)).u16(static_cast<uint16_t>(size));
  run_size_ += ice::kFrameHeaderSize + size;
}

void TcpPeers::flush() {
  ByteView run = ByteView(run_).first(std::exchange(run_size_, 0));
  if (run_for_ != nullptr && !run.empty()) {
    Connection& connection = *run_for_;
    if (connection.stream.queued() == 0)
      note_sent(connection, connection.stream.send(run));
    else
      send_piecemeal(connection, run);
  }
  run_for_ = nullptr;
  run_tuple_ = {};
}

// Behind a queue each packet goes whole or not at all, and media leaves room for the rest.
void TcpPeers::send_piecemeal(Connection& connection, ByteView run) {
  ByteReader reader(run);
  uint16_t size = 0;
  ByteView packet;
  while (connection.cut_for.empty() && reader.read_u16(size) && reader.read_bytes(size, packet)) {
    ByteView frame(packet.data() - ice::kFrameHeaderSize, ice::kFrameHeaderSize + size);
    bool media = rtp::kind_of_datagram(packet) == rtp::DatagramKind::kRtp;
    if (frame.size() + (media ? kControlReserve : 0) > connection.stream.room())
      core_.counters().drop(Drop::kSlowReader);
    else
      note_sent(connection, connection.stream.send(frame));
  }
}

void TcpPeers::note_sent(Connection& connection, net::TcpSent result) {
  switch (result) {
    case net::TcpSent::kSent:
      watch_for_room(connection, false);
      break;
    case net::TcpSent::kQueued:
      watch_for_room(connection, true);
      break;
    case net::TcpSent::kFull:
      core_.counters().drop(Drop::kSlowReader);
      break;
    case net::TcpSent::kBroken:
      cut(connection, "reset");
      break;
  }
}

void TcpPeers::watch_for_room(Connection& connection, bool wanted) {
  if (connection.waits_for_room == wanted) return;
  connection.waits_for_room = wanted;
  connection.watch.change(wanted ? net::Interest::kReadWrite : net::Interest::kRead);
}

void TcpPeers::cut(Connection& connection, std::string_view reason) {
  if (!connection.cut_for.empty()) return;
  connection.cut_for = reason;
  std::erase(strangers_, &connection);
  cut_.push_back(&connection);
}

void TcpPeers::close_cut(Timestamp now) {
  for (size_t i = 0; i < cut_.size(); ++i) {  // the core may send, and find further connections broken
    Connection& connection = *cut_[i];
    AddressPair tuple = connection.stream.tuple();
    LogLimit& log = connection.authenticated ? peer_log_ : stranger_log_;
    if (log.allow(now.us()))
      kLog.info("tcp connection closed",
                {{"peer", tuple.remote.to_string()}, {"reason", connection.cut_for}, {"unlogged", log.suppressed()}});
    if (run_for_ == &connection) run_for_ = nullptr;
    connections_.erase(tuple);
    ++core_.counters().tcp_ends;
    core_.on_connection_closed(tuple, now);
  }
  cut_.clear();
}

void TcpPeers::sweep(Timestamp now) {
  for (auto& [tuple, connection] : connections_) {
    if (connection->progress != connection->stream.bytes_out() || connection->stream.queued() == 0) {
      connection->progress = connection->stream.bytes_out();
      connection->progress_at = now;
    }
    if (!connection->authenticated && now - connection->since >= kFirstCheckLimit)
      cut(*connection, "no check came");
    else if (connection->authenticated && !core_.admits(tuple))
      cut(*connection, "its session has ended");
    else if (now - connection->progress_at >= kStuckLimit)
      cut(*connection, "its reader is stuck");
  }
  close_cut(now);
  if (!connections_.empty()) sweep_timer_.set(now + kSweepInterval);
}

}  // namespace footlight::relay
