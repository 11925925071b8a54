#include "load/publish_run.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/thread_role.h"
#include "http/loop.h"
#include "load/clip.h"
#include "load/peer_link.h"
#include "load/publisher_media.h"
#include "load/signalling.h"
#include "net/client_socket.h"
#include "net/listen.h"
#include "net/reactor.h"
#include "net/send_queue.h"
#include "net/udp_socket.h"
#include "rtp/demux.h"

namespace footlight::load {
namespace {

constexpr Duration kConnectPatience = Duration::seconds(20);
constexpr Duration kProgressInterval = Duration::seconds(1);
constexpr Duration kGoodbyePatience = Duration::seconds(3);

// One publisher on the caller's thread: HTTP first, then its socket on a reactor, HTTP again at the end.
class Publisher {
 public:
  Publisher(const PublishOptions& options, HttpUrl endpoint, const dtls::Certificate& certificate,
            std::vector<ClipFrame> clip)
      : options_(options),
        certificate_(certificate),
        clip_(std::move(clip)),
        signalling_(loop_, std::move(endpoint), options.token, options.ca_file),
        credentials_(ice::make_credentials()),
        ssrcs_{rtp::Ssrc(random_u32()), rtp::Ssrc(random_u32()), rtp::Ssrc(random_u32())},
        timer_(reactor_, [this](Timestamp now) { after_event(now); }) {}

  [[nodiscard]] Result<PublishReport, Error> run(const std::function<bool(const PublishReport&)>& progress) {
    put_thread_first();  // its frames have their times
    if (auto begun = begin(); !begun) return unexpected(begun.error());
    Timestamp progress_due = asked_ + kProgressInterval;
    bool going = true;
    while (going && failure_.empty() && !finished()) {
      reactor_.run_for(std::max(progress_due - SystemClock::get().now(), Duration::zero()));
      progress_due += kProgressInterval;
      going = !progress || progress(report());
    }
    say_goodbye();
    if (!failure_.empty()) return fail(failure_);
    return report();
  }

 private:
  [[nodiscard]] Result<void, Error> begin() {
    auto server = signalling_.find_server();
    if (!server) return unexpected(server.error());
    auto own = net::address_towards(*server);
    if (!own) return unexpected(own.error());
    auto fd = net::bind_udp(own->is_v6() ? SocketAddress::v6({}, 0) : SocketAddress::v4({}, 0));
    if (!fd) return fail(fd.error().message);
    auto socket = net::UdpSocket::adopt(std::move(*fd));
    if (!socket) return unexpected(socket.error());
    socket_.emplace(std::move(*socket));
    queue_.emplace(*socket_);
    asked_ = SystemClock::get().now();
    auto made = ask(write_publisher_offer(
        {credentials_, certificate_.fingerprint(), own->with_port(socket_->bound_address().port())}, ssrcs_));
    if (!made) return unexpected(made.error());
    resource_ = made->resource;
    auto answer = Answer::parse(made->answer);
    if (!answer) return unexpected(answer.error());
    answer_.emplace(std::move(*answer));
    link_.emplace(certificate_, credentials_, *answer_, socket_->bound_address(), asked_);
    watch_ = reactor_.watch(socket_->fd(), net::Interest::kRead, [this](net::Ready, Timestamp now) {
      for (net::Datagram& datagram : socket_->receive()) on_datagram(datagram, now);
      after_event(now);
    });
    timer_.set(asked_);
    return {};
  }

  [[nodiscard]] Result<SessionMade, Error> ask(std::string offer) {
    Result<SessionMade, Error> result = fail("the server gave no answer");
    signalling_.post(std::move(offer), [&](Result<SessionMade, Error> made) {
      result = std::move(made);
      loop_.stop();
    });
    loop_.run();
    return result;
  }

