#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/socket_address.h"
#include "net/udp_socket.h"

namespace footlight::net {

// Datagrams of one turn of the loop, gathered and sent together: grouped by destination, equal sizes in a row as one
// UDP GSO send, all of them by sendmmsg. Owned by a shard, one a socket. Write a packet straight into slot(), then
// commit it; flush() at the end of a receive batch (a full queue flushes itself). The order of packets to one
// destination is kept. After construction nothing allocates.
class SendQueue {
 public:
  // Bytes in a slot: an Ethernet MTU. Larger datagrams go by UdpSocket::send.
  static constexpr size_t kSlotSize = 1500;

  // Datagrams that wait at most. More would not make longer runs, and what is sent would have left the core's caches.
  static constexpr size_t kCapacity = 256;

  explicit SendQueue(UdpSocket& socket, size_t capacity = kCapacity);
  ~SendQueue();
  SendQueue(const SendQueue&) = delete;
  SendQueue& operator=(const SendQueue&) = delete;

  // Room for the next datagram; valid until commit() or flush().
  [[nodiscard]] MutableByteView slot();
  void commit(size_t size, const AddressPair& tuple);  // size ≤ kSlotSize
  void flush();
  [[nodiscard]] size_t pending() const { return used_; }

 private:
  struct Group {
    AddressPair tuple;
    uint32_t first;
    uint32_t last;
    size_t index_slot;
  };
  struct Slot {
    uint32_t size;
    uint32_t next;  // same destination
  };
  struct Scratch;  // message headers for sendmmsg
  [[nodiscard]] Group& group_of(const AddressPair& tuple);
  void add_runs(const Group& group);
  void add_message(const AddressPair& tuple, size_t first_piece, size_t segment);
  void send_messages();
  void send_one_by_one(size_t message);
  void count_sent(const msghdr& message);

  UdpSocket& socket_;
  static constexpr size_t kStride = 1536;  // a slot in whole cache lines
  std::vector<uint8_t> bytes_;             // capacity slots
  std::vector<Slot> slots_;
  std::vector<Group> groups_;          // this batch's destinations, in order of appearance
  std::vector<uint32_t> group_index_;  // open-addressing table of groups_ by tuple
  std::unique_ptr<Scratch> scratch_;
  size_t used_ = 0;
};

}  // namespace footlight::net
