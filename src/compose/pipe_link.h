#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "compose/feeds.h"
#include "compose/rtp_output.h"
#include "net/reactor.h"
#include "net/udp_socket.h"
#include "srtp/srtp_session.h"
#include "state/programme.h"

namespace footlight::compose {

// Written on the pipe thread, read by any.
struct PipeFigures {
  std::atomic<uint64_t> rtp_in{0}, rtcp_in{0}, refused{0}, key_requests_in{0}, nacks_in{0}, rtp_out{0}, repeats_out{0};
};

// Compose's end of the pipe (ARCHITECTURE.md "Pipe"): one UDP socket on loopback, SRTP AES-128-GCM both ways. Media and
// sender reports go to the feeds; lost packets, key frames and receiver reports are asked for and told; the relay's own
// NACK and PLI go to the programme. Owned by Compose; pipe thread. What does not authenticate is a counted drop.
class PipeLink final : public PacketSender {
 public:
  // `on_key_request`: someone needs an IDR of the programme. Runs on the pipe thread.
  PipeLink(net::Reactor& reactor, Feeds& feeds, std::function<void()> on_key_request);
  ~PipeLink() override;

  // New keys or address begin anew; an empty address closes. The same again changes nothing.
  void apply(const state::PipeKey& key, const std::string& address);
  [[nodiscard]] RtpOutput& output() { return output_; }
  [[nodiscard]] bool open() const { return socket_.has_value(); }
  [[nodiscard]] const PipeFigures& figures() const { return figures_; }

  void send_rtp(ByteView packet) override;
  void send_rtcp(ByteView packet) override;

 private:
  void close();
  [[nodiscard]] Result<void, Error> connect(const state::PipeKey& key, const std::string& address);
  void on_readable(Timestamp now);
  void on_rtcp(ByteView packet, Timestamp now);
  void on_timer(Timestamp now);
  void send_feedback(const std::vector<FeedbackWish>& wishes);
  void keep_alive(Timestamp now);

  net::Reactor& reactor_;
  Feeds& feeds_;
  RtpOutput output_{*this};
  std::function<void()> on_key_request_;
  net::Reactor::Timer timer_;
  state::PipeKey key_;
  std::string address_;
  AddressPair path_;
  std::optional<net::UdpSocket> socket_;
  net::Reactor::Watch watch_;
  std::optional<srtp::SrtpSender> sender_;
  std::optional<srtp::SrtpReceiver> receiver_;
  std::optional<Timestamp> kept_alive_;
  bool media_flows_ = false;  // the relay has found this end
  std::vector<FeedbackWish> wishes_;
  PipeFigures figures_;
};

}  // namespace footlight::compose
