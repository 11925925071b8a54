#include "ice/client_agent.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/random.h"
#include "ice/lite_agent.h"

namespace footlight::ice {
namespace {

constexpr Duration kPacing = Duration::millis(50);           // Ta, RFC 8445 §14.2
constexpr Duration kFirstRetry = Duration::millis(500);      // RTO, RFC 8445 §14.3
constexpr Duration kLongestRetry = Duration::millis(1600);   // as browsers: 30 s of patience need many tries
constexpr Duration kConsentInterval = Duration::seconds(5);  // RFC 7675 §5.1
// RFC 8445 §5.1.2: peer-reflexive type preference 110, one component.
constexpr uint32_t kPriority = 110U << 24 | 65535U << 8 | 255U;

TransactionId new_transaction() {
  TransactionId id{};
  random_fill(id);
  return id;
}

}  // namespace

ClientAgent::ClientAgent(Credentials local, Credentials remote, std::vector<AddressPair> pairs, Timestamp now)
    : local_(std::move(local)),
      remote_(std::move(remote)),
      tie_breaker_(random_u64()),
      pairs_(std::move(pairs)),
      last_answer_(now) {
  begin_checks(pairs_, now);
}

void ClientAgent::begin_checks(const std::vector<AddressPair>& pairs, Timestamp now) {
  checks_.clear();
  for (const AddressPair& pair : pairs) {
    checks_.push_back({.pair = pair, .due = now, .interval = kFirstRetry});
    now += kPacing;
  }
}

std::optional<ClientAgent::Packet> ClientAgent::take_packet(Timestamp now) {
  if (reply_) {
    Reply reply = *reply_;
    reply_.reset();
    return Packet{reply.pair, ByteView(buffer_).first(write_reply(reply))};
  }
  auto due = std::ranges::find_if(checks_, [now](const Check& c) { return c.due <= now; });
  if (due == checks_.end()) return std::nullopt;
  size_t size = write_check(*due);
  due->due = now + due->interval;
  due->interval = std::min(due->interval * 2, kLongestRetry);
  return Packet{due->pair, ByteView(buffer_).first(size)};
}

// Regular nomination is a second check; aggressive nomination on the taken pair saves it, and a lite peer agrees to
// whichever comes last (RFC 8445 §8.1.1 allows USE-CANDIDATE once the pair is chosen).
size_t ClientAgent::write_check(Check& check) {
  check.transaction = new_transaction();
  StunWriter writer(buffer_, StunClass::kRequest, kBindingMethod, check.transaction);
  writer.username(fmt::format("{}:{}", remote_.ufrag, local_.ufrag)).priority(kPriority).controlling(tie_breaker_);
  if (selected_ == check.pair || pairs_.size() == 1) writer.use_candidate();
  return writer.finish(remote_.password.reveal());
}

size_t ClientAgent::write_reply(const Reply& reply) {
  StunWriter writer(buffer_, StunClass::kSuccess, kBindingMethod, reply.transaction);
  return writer.xor_mapped_address(reply.pair.remote).finish(local_.password.reveal());
}

void ClientAgent::handle_stun(const StunMessage& message, const AddressPair& pair, Timestamp now) {
  if (message.method != kBindingMethod) return;
  if (message.cls == StunClass::kRequest) return on_request(message, pair);
  auto check = std::ranges::find_if(
      checks_, [&](const Check& c) { return c.pair == pair && c.transaction == message.transaction; });
  if (check == checks_.end() || message.cls != StunClass::kSuccess) return;
  if (verify_integrity(message, remote_.password.reveal())) on_answer(message, *check, now);
}

void ClientAgent::on_request(const StunMessage& message, const AddressPair& pair) {
  if (message.local_ufrag() == local_.ufrag && verify_integrity(message, local_.password.reveal()))
    reply_ = Reply{pair, message.transaction};
}

void ClientAgent::on_answer(const StunMessage& message, Check& check, Timestamp now) {
  last_answer_ = now;
  mapped_ = message.mapped_address;
  bool was_nominated = selected_ == check.pair || pairs_.size() == 1;
  if (!selected_) selected_ = check.pair;
  if (selected_ != check.pair) return;
  Check kept{.pair = check.pair, .due = was_nominated ? now + kConsentInterval : now, .interval = kFirstRetry};
  checks_.assign(1, kept);
}

Timestamp ClientAgent::next_timeout() const {
  Timestamp soonest = reply_ ? Timestamp::min() : Timestamp::max();
  for (const Check& check : checks_) soonest = std::min(soonest, check.due);
  return soonest;
}

bool ClientAgent::failed(Timestamp now) const { return now - last_answer_ >= kConsentTimeout; }

void ClientAgent::switch_to(const AddressPair& pair, Timestamp now) {
  pairs_.assign(1, pair);
  selected_ = pair;
  begin_checks(pairs_, now);
}

void ClientAgent::restart(Credentials local, Credentials remote, Timestamp now) {
  local_ = std::move(local);
  remote_ = std::move(remote);
  if (selected_) pairs_.assign(1, *selected_);
  begin_checks(pairs_, now);
}

}  // namespace footlight::ice
