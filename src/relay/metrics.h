#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace footlight::relay {

// Why a datagram, or a packet in it, went no further.
enum class Drop : uint8_t {
  kUnknownKind,     // neither STUN, DTLS, RTP nor RTCP
  kBadStun,         // unreadable, or not a request
  kUnknownUfrag,    // STUN for no session of ours
  kUnknownTuple,    // from an address that ICE has not validated
  kNoKeys,          // media before the DTLS handshake is done
  kUnauthentic,     // the SRTP tag does not fit, or too many streams
  kReplayed,        // seen before, or too old to tell
  kMalformed,       // authentic, but no RTP or RTCP
  kUnknownSsrc,     // of no track that was agreed on
  kUnknownPayload,  // payload type not agreed on
  kTooLarge,        // payload longer than the buffer's slots
  kDuplicate,       // a repair for a packet that is there
  kTooOld,          // older than the buffer
  kUnknownPipe,     // no pipe has this RTCP sender or address
  kUnsendable,      // encryption refused it
  kSlowReader,      // a TCP peer does not read, or its connection is gone
  kTakenTuple,      // STUN for one session from an address that another lives at
};
inline constexpr size_t kDropCount = 17;

// Why sessions and RTMP connections end: what stands in their last line of log. The last is for all other words.
inline constexpr std::array<std::string_view, 27> kEndReasons = {
    "closed_by_peer",  "deleted",        "taken_over",      "revoked",           "relay_stopped",
    "connect_timeout", "gave_way",       "consent_expired", "source_changed",    "dtls_failed",
    "too_much_rtcp",   "too_many_ssrcs", "bad_handshake",   "protocol_error",    "too_large",
    "unknown_app",     "refused",        "unavailable",     "unsupported_codec", "unsupported",
    "bad_media",       "media_timeout",  "ended",           "too_many",          "stuck",
    "connection_lost", "other"};

struct EndCounters {
  std::array<uint64_t, kEndReasons.size()> of{};

  void count(std::string_view reason);
  [[nodiscard]] uint64_t all() const;
};

// RTMP's connections, with a key or without.
struct RtmpCounters {
  uint64_t connections = 0;
  EndCounters ends;
  uint64_t bytes_in = 0;
  uint64_t pictures = 0;
  uint64_t sounds = 0;
  uint64_t skipped = 0;          // as in rtmp::MediaCounters, and sound of which there was more than time
  uint64_t discontinuities = 0;  // times that jumped
};

// One shard's counters: plain numbers, written by its thread only.
struct Counters {
  uint64_t packets_in = 0;  // RTP that authenticated
  uint64_t bytes_in = 0;
  uint64_t packets_out = 0;  // RTP sent, resends included
  uint64_t bytes_out = 0;
  uint64_t rtcp_in = 0;
  uint64_t rtcp_out = 0;
  uint64_t nacks_out = 0;  // packets that we asked for
  uint64_t nacks_in = 0;   // packets that viewers asked for
  uint64_t rtx_in = 0;
  uint64_t resends = 0;          // answers to viewers' NACKs
  uint64_t resends_refused = 0;  // not buffered any more, or beyond the storm's bound
  uint64_t plis_out = 0;
  uint64_t plis_in = 0;  // FIR included
  uint64_t feedback_out = 0;
  uint64_t joins_cached = 0;  // viewers who had their first picture from the join cache
  uint64_t joins_waiting = 0;
  uint64_t skips = 0;        // times that frames were left out up to a key frame: the path carried less than the source
  uint64_t red_repairs = 0;  // lost packets of sound that a later one repeated
  uint64_t probes_out = 0;   // packets sent to find out what a path carries
  uint64_t tcp_connections = 0;
  uint64_t tcp_ends = 0;
  EndCounters session_ends;
  RtmpCounters rtmp;
  std::array<uint64_t, kDropCount> drops{};

  void drop(Drop reason) { ++drops[static_cast<size_t>(reason)]; }
  [[nodiscard]] uint64_t dropped(Drop reason) const { return drops[static_cast<size_t>(reason)]; }
};

struct Gauges {
  size_t publishers = 0;
  size_t viewers = 0;
  size_t pipes = 0;
  size_t streams = 0;
};

// Prometheus text, footlight_relay_*.
[[nodiscard]] std::string to_prometheus(const Counters& counters, const Gauges& gauges);

}  // namespace footlight::relay
