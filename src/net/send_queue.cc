#include "net/send_queue.h"

#include <algorithm>
#include <bit>
#include <cerrno>

#include "base/check.h"
#include "net/udp_socket_impl.h"

namespace footlight::net {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
// Kernel's UDP_MAX_SEGMENTS was 64 before 6.9; the sum must fit one IPv4 datagram (65,507 bytes of payload).
constexpr size_t kMaxSegments = 64;
constexpr size_t kMaxGsoBytes = 65'000;

}  // namespace

// One message of sendmmsg: a run of datagrams to one destination.
struct SendQueue::Scratch {
  explicit Scratch(size_t capacity)
      : messages(capacity), pieces(capacity), controls(capacity), destinations(capacity), tuples(capacity) {}
  std::vector<mmsghdr> messages;
  std::vector<iovec> pieces;
  std::vector<MessageControl> controls;
  std::vector<sockaddr_storage> destinations;
  std::vector<const AddressPair*> tuples;
  size_t message_count = 0;
  size_t piece_count = 0;
};

SendQueue::SendQueue(UdpSocket& socket, size_t capacity)
    : socket_(socket),
      bytes_(capacity * kStride),
      slots_(capacity),
      group_index_(std::bit_ceil(2 * capacity), kNone),
      scratch_(std::make_unique<Scratch>(capacity)) {
  groups_.reserve(capacity);
}
SendQueue::~SendQueue() = default;

MutableByteView SendQueue::slot() {
  if (used_ == slots_.size()) flush();
  return MutableByteView(bytes_).subspan(used_ * kStride, kSlotSize);
}

void SendQueue::commit(size_t size, const AddressPair& tuple) {
  CHECK(size <= kSlotSize && used_ < slots_.size());
  auto at = static_cast<uint32_t>(used_++);
  slots_[at] = {.size = static_cast<uint32_t>(size), .next = kNone};
  Group& group = group_of(tuple);
  if (group.last == kNone) {
    group.first = at;
  } else {
    slots_[group.last].next = at;
  }
  group.last = at;
}

SendQueue::Group& SendQueue::group_of(const AddressPair& tuple) {
  // Most packets follow another one of the same viewer.
  if (!groups_.empty() && groups_.back().tuple == tuple) return groups_.back();
  size_t mask = group_index_.size() - 1;
  size_t at = std::hash<AddressPair>{}(tuple)&mask;
  while (group_index_[at] != kNone && groups_[group_index_[at]].tuple != tuple) at = (at + 1) & mask;
  if (group_index_[at] == kNone) {
    group_index_[at] = static_cast<uint32_t>(groups_.size());
    groups_.push_back({.tuple = tuple, .first = kNone, .last = kNone, .index_slot = at});
  }
  return groups_[group_index_[at]];
}

void SendQueue::flush() {
  if (used_ == 0) return;
  scratch_->message_count = 0;
  scratch_->piece_count = 0;
  for (const Group& group : groups_) {
    add_runs(group);
    group_index_[group.index_slot] = kNone;
  }
  send_messages();
  groups_.clear();
  used_ = 0;
}

// GSO cuts one long send into datagrams of one size, of which only the last may be shorter: a run ends there.
void SendQueue::add_runs(const Group& group) {
  UdpSocket::Impl& s = socket_.impl();
  for (uint32_t at = group.first; at != kNone;) {
    size_t first_piece = scratch_->piece_count;
    size_t segment = slots_[at].size;
    size_t bytes = 0;
    bool more = true;
    while (more && at != kNone) {
      const Slot& slot = slots_[at];
      size_t count = scratch_->piece_count - first_piece;
      bool fits = count == 0 || (s.gso && slot.size <= segment && slot.size > 0 && count < kMaxSegments &&
                                 bytes + slot.size <= kMaxGsoBytes);
      if (!fits) break;
      scratch_->pieces[scratch_->piece_count++] = {.iov_base = bytes_.data() + at * kStride, .iov_len = slot.size};
      bytes += slot.size;
      more = slot.size == segment;
      at = slot.next;
    }
    add_message(group.tuple, first_piece, segment);
  }
}

void SendQueue::add_message(const AddressPair& tuple, size_t first_piece, size_t segment) {
  UdpSocket::Impl& s = socket_.impl();
  size_t i = scratch_->message_count++;
  size_t pieces = scratch_->piece_count - first_piece;
  scratch_->tuples[i] = &tuple;
  MessageControl& control = scratch_->controls[i];
  control.clear();
  if (s.needs_source(tuple.local)) control.send_from(tuple.local);
  if (pieces > 1) control.cut_into(static_cast<uint16_t>(segment));
  msghdr& message = scratch_->messages[i].msg_hdr;
  message = {};
  message.msg_name = &scratch_->destinations[i];
  message.msg_namelen = static_cast<socklen_t>(tuple.remote.to_sockaddr(scratch_->destinations[i]));
  message.msg_iov = &scratch_->pieces[first_piece];
  message.msg_iovlen = pieces;
  control.attach_to(message);
}

void SendQueue::send_messages() {
  UdpSocket::Impl& s = socket_.impl();
  size_t next = 0;
  while (next < scratch_->message_count) {
    mmsghdr* from = &scratch_->messages[next];
    ++s.counters.send_calls;
    int sent = ::sendmmsg(s.fd.get(), from, static_cast<unsigned>(scratch_->message_count - next), MSG_NOSIGNAL);
    if (sent > 0) {
      for (int i = 0; i < sent; ++i) count_sent(from[i].msg_hdr);
      next += static_cast<size_t>(sent);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == ENOBUFS) {  // a full buffer: the rest would only wait and be late
      for (; next < scratch_->message_count; ++next)
        s.counters.send_dropped += scratch_->messages[next].msg_hdr.msg_iovlen;
      return;
    }
    // The first message is at fault. A device without checksum offload refuses every run (EIO); a route with a small
    // MTU refuses this one, whose datagrams the kernel fragments when they come alone.
    bool run_refused = errno == EIO || errno == EINVAL || errno == EMSGSIZE;
    if (errno == EIO) s.gso = false;
    if (run_refused && from->msg_hdr.msg_iovlen > 1) {
      send_one_by_one(next);
    } else {
      s.counters.send_failed += from->msg_hdr.msg_iovlen;
    }
    ++next;
  }
}

void SendQueue::count_sent(const msghdr& message) {
  UdpSocket::Impl& s = socket_.impl();
  s.counters.datagrams_out += message.msg_iovlen;
  for (size_t i = 0; i < message.msg_iovlen; ++i) s.counters.bytes_out += message.msg_iov[i].iov_len;
}

void SendQueue::send_one_by_one(size_t message) {
  const msghdr& run = scratch_->messages[message].msg_hdr;
  for (size_t i = 0; i < run.msg_iovlen; ++i) {
    const iovec& piece = run.msg_iov[i];
    (void)socket_.send(*scratch_->tuples[message], {static_cast<const uint8_t*>(piece.iov_base), piece.iov_len});
  }
}

}  // namespace footlight::net
