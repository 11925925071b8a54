#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/relay.h"

namespace footlight::relay {

// The ICE generations of a session's peer by their user name fragments (RFC 8445 §9), and how the last restart was
// answered: a client whose network changes may lose the answer and sends the same fragment again, and one whose
// candidate is late names a generation that is over. Owned by the session.
class RemoteGenerations {
 public:
  void begin(std::string ufrag) { present_ = std::move(ufrag); }
  [[nodiscard]] bool is_restart(std::string_view ufrag) const {
    return !ufrag.empty() && ufrag != present_ && std::ranges::find(past_, ufrag) == past_.end();
  }
  // The reply to the last restart when this is its fragment once more; else nullptr.
  [[nodiscard]] const PatchReply* answered(std::string_view fragment) const {
    return !fragment_.empty() && fragment == fragment_ ? &reply_ : nullptr;
  }
  void restarted(std::string ufrag, std::string_view fragment, PatchReply reply) {
    if (past_.size() == kMaxPast) past_.erase(past_.begin());
    past_.push_back(std::exchange(present_, std::move(ufrag)));
    fragment_ = fragment.size() <= kMaxFragment ? fragment : "";
    reply_ = std::move(reply);
  }

 private:
  static constexpr size_t kMaxPast = 8;
  static constexpr size_t kMaxFragment = 4096;  // a restart's has credentials and a few candidates

  std::string present_;
  std::vector<std::string> past_;
  std::string fragment_;
  PatchReply reply_;
};

}  // namespace footlight::relay
