#include "ice/credentials.h"

#include <array>

#include "base/bytes.h"
#include "base/random.h"
#include "base/text_codec.h"

namespace footlight::ice {
namespace {

// RFC 8839 §5.4: ice-char is a letter, a digit, '+' or '/': base64's alphabet. Whole groups of three have no padding.
template <size_t kBytes>
std::string random_ice_chars() {
  static_assert(kBytes % 3 == 0);
  std::array<uint8_t, kBytes> raw{};
  random_fill(raw);
  return to_base64(raw);
}

}  // namespace

Credentials make_credentials() { return {.ufrag = random_ice_chars<6>(), .password = Secret(random_ice_chars<18>())}; }

}  // namespace footlight::ice
