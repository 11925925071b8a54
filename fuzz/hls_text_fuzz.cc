// rooms: hls
#include <cstdint>
#include <string_view>

#include "hls/answers.h"
#include "hls/directives.h"
#include "hls/ingest.h"
#include "http/message.h"

using namespace footlight;

// What peers write in requests: delivery directives, ingest paths and fields, ranges.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto d = hls::parse_directives(text); d && d->part && !d->msn) __builtin_trap();
  if (auto target = hls::parse_ingest_target("PUT", text); target && !hls::is_safe_name(target->stream))
    __builtin_trap();
  http::Request request;
  for (const char* name : {"Footlight-Duration", "Footlight-Date-Time", "Footlight-Init", "Range"})
    request.headers.set(name, std::string(text));
  (void)hls::parse_part_fields(request.headers);
  static const hls::Bytes kBody = std::make_shared<const std::string>(300, 'x');
  const http::Response response = hls::media_answer(request, kBody, "\"1\"");
  if (response.status == 206 && response.body.size() > kBody->size()) __builtin_trap();
  return 0;
}
