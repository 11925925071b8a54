#pragma once
#include <set>
#include <string>

#include "base/secret.h"
#include "base/units.h"
#include "http/message.h"
#include "token/jwt.h"

namespace footlight::hls {

// Who may see a token event (CONTRACT §4): the viewer's JWT in `?token=` or in the cookie that an earlier request set.
// Owned by the origin, filled from desired state; loop thread.
class ViewerAccess {
 public:
  struct Verdict {
    int status = 200;  // 401 or 403
    std::string detail;
    std::string set_cookie;  // not empty: the token came in the query and the cookie does not carry it yet
  };
  void apply(Secret key, const std::vector<std::string>& revoked);
  [[nodiscard]] Verdict check(const http::Request& request, const std::string& event, WallTime now) const;

 private:
  Secret key_;
  std::set<std::string, std::less<>> revoked_;
};

}  // namespace footlight::hls
