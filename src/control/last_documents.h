#pragma once
#include <map>
#include <string>

#include "base/units.h"

namespace footlight::control {

// Observed state as each role instance sent it last, in memory only. Owned by ControlCore; its loop's thread. Written
// by Observer, read by calls that tell people about it.
class LastDocuments {
 public:
  void keep(const std::string& role, std::string document) { documents_[role] = std::move(document); }
  void forget(const std::string& role) { documents_.erase(role); }
  // Empty: it has said nothing, or is away.
  [[nodiscard]] const std::string& of(const std::string& role) const {
    static const std::string kNone;
    const auto it = documents_.find(role);
    return it == documents_.end() ? kNone : it->second;
  }

 private:
  std::map<std::string, std::string> documents_;
};

}  // namespace footlight::control
