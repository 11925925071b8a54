#include "app/inherited_fds.h"

#include <fcntl.h>

#include <charconv>
#include <cstdlib>

namespace footlight::app {

Result<InheritedFds, Error> InheritedFds::take() {
  const char* variable = std::getenv("FOOTLIGHT_FDS");
  if (variable == nullptr)
    return fail("This role gets its sockets from the supervisor: start `footlight serve`, which starts it.");
  InheritedFds out;
  std::string_view rest = variable;
  while (!rest.empty()) {
    size_t comma = rest.find(',');
    std::string_view entry = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    size_t equals = entry.find('=');
    int fd = -1;
    if (equals != std::string_view::npos) std::from_chars(entry.data() + equals + 1, entry.data() + entry.size(), fd);
    if (fd < 0 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
      return fail("FOOTLIGHT_FDS names no open descriptor; it is set by `footlight serve`, not by hand.");
    out.entries_.push_back({std::string(entry.substr(0, equals)), UniqueFd(fd)});
  }
  ::unsetenv("FOOTLIGHT_FDS");
  return out;
}

UniqueFd InheritedFds::one(std::string_view name) {
  for (Entry& entry : entries_)
    if (entry.name == name && entry.fd.valid()) return std::move(entry.fd);
  return UniqueFd();
}

std::vector<UniqueFd> InheritedFds::all(std::string_view name) {
  std::vector<UniqueFd> out;
  for (UniqueFd fd = one(name); fd.valid(); fd = one(name)) out.push_back(std::move(fd));
  return out;
}

}  // namespace footlight::app
