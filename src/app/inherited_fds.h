#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace footlight::app {

// The descriptors a role got from the supervisor by FOOTLIGHT_FDS ("http=3,control_sock=4,media=5,media=6").
class InheritedFds {
 public:
  // Reads and forgets the variable, makes the descriptors close-on-exec. Without it, or when one is not open: an Error
  // that says who starts roles.
  [[nodiscard]] static Result<InheritedFds, Error> take();
  // The first of the name that was not taken yet; invalid when there is none.
  [[nodiscard]] UniqueFd one(std::string_view name);
  [[nodiscard]] std::vector<UniqueFd> all(std::string_view name);

 private:
  struct Entry {
    std::string name;
    UniqueFd fd;
  };
  std::vector<Entry> entries_;
};

}  // namespace footlight::app
