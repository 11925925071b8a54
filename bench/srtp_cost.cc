// What SRTP's framing adds to the cipher: SrtpSender and SrtpReceiver beside bare EVP AES-128-GCM on the same packets,
// alternating in one run. Prints nanoseconds a packet and their ratio, for one peer and for as many as a busy shard
// has (whose keys do not stay in the core's caches).
#include <fmt/core.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <functional>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "srtp/srtp_session.h"

namespace footlight {
namespace {

constexpr size_t kHeader = 28;  // RTP header with mid and transport-wide sequence number
constexpr size_t kPayload = 1150;
constexpr size_t kTag = 16;
constexpr int kPacketsAPeer = 16;  // a picture's
constexpr int kRounds = 15;        // the fastest of each counts: what disturbs, slows
constexpr size_t kPacketsARound = 40'000;

using Packet = std::array<uint8_t, kHeader + kPayload + kTag>;

srtp::MasterKey key() {
  std::array<uint8_t, 28> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i);
  return *srtp::MasterKey::from_joined(srtp::Profile::kAeadAes128Gcm, bytes);
}

// RFC 3550 §5.1 with one extension block of 12 bytes.
void write_header(Packet& packet, uint64_t index, uint32_t ssrc) {
  ByteWriter writer(packet);
  writer.u8(0x90);
  writer.u8(96);
  writer.u16(static_cast<uint16_t>(index));
  writer.u32(90000);
  writer.u32(ssrc);
  writer.u16(0xbede);
  writer.u16(3);
  writer.zeros(12);
}

class Bare {
 public:
  explicit Bare(bool encrypt) : context_(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free) {
    std::array<uint8_t, 16> key{};
    CHECK(EVP_CipherInit_ex(context_.get(), EVP_aes_128_gcm(), nullptr, key.data(), nullptr, encrypt ? 1 : 0) == 1);
  }
  void seal(Packet& packet, const uint8_t* payload, uint64_t index) {
    uint8_t* body = packet.data() + kHeader;
    int size = 0;
    begin(packet, index);
    EVP_EncryptUpdate(context_.get(), body, &size, payload, kPayload);
    EVP_EncryptFinal_ex(context_.get(), body + kPayload, &size);
    EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTag, body + kPayload);
  }
  bool open(Packet& packet, uint64_t index) {
    uint8_t* body = packet.data() + kHeader;
    int size = 0;
    begin(packet, index);
    EVP_DecryptUpdate(context_.get(), body, &size, body, kPayload);
    EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTag, body + kPayload);
    return EVP_DecryptFinal_ex(context_.get(), body + kPayload, &size) == 1;
  }

 private:
  void begin(Packet& packet, uint64_t index) {
    std::array<uint8_t, 12> iv{};
    ByteWriter(MutableByteView(iv).last(8)).u64(index);
    int size = 0;
    EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, iv.data(), -1);
    EVP_CipherUpdate(context_.get(), nullptr, &size, packet.data(), kHeader);
  }
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_;
};

double ns_a_packet(size_t packets, const std::function<void()>& work) {
  auto cpu_ns = [] {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
  };
  double start = cpu_ns();
  work();
  return (cpu_ns() - start) / static_cast<double>(packets);
}

struct Figures {
  double bare = 1e9, ours = 1e9;
  void print(const char* what, size_t peers) const {
    fmt::print("{:9} {:4} peers: bare EVP {:5.0f} ns, srtp {:5.0f} ns, ratio {:.2f}\n", what, peers, bare, ours,
               ours / bare);
  }
};

// Each peer's packets in a row, as the router hands them out; both sides do the same packets in turn.
void measure(size_t peers) {
  std::vector<Bare> bare_seal, bare_open;
  std::vector<srtp::SrtpSender> senders;
  std::vector<srtp::SrtpReceiver> receivers;
  for (size_t i = 0; i < peers; ++i) {
    bare_seal.emplace_back(true);
    bare_open.emplace_back(false);
    senders.emplace_back(key());
    receivers.emplace_back(key());
  }
  std::array<uint8_t, kPayload> payload{};
  std::vector<Packet> sealed(peers * kPacketsAPeer);
  std::vector<Packet> bare_sealed = sealed;
  Figures seal, open;
  uint64_t index = 0;
  auto each = [&](const std::function<void(size_t peer, size_t packet, uint64_t index)>& work) {
    for (size_t p = 0; p < peers; ++p)
      for (size_t k = 0; k < kPacketsAPeer; ++k) work(p, p * kPacketsAPeer + k, index + k);
  };
  size_t batches = std::max<size_t>(1, kPacketsARound / sealed.size());
  for (int round = 0; round < kRounds; ++round) {
    std::array<double, 4> sums{};
    for (size_t batch = 0; batch < batches; ++batch, index += kPacketsAPeer) {
      sums[0] += ns_a_packet(sealed.size(), [&] {
        each([&](size_t p, size_t k, uint64_t i) {
          write_header(bare_sealed[k], i, 1);
          bare_seal[p].seal(bare_sealed[k], payload.data(), i);
        });
      });
      sums[1] += ns_a_packet(sealed.size(), [&] {
        each([&](size_t p, size_t k, uint64_t i) {
          write_header(sealed[k], i, 1);
          CHECK(senders[p].protect_rtp(sealed[k], kHeader, payload).has_value());
        });
      });
      sums[2] += ns_a_packet(sealed.size(), [&] {
        each([&](size_t p, size_t k, uint64_t i) { CHECK(bare_open[p].open(bare_sealed[k], i)); });
      });
      sums[3] += ns_a_packet(sealed.size(), [&] {
        each([&](size_t p, size_t k, uint64_t) { CHECK(receivers[p].unprotect_rtp(sealed[k]).has_value()); });
      });
    }
    auto count = static_cast<double>(batches);
    seal.bare = std::min(seal.bare, sums[0] / count);
    seal.ours = std::min(seal.ours, sums[1] / count);
    open.bare = std::min(open.bare, sums[2] / count);
    open.ours = std::min(open.ours, sums[3] / count);
  }
  seal.print("protect", peers);
  open.print("unprotect", peers);
}

}  // namespace
}  // namespace footlight

int main() {
  for (size_t peers : {size_t{1}, size_t{500}}) footlight::measure(peers);
  return 0;
}
