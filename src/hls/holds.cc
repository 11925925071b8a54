#include "hls/holds.h"

#include <vector>

namespace footlight::hls {

bool Holds::hold(const http::ExchangePtr& exchange, Timestamp deadline, TryAnswer try_answer) {
  if (budget_.held >= budget_.limit) {
    ++budget_.refused;
    return false;
  }
  const Key key{deadline, next_id_++};
  entries_->emplace(key, std::move(try_answer));
  ++budget_.held;
  exchange->on_closed([entries = std::weak_ptr(entries_), budget = &budget_, key] {
    if (auto live = entries.lock(); live && live->erase(key) > 0) --budget->held;
  });
  return true;
}

void Holds::wake() {
  std::vector<Key> keys;
  keys.reserve(entries_->size());
  for (const auto& [key, unused] : *entries_) keys.push_back(key);
  for (const Key& key : keys) {
    // Answering one may close another.
    auto found = entries_->find(key);
    if (found == entries_->end() || !found->second(false)) continue;
    if (entries_->erase(key) > 0) --budget_.held;
  }
}

void Holds::expire(Timestamp now) {
  while (!entries_->empty() && entries_->begin()->first.first <= now) {
    auto node = entries_->extract(entries_->begin());
    --budget_.held;
    ++budget_.expired;
    node.mapped()(true);
  }
}

std::optional<Timestamp> Holds::next_deadline() const {
  if (entries_->empty()) return std::nullopt;
  return entries_->begin()->first.first;
}

void Holds::clear() {
  budget_.held -= entries_->size();
  entries_->clear();
}

}  // namespace footlight::hls
