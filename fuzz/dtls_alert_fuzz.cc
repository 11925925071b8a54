// rooms: dtls srtp base
#include <array>

#include "dtls/alert_records.h"

using namespace footlight;
using namespace footlight::dtls;

// First byte: the cipher. Then a datagram, which is heard as it is, and again behind a record of ours whose bytes it
// changes by XOR, so that some of it authenticates.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  auto cipher = static_cast<RecordCipher>(data[0] % 3);
  RecordKey key;
  key.key.fill(7);
  AlertRecords records(cipher, key, key, 5, 9);
  ByteView datagram(data + 1, size - 1);
  (void)records.hear(datagram);
  std::array<uint8_t, AlertRecords::kMaxRecord + 200> both{};
  size_t record = records.write_close_notify(both);
  for (size_t i = 0; i < datagram.size() && i < both.size(); ++i) both[i] ^= datagram[i];
  (void)records.hear(ByteView(both).first(record));
  (void)records.hear(both);
  return 0;
}
