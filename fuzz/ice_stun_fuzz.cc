// rooms: ice base
#include <array>

#include "base/check.h"
#include "ice/client_agent.h"
#include "ice/lite_agent.h"

using namespace footlight;

// Any bytes as a STUN message, alone and to agents in their states; and the same bytes with a right signature, so that
// the fuzzer reaches what only an authenticated peer does.
namespace {

const ice::Credentials& credentials() {
  static const ice::Credentials fixed{.ufrag = "ufrag", .password = Secret("password")};
  return fixed;
}
const AddressPair kTuple{SocketAddress::v4({192, 0, 2, 1}, 7000), SocketAddress::v4({192, 0, 2, 9}, 4000)};

void to_agents(ByteView packet) {
  auto message = ice::parse_stun(packet);
  if (!message) return;
  std::array<uint8_t, ice::kMaxStunSize> response{};
  auto now = Timestamp::millis(1);
  ice::LiteAgent lite(credentials(), now);
  size_t size = lite.handle_stun(*message, kTuple, now, response);
  if (size > 0) CHECK(ice::parse_stun(ByteView(response).first(size)).has_value());
  lite.restart(ice::Credentials{.ufrag = "other", .password = Secret("password")});
  (void)lite.handle_stun(*message, kTuple, now + Duration::seconds(1), response);
  lite.on_timeout(now + Duration::seconds(40));
  ice::ClientAgent client(credentials(), credentials(), {kTuple}, now);
  (void)client.take_packet(now);
  client.handle_stun(*message, kTuple, now);
  (void)client.take_packet(now);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteView input(data, size);
  if (size > 2000) return 0;
  to_agents(input);
  auto message = ice::parse_stun(input);
  if (!message) return 0;
  std::array<uint8_t, 2500> buffer{};
  ice::StunWriter writer(buffer, message->cls, message->method, message->transaction);
  writer.username("ufrag:x");
  if (message->priority) writer.priority(*message->priority);
  if (message->use_candidate) writer.use_candidate();
  if (message->nomination) writer.nomination(*message->nomination);
  if (message->controlling) writer.controlling(*message->controlling);
  if (message->controlled) writer.controlled(*message->controlled);
  if (message->mapped_address) writer.xor_mapped_address(*message->mapped_address);
  size_t written = writer.finish("password");
  CHECK(written > 0);
  to_agents(ByteView(buffer).first(written));
  return 0;
}
