#pragma once
#include "base/bytes.h"
#include "base/socket_address.h"

namespace footlight::relay {

// Where datagrams leave the shard: a socket's send queue, or a test's network. Packets are encrypted straight into the
// slot; what the core commits during one turn is sent together at its end. On the shard thread; never fails: what
// cannot be sent is the output's to count.
class DatagramOutput {
 public:
  static constexpr size_t kSlotSize = 1500;  // Ethernet's MTU (RFC 894)

  virtual ~DatagramOutput() = default;
  // kSlotSize bytes for one datagram to `tuple.remote` from `tuple.local`, until commit(). A slot not committed is
  // void.
  [[nodiscard]] virtual MutableByteView slot(const AddressPair& tuple) = 0;
  virtual void commit(size_t size) = 0;
};

}  // namespace footlight::relay
