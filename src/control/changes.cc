#include "control/changes.h"

namespace footlight::control {

Result<void, Error> Changes::run(Durability durability, const std::function<bool()>& work) {
  repository_.begin(durability);
  if (!work()) {
    repository_.rollback();
    stream_.discard();
    return {};
  }
  if (auto done = repository_.commit(); !done) {
    stream_.discard();
    return done;
  }
  stream_.flush();
  if (changed_) changed_();
  return {};
}

}  // namespace footlight::control
