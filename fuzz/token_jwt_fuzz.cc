// rooms: token
#include "token/hmac.h"
#include "token/jwt.h"

#include "base/text_codec.h"

// The raw bytes as a token, and the same bytes as the payload of a well-signed one, so that the claims are reached.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace footlight;
  static const Secret key("0123456789abcdef0123456789abcdef");
  const WallTime now = WallTime::millis(1'800'000'000'000);
  const ByteView bytes(data, size);
  (void)token::verify(as_text(bytes), key, now);
  const std::string text = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + to_base64url(bytes);
  (void)token::verify(text + "." + to_base64url(token::hmac_sha256(key, text)), key, now);
  return 0;
}