  void on_datagram(net::Datagram& datagram, Timestamp now) {
    switch (rtp::kind_of_datagram(datagram.bytes)) {
      case rtp::DatagramKind::kStun:
        return link_->on_stun(datagram.bytes, datagram.tuple.remote, now);
      case rtp::DatagramKind::kDtls:
        return link_->on_dtls(datagram.bytes, now);
      case rtp::DatagramKind::kRtcp:
        if (media_) media_->on_rtcp(datagram.bytes, now);
        return;
      default:
        return;
    }
  }

  void after_event(Timestamp now) {
    while (auto packet = link_->take_packet(now)) (void)socket_->send(pair_to(packet->to), packet->bytes);
    PeerLink::State state = link_->state();
    if (state == PeerLink::State::kClosed || state == PeerLink::State::kFailed) failure_ = link_->failure();
    if (!media_ && now - asked_ >= kConnectPatience) failure_ = "not connected in time";
    if (!failure_.empty()) return reactor_.stop();
    if (!media_ && state == PeerLink::State::kConnected) {
      connected_ = now;
      media_.emplace(*answer_, clip_, options_.fps, ssrcs_, link_->sender(), link_->receiver(), now,
                     SystemClock::get().wall_now());
      if (options_.muted) media_->mute();
    }
    if (media_) {
      while (size_t size = media_->take_datagram(now, queue_->slot())) queue_->commit(size, pair_to(*link_->remote()));
      queue_->flush();
    }
    last_ = now;
    Timestamp due = std::min(link_->next_timeout(), media_ ? media_->next_timeout() : asked_ + kConnectPatience);
    timer_.set(due);
  }

  [[nodiscard]] AddressPair pair_to(const SocketAddress& remote) const {
    AddressPair pair;
    pair.local = socket_->bound_address();
    pair.remote = remote;
    return pair;
  }

  [[nodiscard]] bool finished() const {
    return media_ && options_.duration > Duration::zero() && last_ - connected_ >= options_.duration;
  }

  [[nodiscard]] PublishReport report() const {
    PublishReport report = media_ ? media_->report() : PublishReport{};
    if (media_) {
      report.connect = connected_ - asked_;
      report.sent_for = last_ - connected_;
    }
    return report;
  }

  void say_goodbye() {
    timer_.cancel();
    watch_ = {};
    if (link_) {
      link_->close();
      while (auto packet = link_->take_packet(last_)) (void)socket_->send(pair_to(packet->to), packet->bytes);
    }
    if (!resource_) return;
    loop_.restart();
    auto patience = loop_.after(kGoodbyePatience, [this] { loop_.stop(); });
    signalling_.remove(*resource_, [this] { loop_.stop(); });
    loop_.run();
  }

  const PublishOptions& options_;
  const dtls::Certificate& certificate_;
  std::vector<ClipFrame> clip_;
  http::Loop loop_;
  Signalling signalling_;
  ice::Credentials credentials_;
  SentSsrcs ssrcs_;
  net::Reactor reactor_;
  net::Reactor::Timer timer_;
  std::optional<net::UdpSocket> socket_;
  std::optional<net::SendQueue> queue_;
  net::Reactor::Watch watch_;
  std::optional<Answer> answer_;
  std::optional<PeerLink> link_;
  std::optional<PublisherMedia> media_;
  std::optional<HttpUrl> resource_;
  std::string failure_;
  Timestamp asked_, connected_, last_;
};

}  // namespace

Result<PublishReport, Error> publish(const PublishOptions& options,
                                     const std::function<bool(const PublishReport&)>& progress) {
  auto endpoint = HttpUrl::parse(options.url);
  if (!endpoint) return unexpected(endpoint.error());
  auto certificate = dtls::Certificate::generate();
  if (!certificate) return unexpected(certificate.error());
  auto clip = make_clip(options.video_kbps, options.fps, options.key_interval);
  if (!clip) return unexpected(clip.error());
  return Publisher(options, std::move(*endpoint), *certificate, std::move(*clip)).run(progress);
}

}  // namespace footlight::load
