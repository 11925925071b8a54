#include "control/new_event.h"

#include "base/random.h"

namespace footlight::control {
namespace {

constexpr std::string_view kAlphabet = "23456789abcdefghjkmnpqrstuvwxyz";
constexpr size_t kEventIdChars = 10;  // 31^10: a collision is not to be expected, and the primary key refuses it
constexpr size_t kNonceBytes = 9;

}  // namespace

std::string new_event_id() {
  std::string id;
  for (size_t i = 0; i < kEventIdChars; ++i) id += kAlphabet[random_u32() % kAlphabet.size()];
  return id;
}

void store_new_event(Parts& parts, Event& event, const std::string& stream_key) {
  event.created_at = parts.clock.wall_now();
  event.key_hash = hash_of_key(stream_key);
  event.nonce = random_id(kNonceBytes);
  event.counters = parts.repository.counters_of_deleted(event.id);
  ++event.counters.status_version;
  parts.repository.insert_event(event);
}

}  // namespace footlight::control
