#include "base/random_tape.h"

#include <algorithm>
#include <utility>

namespace footlight {
namespace {
thread_local RandomTape* t_running = nullptr;
}  // namespace

void RandomTape::start() { t_running = this; }

void RandomTape::stop() {
  if (t_running == this) t_running = nullptr;
}

RandomTape* RandomTape::running() { return t_running; }

std::vector<uint8_t> RandomTape::take() { return std::exchange(bytes_, {}); }

bool RandomTape::play(MutableByteView out) {
  if (mode_ != Mode::kPlay) return false;
  if (bytes_.size() - played_ < out.size()) {
    ran_out_ = true;
    return false;
  }
  std::copy_n(bytes_.begin() + static_cast<ptrdiff_t>(played_), out.size(), out.begin());
  played_ += out.size();
  return true;
}

void RandomTape::keep(ByteView bytes) {
  if (mode_ == Mode::kRecord) append(bytes);
}

}  // namespace footlight
