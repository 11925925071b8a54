// rooms: load
// Any text as a server's answer: refused with a sentence, or one with candidates and tracks.
#include <cstdlib>

#include "base/bytes.h"
#include "load/answer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto answer = footlight::load::Answer::parse(footlight::as_text({data, size}));
  if (answer && (answer->candidates.empty() || answer->tracks.empty() || answer->ice.ufrag.empty())) std::abort();
  return 0;
}
