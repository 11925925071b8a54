// The floor under the relay's cost on this machine: the packets that `footlight bench whip` publishes, encrypted for
// each viewer by a bare EVP AES-128-GCM context and sent by UDP GSO, a run a viewer and burst, at their times. Prints
// one line of JSON. Nothing of the relay is in it: no ICE, no RTP rewriting, no reports, no receiving.
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/thread_role.h"
#include "libav/log_level.h"
#include "load/clip.h"
#include "net/client_socket.h"
#include "net/listen.h"
#include "net/message_control.h"
#include "net/reactor.h"
#include "rtp/payload/h264_packetizer.h"

namespace footlight {
namespace {

constexpr size_t kHeader = 28;  // RTP header with mid and transport-wide sequence number, as both sides of the relay
constexpr size_t kTag = 16;
constexpr size_t kSlot = 1500;
constexpr size_t kMaxPayload = 1150;  // src/load/publisher_media.cc
constexpr size_t kAudioPayload = 60;
constexpr Duration kAudioInterval = Duration::millis(20);
constexpr size_t kMaxRun = 50;  // segments of one send: 64 KB

struct Options {
  int viewers = 60, kbps = 600, fps = 30, seconds = 5;
  bool runs = true;
  bool muted = false;  // no sound
};

struct Viewer {
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
  sockaddr_storage address{};
  socklen_t address_size = 0;
  uint64_t index = 0;
};

// The sinks, drained on a thread of their own as viewers would be.
class Sinks {
 public:
  Sinks(int count, bool runs) {
    for (int i = 0; i < count; ++i) {
      auto socket = net::ClientSocket::open(false, runs);
      if (!socket) std::exit((std::fprintf(stderr, "%s\n", socket.error().message.c_str()), 1));
      sockets_.push_back(std::move(*socket));
    }
    thread_ = std::thread([this] { drain(); });
  }
  ~Sinks() {
    reactor_.stop();
    thread_.join();
  }
  [[nodiscard]] const std::vector<net::ClientSocket>& sockets() const { return sockets_; }
  [[nodiscard]] uint64_t received() const { return received_; }

 private:
  void drain() {
    put_thread_first();
    reactor_.rest_between_turns(Duration::millis(1));  // as the load client's viewers
    std::vector<net::Reactor::Watch> watches;
    for (net::ClientSocket& socket : sockets_) {
      auto take = [this, &socket](net::Ready, Timestamp) { received_ += socket.receive(batch_).size(); };
      watches.push_back(reactor_.watch(socket.fd(), net::Interest::kRead, take));
    }
    reactor_.run();
  }

  net::Reactor reactor_;
  net::ReceiveBatch batch_;
  std::vector<net::ClientSocket> sockets_;
  std::atomic<uint64_t> received_ = 0;
  std::thread thread_;
};

using Burst = std::vector<std::vector<uint8_t>>;  // payloads that leave together

std::vector<Burst> bursts_of_clip(const Options& options) {
  auto clip = load::make_clip(options.kbps, options.fps, Duration::seconds(2));
  if (!clip) std::exit((std::fprintf(stderr, "%s\n", clip.error().message.c_str()), 1));
  std::vector<Burst> bursts;
  for (const load::ClipFrame& frame : *clip) {
    Burst burst;
    rtp::H264Packetizer packetizer(frame.access_unit, kMaxPayload);
    do {
      std::vector<uint8_t> payload(kMaxPayload);
      payload.resize(packetizer.next(payload));
      burst.push_back(std::move(payload));
    } while (!packetizer.done());
    bursts.push_back(std::move(burst));
  }
  return bursts;
}

size_t seal(Viewer& viewer, const std::vector<uint8_t>& payload, uint8_t* out) {
  std::memset(out, 0x80, kHeader);
  std::array<uint8_t, 12> iv{};
  std::memcpy(iv.data(), &++viewer.index, sizeof viewer.index);
  int n = 0;
  EVP_CIPHER_CTX* c = viewer.cipher.get();
  auto size = static_cast<int>(payload.size());
  EVP_EncryptInit_ex(c, nullptr, nullptr, nullptr, iv.data());
  EVP_EncryptUpdate(c, nullptr, &n, out, kHeader);
  EVP_EncryptUpdate(c, out + kHeader, &n, payload.data(), size);
  EVP_EncryptFinal_ex(c, out + kHeader + size, &n);
  EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, kTag, out + kHeader + size);
  return kHeader + payload.size() + kTag;
}

// Encrypts and sends a burst to one viewer: datagrams of one size in a row in one call.
class Sender {
 public:
  explicit Sender(int fd) : fd_(fd), bytes_(64 * kSlot) {}
  uint64_t sent = 0;
  uint64_t failed = 0;

