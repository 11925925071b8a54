#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/socket_address.h"
#include "base/units.h"
#include "ice/credentials.h"
#include "ice/stun_message.h"

namespace footlight::ice {

// The controlling side against an ICE-lite server: what `footlight bench` and the tests' peers speak. It checks the
// given pairs in turn, takes the first that answers, nominates it, and keeps its consent fresh (RFC 7675).
// Owned by one peer, on one thread. In: datagrams and time; out: take_packet(). A server that never answers, or stops
// answering for 30 s, makes failed() true.
class ClientAgent {
 public:
  ClientAgent(Credentials local, Credentials remote, std::vector<AddressPair> pairs, Timestamp now);

  struct Packet {
    AddressPair pair;
    ByteView bytes;  // until the next call
  };
  [[nodiscard]] std::optional<Packet> take_packet(Timestamp now);
  // A response (or a check of a full peer, which is answered by the next take_packet).
  void handle_stun(const StunMessage& message, const AddressPair& pair, Timestamp now);
  [[nodiscard]] Timestamp next_timeout() const;  // call take_packet() then

  [[nodiscard]] bool connected() const { return selected_.has_value(); }
  [[nodiscard]] bool failed(Timestamp now) const;
  [[nodiscard]] std::optional<AddressPair> selected() const { return selected_; }
  [[nodiscard]] std::optional<SocketAddress> mapped_address() const { return mapped_; }
  // Moves to another pair: the network changed. Nominated as soon as it answers.
  void switch_to(const AddressPair& pair, Timestamp now);
  void restart(Credentials local, Credentials remote, Timestamp now);

 private:
  struct Check {
    AddressPair pair;
    TransactionId transaction{};
    Timestamp due;
    Duration interval;  // doubles while nothing answers
  };
  struct Reply {
    AddressPair pair;
    TransactionId transaction{};
  };
  void begin_checks(const std::vector<AddressPair>& pairs, Timestamp now);
  [[nodiscard]] size_t write_check(Check& check);
  [[nodiscard]] size_t write_reply(const Reply& reply);
  void on_request(const StunMessage& message, const AddressPair& pair);
  void on_answer(const StunMessage& message, Check& check, Timestamp now);

  Credentials local_;
  Credentials remote_;
  uint64_t tie_breaker_;
  std::vector<AddressPair> pairs_;
  std::vector<Check> checks_;  // one a pair; after one was taken, that alone
  std::optional<Reply> reply_;
  std::optional<AddressPair> selected_;
  std::optional<SocketAddress> mapped_;
  Timestamp last_answer_;
  std::array<uint8_t, kMaxStunSize> buffer_{};
};

}  // namespace footlight::ice
