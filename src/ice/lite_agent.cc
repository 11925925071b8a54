#include "ice/lite_agent.h"

#include <algorithm>

namespace footlight::ice {

LiteAgent::LiteAgent(Credentials local, Timestamp now) : last_heard_(now) {
  generations_.push_back({std::move(local), std::nullopt});
  tuples_.reserve(kMaxTuples);
}

size_t LiteAgent::handle_stun(const StunMessage& message, const AddressPair& tuple, Timestamp now,
                              MutableByteView response) {
  // A lite agent sends no checks, so responses are nobody's; indications keep NAT bindings and prove nothing.
  if (message.cls != StunClass::kRequest || message.method != kBindingMethod || state_ == State::kExpired) return 0;
  // RFC 8489 §9.1.3: what lacks credentials is a bad request, wrong ones are unauthenticated; neither is signed.
  if (!message.username || message.integrity_at == 0) return respond_error(message, kErrorBadRequest, {}, response);
  auto generation = std::ranges::find(generations_, message.local_ufrag(),
                                      [](const Generation& g) { return std::string_view(g.local.ufrag); });
  if (generation == generations_.end() || !verify_integrity(message, generation->local.password.reveal()))
    return respond_error(message, kErrorUnauthenticated, {}, response);
  const std::string_view password = generation->local.password.reveal();
  if (message.unknown_attribute) return respond_error(message, kErrorUnknownAttribute, password, response);
  // RFC 8445 §7.3.1.1: both sides controlled. A lite agent stays so (§6.1.1), hence the peer has to switch.
  if (message.controlled) return respond_error(message, kErrorRoleConflict, password, response);

  StunWriter writer(response, StunClass::kSuccess, kBindingMethod, message.transaction);
  const size_t size = writer.xor_mapped_address(tuple.remote).finish(password);
  on_authenticated(message, static_cast<size_t>(generation - generations_.begin()), tuple, now);  // may retire others
  return size;
}

size_t LiteAgent::respond_error(const StunMessage& message, uint16_t code, std::string_view password,
                                MutableByteView out) {
  StunWriter writer(out, StunClass::kError, message.method, message.transaction);
  switch (code) {
    case kErrorBadRequest:
      writer.error(code, "Bad Request");
      break;
    case kErrorUnauthenticated:
      writer.error(code, "Unauthenticated");
      break;
    case kErrorUnknownAttribute:
      writer.error(code, "Unknown Attribute").unknown_attribute(message.unknown_attribute.value_or(0));
      break;
    default:
      writer.error(code, "Role Conflict");
  }
  return writer.finish(password);
}

void LiteAgent::on_authenticated(const StunMessage& message, size_t generation, const AddressPair& pair,
                                 Timestamp now) {
  last_heard_ = now;
  touch(pair, now);
  if (state_ == State::kStalled) {
    state_ = State::kConnected;
    emit(LiteEventKind::kResumed, pair);
  }
  if (state_ == State::kNew) {
    state_ = State::kConnected;
    emit(LiteEventKind::kConnected, pair);
  }
  bool newest = generation + 1 == generations_.size();
  if (newest && nominates(message, generations_[generation])) {
    if (generations_.size() > 1) {
      generations_.erase(generations_.begin(), generations_.end() - 1);
      emit(LiteEventKind::kRestarted, pair);
    }
    select(pair);
  } else if (selected_is_lost(now)) {
    select(pair);
  }
}

// DTLS may begin before the peer nominates: answer where it was heard first. And a NAT may give the flow a new address
// (rebinding) while a peer that nominated long ago sees no reason to do so again.
bool LiteAgent::selected_is_lost(Timestamp now) const {
  auto heard = selected_ ? last_heard(*selected_) : std::nullopt;
  return !heard || now - *heard >= kSelectedTimeout;
}

// The last USE-CANDIDATE wins; with renomination the highest value does, so that a late packet changes nothing.
bool LiteAgent::nominates(const StunMessage& message, Generation& generation) {
  if (message.nomination) {
    if (generation.nomination && *message.nomination < *generation.nomination) return false;
    generation.nomination = message.nomination;
    return true;
  }
  return message.use_candidate && !generation.nomination;
}

void LiteAgent::touch(const AddressPair& pair, Timestamp now) {
  auto known = std::ranges::find(tuples_, pair, &Tuple::pair);
  if (known != tuples_.end()) {
    known->heard = now;
    return;
  }
  if (tuples_.size() == kMaxTuples) {
    auto quietest = std::ranges::min_element(
        tuples_, {}, [this](const Tuple& t) { return t.pair == selected_ ? Timestamp::max() : t.heard; });
    emit(LiteEventKind::kTupleRemoved, quietest->pair);
    tuples_.erase(quietest);
  }
  tuples_.push_back({pair, now});
  emit(LiteEventKind::kTupleAdded, pair);
}

void LiteAgent::forget(const AddressPair& tuple) {
  if (std::erase_if(tuples_, [&](const Tuple& t) { return t.pair == tuple; }) == 0) return;
  emit(LiteEventKind::kTupleRemoved, tuple);
  auto latest = std::ranges::max_element(tuples_, {}, &Tuple::heard);
  if (selected_ == tuple && latest != tuples_.end()) select(latest->pair);
}

bool LiteAgent::admits(const AddressPair& tuple) const {
  return state_ != State::kExpired && std::ranges::find(tuples_, tuple, &Tuple::pair) != tuples_.end();
}

std::optional<Timestamp> LiteAgent::last_heard(const AddressPair& tuple) const {
  auto known = std::ranges::find(tuples_, tuple, &Tuple::pair);
  return known == tuples_.end() ? std::nullopt : std::optional(known->heard);
}

std::optional<AddressPair> LiteAgent::selected() const { return state_ == State::kExpired ? std::nullopt : selected_; }

void LiteAgent::select(const AddressPair& pair) {
  if (selected_ == pair) return;
  selected_ = pair;
  emit(LiteEventKind::kSelected, pair);
}

void LiteAgent::restart(Credentials local) {
  // A second restart before the first was taken up: the one in between was never used.
  if (generations_.size() > 1) generations_.pop_back();
  generations_.push_back({std::move(local), std::nullopt});
}

Timestamp LiteAgent::next_timeout() const {
  switch (state_) {
    case State::kConnected:
      return last_heard_ + kStallTimeout;
    case State::kNew:
    case State::kStalled:
      return last_heard_ + kConsentTimeout;
    case State::kExpired:
      break;
  }
  return Timestamp::max();
}

void LiteAgent::on_timeout(Timestamp now) {
  if (state_ == State::kConnected && now - last_heard_ >= kStallTimeout) {
    state_ = State::kStalled;
    emit(LiteEventKind::kStalled, selected_.value_or(AddressPair{}));
  }
  if (state_ != State::kExpired && now - last_heard_ >= kConsentTimeout) {
    for (const Tuple& tuple : tuples_) emit(LiteEventKind::kTupleRemoved, tuple.pair);
    tuples_.clear();
    state_ = State::kExpired;
    emit(LiteEventKind::kExpired, selected_.value_or(AddressPair{}));
  }
}

std::optional<LiteEvent> LiteAgent::take_event() {
  if (next_event_ < events_.size()) return events_[next_event_++];
  events_.clear();
  next_event_ = 0;
  return std::nullopt;
}

void LiteAgent::emit(LiteEventKind kind, const AddressPair& pair) { events_.push_back({kind, pair}); }

}  // namespace footlight::ice
