// Bad input at a rate: random, truncated and replayed datagrams of each protocol of the media port, from a few source
// ports. `flood ADDRESS:PORT PACKETS_PER_SECOND SECONDS`; prints how many the kernel took.
#include <fmt/core.h>
#include <sys/socket.h>
#include <time.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/text_codec.h"
#include "base/unique_fd.h"
#include "dtls/captured_hello_for_tests.h"
#include "ice/stun_message.h"
#include "net/listen.h"

namespace footlight {
namespace {

constexpr size_t kPool = 2048;    // datagrams, sent over and over: all but the first round are replays
constexpr size_t kBatch = 64;     // a sendmmsg call
constexpr size_t kSockets = 8;    // source ports
constexpr unsigned kSeed = 7000;  // each run sends the same

using Bytes = std::vector<uint8_t>;

// A check as ICE writes it, for a session that nobody has.
Bytes stun_request(std::minstd_rand& random) {
  Bytes bytes(ice::kMaxStunSize);
  ice::TransactionId id{};
  for (uint8_t& byte : id) byte = static_cast<uint8_t>(random());
  ice::StunWriter writer(bytes, ice::StunClass::kRequest, ice::kBindingMethod, id);
  bytes.resize(writer.username(fmt::format("{:08x}:peer", random())).priority(1).controlling(1).finish("password"));
  return bytes;
}

// As dear as a check can be: its fingerprint is right and it is as long as its user name may make it.
Bytes long_stun_request(std::minstd_rand& random) {
  Bytes bytes(1024);
  ice::StunWriter writer(bytes, ice::StunClass::kRequest, ice::kBindingMethod, {});
  bytes.resize(writer.username(fmt::format("{:08x}:{:x>500}", random(), "")).finish("password"));
  return bytes;
}

// RFC 7983 §7: by its first bytes RTP or RTCP; the rest is noise.
Bytes rtp_like(std::minstd_rand& random, bool rtcp) {
  Bytes bytes(60 + random() % 1100);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  bytes[0] = 0x80;
  bytes[1] = static_cast<uint8_t>(rtcp ? 200 + random() % 7 : 96 + random() % 32);
  return bytes;
}

std::vector<Bytes> make_pool() {
  std::minstd_rand random(kSeed);
  const Bytes hello[] = {*from_hex(dtls::kChromiumHelloFirst), *from_hex(dtls::kChromiumHelloSecond)};
  std::vector<Bytes> pool;
  while (pool.size() < kPool) {
    Bytes noise(1 + random() % 1400);
    for (uint8_t& byte : noise) byte = static_cast<uint8_t>(random());
    std::array<Bytes, 7> whole = {noise,    stun_request(random),    long_stun_request(random), hello[0],
                                  hello[1], rtp_like(random, false), rtp_like(random, true)};
    for (Bytes& bytes : whole) {
      Bytes cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(random() % bytes.size()));
      pool.push_back(std::move(bytes));
      pool.push_back(std::move(cut));
    }
  }
  return pool;
}

std::vector<UniqueFd> open_sockets(const SocketAddress& to) {
  sockaddr_storage address{};
  size_t size = to.to_sockaddr(address);
  std::vector<UniqueFd> sockets;
  for (size_t i = 0; i < kSockets; ++i) {
    UniqueFd fd(::socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(size)) != 0) return {};
    sockets.push_back(std::move(fd));
  }
  return sockets;
}

// Batches at even intervals; a late one is followed at once by the next.
size_t send_all(const std::vector<UniqueFd>& sockets, std::vector<Bytes>& pool, size_t rate, size_t total) {
  std::vector<iovec> pieces(pool.size());
  std::vector<mmsghdr> messages(pool.size() + kBatch);
  for (size_t i = 0; i < pool.size(); ++i) pieces[i] = {.iov_base = pool[i].data(), .iov_len = pool[i].size()};
  for (size_t i = 0; i < messages.size(); ++i)
    messages[i].msg_hdr = {.msg_iov = &pieces[i % pool.size()], .msg_iovlen = 1};
  const SystemClock& clock = SystemClock::get();
  Timestamp start = clock.now();
  size_t taken = 0;
  for (size_t sent = 0, batch = 0; sent < total; sent += kBatch, ++batch) {
    Timestamp due = start + Duration::micros(static_cast<int64_t>(sent * 1'000'000 / rate));
    if (Duration wait = due - clock.now(); wait > Duration::zero()) {
      timespec rest{.tv_sec = wait.us() / 1'000'000, .tv_nsec = wait.us() % 1'000'000 * 1000};
      ::nanosleep(&rest, nullptr);
    }
    int result = ::sendmmsg(sockets[batch % sockets.size()].get(), &messages[sent % pool.size()], kBatch, 0);
    if (result > 0) taken += static_cast<size_t>(result);
  }
  fmt::print("sent {} in {:.2f} s\n", taken, (clock.now() - start).seconds());
  return taken;
}

size_t number(const char* text) {
  size_t value = 0;
  std::from_chars(text, text + std::string_view(text).size(), value);
  return value;
}

}  // namespace
}  // namespace footlight

int main(int argc, char** argv) {
  using namespace footlight;
  auto to = argc == 4 ? SocketAddress::parse(argv[1]) : std::nullopt;
  size_t rate = argc == 4 ? number(argv[2]) : 0;
  size_t seconds = argc == 4 ? number(argv[3]) : 0;
  if (!to || rate == 0 || seconds == 0) {
    fmt::print(stderr, "usage: flood ADDRESS:PORT PACKETS_PER_SECOND SECONDS\n");
    return 2;
  }
  auto sockets = open_sockets(*to);
  if (sockets.empty()) {
    fmt::print(stderr, "no way to {}\n", to->to_string());
    return 1;
  }
  auto pool = make_pool();
  return send_all(sockets, pool, rate, rate * seconds) > 0 ? 0 : 1;
}
