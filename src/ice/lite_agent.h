#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/socket_address.h"
#include "base/units.h"
#include "ice/credentials.h"
#include "ice/stun_message.h"

namespace footlight::ice {

// RFC 7675 §5.1: consent expires 30 s after the last authenticated request.
inline constexpr Duration kConsentTimeout = Duration::seconds(30);
// RFC 7675 §5.1: requests come 4 to 6 s apart (browsers' come sooner); a pair that was silent for longer is probably
// gone, and the owner may say so.
inline constexpr Duration kStallTimeout = Duration::seconds(7);
// A selected tuple that is silent for longer, while another is heard, has lost its way: well above the slowest peer's
// interval.
inline constexpr Duration kSelectedTimeout = Duration::seconds(10);
// A peer with more addresses than this has its quietest one forgotten.
inline constexpr size_t kMaxTuples = 8;

enum class LiteEventKind {
  kTupleAdded,    // `tuple` sent its first authenticated request: map it to the session
  kTupleRemoved,  // forget it
  kConnected,     // the first tuple; once
  kSelected,      // send to `tuple` from now on
  kStalled,       // no authenticated request for kStallTimeout
  kResumed,       // after kStalled
  kRestarted,     // the new generation took over: the old ufrag is dead
  kExpired,       // consent is gone for good: end the session
};

struct LiteEvent {
  LiteEventKind kind{};
  AddressPair tuple;
};

// ICE-lite agent of one session (RFC 8445 §2.5), always controlled. Owned by a relay session, on its shard thread.
// In: STUN datagrams with their tuple, time, and restarts. Out: response bytes, events by take_event(). It sends no
// checks, so it needs no credentials of the peer. Wrong bytes cost an error response or silence, never an event.
class LiteAgent {
 public:
  LiteAgent(Credentials local, Timestamp now);

  // Handles one parsed message that came on `tuple`; writes the response (at least kMaxStunSize of room) and returns
  // its size, 0 when none is due. The response goes back on the same tuple.
  [[nodiscard]] size_t handle_stun(const StunMessage& message, const AddressPair& tuple, Timestamp now,
                                   MutableByteView response);
  // The connection of a TCP tuple has ended. A selected one gives way to the tuple heard last, if there is another;
  // else it stays selected, as nothing is better, until the next authenticated request.
  void forget(const AddressPair& tuple);
  // Sends are allowed and DTLS is listened to only on tuples that have authenticated.
  [[nodiscard]] bool admits(const AddressPair& tuple) const;
  // The last authenticated request on this tuple.
  [[nodiscard]] std::optional<Timestamp> last_heard(const AddressPair& tuple) const;
  [[nodiscard]] std::optional<AddressPair> selected() const;
  // RFC 8445 §9: new credentials; the old ones still answer, and the selected tuple stays, until a request of the
  // new generation nominates.
  void restart(Credentials local);
  [[nodiscard]] const Credentials& local() const { return generations_.back().local; }

  [[nodiscard]] Timestamp next_timeout() const;
  void on_timeout(Timestamp now);
  [[nodiscard]] std::optional<LiteEvent> take_event();
  [[nodiscard]] bool expired() const { return state_ == State::kExpired; }

 private:
  enum class State : uint8_t { kNew, kConnected, kStalled, kExpired };
  struct Generation {
    Credentials local;
    std::optional<uint32_t> nomination;  // highest value heard (renomination)
  };
  struct Tuple {
    AddressPair pair;
    Timestamp heard;
  };

  static size_t respond_error(const StunMessage& message, uint16_t code, std::string_view password,
                              MutableByteView out);
  void on_authenticated(const StunMessage& message, size_t generation, const AddressPair& pair, Timestamp now);
  void touch(const AddressPair& pair, Timestamp now);
  [[nodiscard]] bool selected_is_lost(Timestamp now) const;
  [[nodiscard]] static bool nominates(const StunMessage& message, Generation& generation);
  void select(const AddressPair& pair);
  void emit(LiteEventKind kind, const AddressPair& pair);

  std::vector<Generation> generations_;  // one, or two during a restart; the newest is last
  std::vector<Tuple> tuples_;
  std::optional<AddressPair> selected_;
  State state_ = State::kNew;
  Timestamp last_heard_;
  std::vector<LiteEvent> events_;
  size_t next_event_ = 0;
};

}  // namespace footlight::ice
