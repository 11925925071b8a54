#pragma once
#include <set>
#include <string>
#include <vector>

#include "base/socket_address.h"
#include "http/server.h"

namespace footlight::app {

// Which Host a public listener answers to (CONTRACT §4): loopback names, the addresses it listens on, and the hosts of
// the *.public_url keys. Others get 421: a page that rebinds its name to our address reaches nothing.
class HostCheck {
 public:
  HostCheck(const SocketAddress& listen, const std::vector<std::string>& public_urls);
  [[nodiscard]] bool accepts(std::string_view host_field) const;
  // A handler that asks first.
  [[nodiscard]] static http::Handler guard(HostCheck check, http::Handler inner);

 private:
  std::set<std::string, std::less<>> hosts_;  // lower case, without port and brackets
};

}  // namespace footlight::app
