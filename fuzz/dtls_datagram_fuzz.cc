// rooms: dtls srtp base
#include <vector>

#include "base/check.h"
#include "dtls/dtls_machine.h"

using namespace footlight;

// First byte: how many flights two machines exchange first (so that the bytes meet each state of the handshake), and
// which of them hears the rest, cut into datagrams by two length bytes each.
namespace {

struct Rig {
  dtls::Certificate a = std::move(*dtls::Certificate::generate());
  dtls::Certificate b = std::move(*dtls::Certificate::generate());
};

void hand_over(dtls::DtlsMachine& from, dtls::DtlsMachine& to, Timestamp now) {
  std::vector<std::vector<uint8_t>> flight;
  while (auto d = from.take_datagram()) flight.emplace_back(d->begin(), d->end());
  for (auto& d : flight) to.handle_datagram(d, now);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Rig rig;
  if (size < 2 || size > 4000) return 0;
  auto now = Timestamp::millis(1);
  dtls::DtlsMachine client(rig.a, dtls::Role::kClient, rig.b.fingerprint());
  dtls::DtlsMachine server(rig.b, dtls::Role::kServer, rig.a.fingerprint());
  client.start(now);
  for (int i = 0; i < data[0] % 5; ++i) i % 2 == 0 ? hand_over(client, server, now) : hand_over(server, client, now);
  dtls::DtlsMachine& target = (data[0] & 0x80) != 0 ? client : server;
  ByteReader input(ByteView(data, size).subspan(1));
  uint16_t length = 0;
  ByteView datagram;
  while (input.read_u16(length) && input.remaining() > 0) {
    if (!input.read_bytes(std::min<size_t>(length, input.remaining()), datagram)) break;
    target.handle_datagram(datagram, now);
  }
  hand_over(client, server, now);
  hand_over(server, client, now);
  client.on_timeout(now + Duration::seconds(1));
  target.close();
  while (target.take_datagram()) {
  }
  return 0;
}
