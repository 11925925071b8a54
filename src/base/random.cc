#include "base/random.h"

#include <sys/random.h>

#include <cerrno>

#include "base/check.h"
#include "base/random_tape.h"
#include "base/text_codec.h"

namespace footlight {

void random_fill(MutableByteView out) {
  RandomTape* tape = RandomTape::running();
  if (tape && tape->play(out)) return;
  for (MutableByteView left = out; !left.empty();) {
    ssize_t n = getrandom(left.data(), left.size(), 0);
    if (n < 0) {
      CHECK(errno == EINTR);
      continue;
    }
    left = left.subspan(static_cast<size_t>(n));
  }
  if (tape) tape->keep(out);
}
uint32_t random_u32() { return static_cast<uint32_t>(random_u64()); }
uint64_t random_u64() {
  uint64_t v = 0;
  random_fill({reinterpret_cast<uint8_t*>(&v), sizeof v});
  return v;
}
std::string random_id(size_t bytes) {
  std::vector<uint8_t> raw(bytes);
  random_fill(raw);
  return to_base64url(raw);
}

}  // namespace footlight