  void send(Viewer& viewer, const Burst& burst) {
    for (const auto& payload : burst) {
      size_t size = seal(viewer, payload, bytes_.data() + pieces_ * kSlot);
      if (pieces_ > 0 && (size > segment_ || pieces_ == kMaxRun)) {
        std::array<uint8_t, kSlot> kept;
        std::memcpy(kept.data(), bytes_.data() + pieces_ * kSlot, size);
        flush(viewer);
        std::memcpy(bytes_.data(), kept.data(), size);
      }
      if (pieces_ == 0) segment_ = size;
      iov_[pieces_] = {.iov_base = bytes_.data() + pieces_ * kSlot, .iov_len = size};
      ++pieces_;
      if (size < segment_) flush(viewer);
    }
    flush(viewer);
  }

 private:
  void flush(Viewer& viewer) {
    if (pieces_ == 0) return;
    msghdr message{};
    message.msg_name = &viewer.address;
    message.msg_namelen = viewer.address_size;
    message.msg_iov = iov_.data();
    message.msg_iovlen = pieces_;
    net::MessageControl control;
    if (pieces_ > 1) control.cut_into(static_cast<uint16_t>(segment_));
    control.attach_to(message);
    (::sendmsg(fd_, &message, MSG_NOSIGNAL) < 0 ? failed : sent) += pieces_;
    pieces_ = 0;
  }

  int fd_;
  std::vector<uint8_t> bytes_;
  std::array<iovec, 64> iov_{};
  size_t pieces_ = 0;
  size_t segment_ = 0;
};

Duration thread_cpu() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return Duration::micros(t.tv_sec * 1'000'000 + t.tv_nsec / 1000);
}

void sleep_until(Timestamp when) {
  timespec t{.tv_sec = when.us() / 1'000'000, .tv_nsec = when.us() % 1'000'000 * 1000};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr);
}

int run(const Options& options) {
  put_thread_first();  // as the relay's shards
  libav::quiet_library_log();
  std::vector<Burst> clip = bursts_of_clip(options);
  const Burst audio{std::vector<uint8_t>(kAudioPayload)};
  Sinks sinks(options.viewers, options.runs);
  std::vector<Viewer> viewers(static_cast<size_t>(options.viewers));
  std::array<uint8_t, 16> key{};
  for (size_t i = 0; i < viewers.size(); ++i) {
    auto to = SocketAddress::v4({127, 0, 0, 1}, sinks.sockets()[i].bound_address().port());
    viewers[i].address_size = static_cast<socklen_t>(to.to_sockaddr(viewers[i].address));
    std::memcpy(key.data(), &i, sizeof i);
    EVP_EncryptInit_ex(viewers[i].cipher.get(), EVP_aes_128_gcm(), nullptr, key.data(), nullptr);
  }
  auto fd = net::bind_udp(SocketAddress::v4({127, 0, 0, 1}, 0));
  if (!fd) return 1;
  Sender sender(fd->get());
  Duration frame_interval = Duration::micros(1'000'000 / options.fps);
  Timestamp start = SystemClock::get().now();
  Timestamp frame_due = start;
  Timestamp audio_due = options.muted ? Timestamp::max() : start;
  Duration cpu = thread_cpu();
  for (size_t frame = 0; frame_due < start + Duration::seconds(options.seconds);) {
    bool video = frame_due <= audio_due;
    sleep_until(video ? frame_due : audio_due);
    const Burst& burst = video ? clip[frame++ % clip.size()] : audio;
    (video ? frame_due : audio_due) += video ? frame_interval : kAudioInterval;
    for (Viewer& viewer : viewers) sender.send(viewer, burst);
  }
  cpu = thread_cpu() - cpu;
  std::printf("{\"packets\":%llu,\"failed\":%llu,\"received\":%llu,\"cpu_us\":%lld,\"us_per_packet\":%.3f}\n",
              static_cast<unsigned long long>(sender.sent), static_cast<unsigned long long>(sender.failed),
              static_cast<unsigned long long>(sinks.received()), static_cast<long long>(cpu.us()),
              static_cast<double>(cpu.us()) / static_cast<double>(sender.sent));
  return 0;
}

}  // namespace
}  // namespace footlight

int main(int argc, char** argv) {
  footlight::Options options;
  int* const numbers[] = {&options.viewers, &options.kbps, &options.fps, &options.seconds};
  const char* const names[] = {"--viewers", "--kbps", "--fps", "--seconds"};
  for (int i = 1; i < argc; ++i) {
    bool known = std::strcmp(argv[i], "--singly") == 0;
    if (known) options.runs = false;
    if (std::strcmp(argv[i], "--muted") == 0) known = options.muted = true;
    for (size_t n = 0; n < std::size(names) && !known && i + 1 < argc; ++n)
      if (std::strcmp(argv[i], names[n]) == 0) {
        *numbers[n] = std::atoi(argv[++i]);
        known = true;
      }
    if (!known || options.viewers < 1 || options.kbps < 1 || options.fps < 1 || options.seconds < 1) {
      std::fprintf(stderr, "relay_floor [--viewers N] [--kbps K] [--fps F] [--seconds S] [--singly] [--muted]\n");
      return 2;
    }
  }
  return footlight::run(options);
}
