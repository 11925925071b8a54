#include "relay/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>

namespace footlight::relay {
namespace {

constexpr std::array<std::string_view, kDropCount> kDropNames = {
    "unknown_kind", "bad_stun",     "unknown_ufrag", "unknown_tuple",   "no_keys",    "unauthentic",
    "replayed",     "malformed",    "unknown_ssrc",  "unknown_payload", "too_large",  "duplicate",
    "too_old",      "unknown_pipe", "unsendable",    "slow_reader",     "taken_tuple"};

void counter(std::string& out, std::string_view name, std::string_view help, uint64_t value) {
  fmt::format_to(std::back_inserter(out),
                 "# HELP footlight_relay_{0} {1}\n# TYPE footlight_relay_{0} counter\nfootlight_relay_{0} {2}\n", name,
                 help, value);
}

void gauge(std::string& out, std::string_view name, std::string_view help, size_t value) {
  fmt::format_to(std::back_inserter(out),
                 "# HELP footlight_relay_{0} {1}\n# TYPE footlight_relay_{0} gauge\nfootlight_relay_{0} {2}\n", name,
                 help, value);
}

void by_reason(std::string& out, std::string_view name, std::string_view help, const EndCounters& ends) {
  fmt::format_to(std::back_inserter(out), "# HELP footlight_relay_{0} {1}\n# TYPE footlight_relay_{0} counter\n", name,
                 help);
  for (size_t i = 0; i < kEndReasons.size(); ++i)
    fmt::format_to(std::back_inserter(out), "footlight_relay_{}{{reason=\"{}\"}} {}\n", name, kEndReasons[i],
                   ends.of[i]);
}

void rtmp(std::string& out, const RtmpCounters& c) {
  gauge(out, "rtmp_connections", "RTMP connections, with a stream key or without.", c.connections - c.ends.all());
  counter(out, "rtmp_connections_total", "RTMP connections taken.", c.connections);
  by_reason(out, "rtmp_ended_connections_total", "RTMP connections that ended, by reason.", c.ends);
  counter(out, "rtmp_received_bytes_total", "Bytes from RTMP connections.", c.bytes_in);
  counter(out, "rtmp_pictures_total", "Video messages that became pictures.", c.pictures);
  counter(out, "rtmp_sounds_total", "Audio messages that became sound.", c.sounds);
  counter(out, "rtmp_skipped_messages_total",
          "Media before its configuration or without a place in time, and empty configurations.", c.skipped);
  counter(out, "rtmp_discontinuities_total", "Timestamps that jumped.", c.discontinuities);
}

}  // namespace

void EndCounters::count(std::string_view reason) {
  auto known = std::ranges::find(kEndReasons, reason);
  ++of[known == kEndReasons.end() ? of.size() - 1 : static_cast<size_t>(known - kEndReasons.begin())];
}

uint64_t EndCounters::all() const { return std::accumulate(of.begin(), of.end(), uint64_t{0}); }

std::string to_prometheus(const Counters& c, const Gauges& g) {
  std::string out;
  gauge(out, "publishers", "Publishing WebRTC sessions.", g.publishers);
  gauge(out, "viewers", "Watching WebRTC sessions.", g.viewers);
  gauge(out, "pipes", "Pipes to compose.", g.pipes);
  gauge(out, "streams", "Streams that somebody publishes.", g.streams);
  counter(out, "received_packets_total", "RTP packets that authenticated.", c.packets_in);
  counter(out, "received_bytes_total", "Their bytes, after decryption.", c.bytes_in);
  counter(out, "sent_packets_total", "RTP packets sent, resends included.", c.packets_out);
  counter(out, "sent_bytes_total", "Their bytes on the wire.", c.bytes_out);
  counter(out, "received_rtcp_packets_total", "RTCP compounds that authenticated.", c.rtcp_in);
  counter(out, "sent_rtcp_packets_total", "RTCP compounds sent.", c.rtcp_out);
  counter(out, "nacks_sent_total", "Missing packets asked for.", c.nacks_out);
  counter(out, "nacks_received_total", "Packets that receivers asked for.", c.nacks_in);
  counter(out, "received_rtx_packets_total", "Retransmissions received.", c.rtx_in);
  counter(out, "resent_packets_total", "Retransmissions sent.", c.resends);
  counter(out, "refused_resends_total", "Retransmissions not possible or beyond the bound.", c.resends_refused);
  counter(out, "plis_sent_total", "Key frames asked for.", c.plis_out);
  counter(out, "plis_received_total", "Key frames that receivers asked for.", c.plis_in);
  counter(out, "transport_feedback_sent_total", "Transport-wide feedback messages.", c.feedback_out);
  counter(out, "joins_cached_total", "Receivers that began from the join cache.", c.joins_cached);
  counter(out, "joins_waiting_total", "Receivers that had to wait for a key frame.", c.joins_waiting);
  counter(out, "skips_total", "Times that a slow path had frames left out up to a key frame.", c.skips);
  counter(out, "red_repairs_total", "Lost packets of sound that a later one repeated.", c.red_repairs);
  counter(out, "probe_packets_total", "Packets sent to find out what a path carries.", c.probes_out);
  by_reason(out, "ended_sessions_total", "Publishers and receivers that ended, by reason.", c.session_ends);
  gauge(out, "tcp_connections", "Connections to the media port.", c.tcp_connections - c.tcp_ends);
  counter(out, "tcp_connections_total", "Connections taken on the media port.", c.tcp_connections);
  rtmp(out, c.rtmp);
  fmt::format_to(std::back_inserter(out),
                 "# HELP footlight_relay_dropped_packets_total What went no further, by reason.\n"
                 "# TYPE footlight_relay_dropped_packets_total counter\n");
  for (size_t i = 0; i < kDropCount; ++i)
    fmt::format_to(std::back_inserter(out), "footlight_relay_dropped_packets_total{{reason=\"{}\"}} {}\n",
                   kDropNames[i], c.drops[i]);
  return out;
}

}  // namespace footlight::relay
