#include "dtls/datagram_bio.h"

#include <algorithm>

#include "dtls/openssl_handles.h"

namespace footlight::dtls {
namespace {

// A flight is at most six datagrams; retransmissions that the owner never took are of no use to anybody.
constexpr size_t kMaxOutgoing = 32;

}  // namespace

BIO* DatagramPort::new_bio() {
  static const OpensslPtr<BIO_METHOD> methods = [] {
    OpensslPtr<BIO_METHOD> method(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "footlight datagram"));
    if (method) {
      BIO_meth_set_read(method.get(), &DatagramPort::read);
      BIO_meth_set_write(method.get(), &DatagramPort::write);
      BIO_meth_set_ctrl(method.get(), &DatagramPort::control);
    }
    return method;
  }();
  BIO* bio = methods ? BIO_new(methods.get()) : nullptr;
  if (bio != nullptr) {
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
  }
  return bio;
}

std::optional<ByteView> DatagramPort::take() {
  if (outgoing_.empty()) return std::nullopt;
  taken_ = std::move(outgoing_.front());
  outgoing_.pop_front();
  return taken_;
}

int DatagramPort::read(BIO* bio, char* out, int size) {
  auto* port = static_cast<DatagramPort*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (!port->incoming_) {
    BIO_set_retry_read(bio);
    return -1;
  }
  // As recvfrom(2): what does not fit is lost.
  size_t n = std::min(static_cast<size_t>(size), port->incoming_->size());
  std::copy_n(port->incoming_->data(), n, reinterpret_cast<uint8_t*>(out));
  port->incoming_.reset();
  return static_cast<int>(n);
}

// RFC 6347 §4.1: | type (8) | version (16) | epoch (16) | sequence number (48) | length (16) | fragment |
void DatagramPort::note_records(ByteView datagram) {
  ByteReader reader(datagram);
  uint64_t number = 0;
  uint16_t length = 0;
  ByteView fragment;
  while (reader.skip(3) && reader.read_u64(number) && reader.read_u16(length) && reader.read_bytes(length, fragment)) {
    if (number >> 48 == 0) continue;
    last_.sequence = number & 0xffff'ffff'ffff;
    (void)ByteReader(fragment).read_u64(last_.nonce);
  }
}

int DatagramPort::write(BIO* bio, const char* data, int size) {
  auto* port = static_cast<DatagramPort*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  ByteView datagram(reinterpret_cast<const uint8_t*>(data), static_cast<size_t>(size));
  port->note_records(datagram);
  if (port->outgoing_.size() < kMaxOutgoing) port->outgoing_.emplace_back(datagram.begin(), datagram.end());
  return size;
}

long DatagramPort::control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
      return kDtlsMtu;
    default:
      return 0;
  }
}

}  // namespace footlight::dtls
