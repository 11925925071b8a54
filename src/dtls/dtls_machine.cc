#include "dtls/dtls_machine.h"

#include <openssl/err.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/secret.h"
#include "dtls/datagram_bio.h"
#include "dtls/openssl_context.h"
#include "dtls/openssl_handles.h"
#include "dtls/record_keys.h"

namespace footlight::dtls {
namespace {

// RFC 6347 §4.2.4.1 begins at 1 s, and allows less where the round trip is known to be short. Media waits for this
// handshake, and ICE has just shown that the path answers.
constexpr unsigned kFirstRetryUs = 200'000;
constexpr unsigned kLongestRetryUs = 3'200'000;

constexpr size_t kRecordHeaderSize = 13;  // RFC 6347 §4.1

// RFC 5764 §4.2.
constexpr std::string_view kExporterLabel = "EXTRACTOR-dtls_srtp";

unsigned retry_after(SSL* /*ssl*/, unsigned last_us) {
  return last_us == 0 ? kFirstRetryUs : std::min(2 * last_us, kLongestRetryUs);
}

std::optional<srtp::Profile> profile_of(const SRTP_PROTECTION_PROFILE* selected) {
  if (selected == nullptr) return std::nullopt;
  for (auto p : {srtp::Profile::kAeadAes128Gcm, srtp::Profile::kAeadAes256Gcm, srtp::Profile::kAes128CmHmacSha1})
    if (selected->id == static_cast<unsigned long>(p)) return p;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Failure f) {
  switch (f) {
    case Failure::kNone:
      return "none";
    case Failure::kHandshake:
      return "handshake";
    case Failure::kNoFingerprint:
      return "no_fingerprint";
    case Failure::kFingerprintMismatch:
      return "fingerprint_mismatch";
    case Failure::kNoSrtpProfile:
      return "no_srtp_profile";
    case Failure::kTimeout:
      return "timeout";
  }
  return "";
}

struct DtlsMachine::Impl {
  Impl(const Certificate& certificate, Role r, std::optional<Fingerprint> remote);

  void fail(Failure why);
  void advance(Timestamp now);
  void shake_hands();
  void read_records();
  void export_keys();
  void arm_timer(Timestamp now);
  bool accepts(const X509* peer);

  bool hear_alert(ByteView datagram);
  void say_goodbye();

  // OpenSSL's side of it, some 74 KB; freed by release_ssl().
  struct Association {
    Fingerprint remote;
    DatagramPort port;
    OpensslPtr<SSL> ssl;
    bool peer_verified = false;
  };

  Role role;
  State state = State::kNew;
  Failure failure = Failure::kNone;
  std::optional<SrtpKeys> keys;
  std::optional<Timestamp> deadline;
  std::unique_ptr<Association> association;
  // After release_ssl().
  std::optional<AlertRecords> alerts;
  std::array<uint8_t, AlertRecords::kMaxRecord> goodbye{};
  size_t goodbye_size = 0;
};

DtlsMachine::Impl::Impl(const Certificate& certificate, Role r, std::optional<Fingerprint> remote) : role(r) {
  if (!remote) {
    fail(Failure::kNoFingerprint);
    return;
  }
  association = std::make_unique<Association>();
  association->remote = std::move(*remote);
  OpensslPtr<SSL>& ssl = association->ssl;
  ssl.reset(SSL_new(certificate.impl().context.get()));
  CHECK(ssl != nullptr);
  BIO* bio = association->port.new_bio();
  CHECK(bio != nullptr);
  SSL_set_bio(ssl.get(), bio, bio);  // one reference serves both directions
  SSL_set_app_data(ssl.get(), this);
  SSL_set_mtu(ssl.get(), kDtlsMtu);
  DTLS_set_timer_cb(ssl.get(), retry_after);
  if (role == Role::kServer) {
    SSL_set_accept_state(ssl.get());
  } else {
    SSL_set_connect_state(ssl.get());
  }
}

// RFC 8122 §6.2: the certificate must be the one whose digest the SDP gave; nothing else about it matters.
int verify_peer_certificate(X509_STORE_CTX* store, void* /*unused*/) {
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* machine = static_cast<DtlsMachine::Impl*>(SSL_get_app_data(ssl));
  if (machine->accepts(X509_STORE_CTX_get0_cert(store))) return 1;
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return 0;
}

bool DtlsMachine::Impl::accepts(const X509* peer) {
  const Fingerprint& remote = association->remote;
  auto actual = peer != nullptr ? fingerprint_of(peer, remote.algorithm) : std::nullopt;
  association->peer_verified = actual && constant_time_equal(ByteView(actual->digest), ByteView(remote.digest));
  if (!association->peer_verified) failure = Failure::kFingerprintMismatch;
  return association->peer_verified;
}

void DtlsMachine::Impl::fail(Failure why) {
  state = State::kFailed;
  if (failure == Failure::kNone) failure = why;
  deadline.reset();
}

void DtlsMachine::Impl::advance(Timestamp now) {
  ERR_clear_error();
  if (state == State::kHandshaking) shake_hands();
  if (state == State::kConnected) read_records();
  arm_timer(now);
}

void DtlsMachine::Impl::shake_hands() {
  SSL* ssl = association->ssl.get();
  int done = SSL_do_handshake(ssl);
  if (done == 1) return export_keys();
  int error = SSL_get_error(ssl, done);
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) fail(Failure::kHandshake);
}

// After the handshake: a repeated Finished is answered inside, an alert ends us, and application data is nobody's
// here (no data channels are negotiated).
void DtlsMachine::Impl::read_records() {
  SSL* ssl = association->ssl.get();
  std::array<uint8_t, 2048> unwanted{};
  int size = 0;
  do {
    size = SSL_read(ssl, unwanted.data(), static_cast<int>(unwanted.size()));
  } while (size > 0);
  int error = SSL_get_error(ssl, size);
  if (error == SSL_ERROR_ZERO_RETURN) {
    SSL_shutdown(ssl);  // answers with our own close_notify (RFC 5246 §7.2.1)
    state = State::kClosed;
  } else if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
    fail(Failure::kHandshake);
  }
}

void DtlsMachine::Impl::export_keys() {
  SSL* ssl = association->ssl.get();
  auto profile = profile_of(SSL_get_selected_srtp_profile(ssl));
  if (!association->peer_verified) return fail(Failure::kFingerprintMismatch);
  if (!profile) {
    SSL_shutdown(ssl);
    return fail(Failure::kNoSrtpProfile);
  }
  size_t key = srtp::key_size(*profile);
  size_t salt = srtp::salt_size(*profile);
  std::array<uint8_t, 2 * (32 + 14)> material{};
  CHECK(SSL_export_keying_material(ssl, material.data(), 2 * (key + salt), kExporterLabel.data(), kExporterLabel.size(),
                                   nullptr, 0, 0) == 1);
  // RFC 5764 §4.2: client key, server key, client salt, server salt.
  ByteView all(material);
  auto client = srtp::MasterKey::make(*profile, all.subspan(0, key), all.subspan(2 * key, salt));
  auto server = srtp::MasterKey::make(*profile, all.subspan(key, key), all.subspan(2 * key + salt, salt));
  OPENSSL_cleanse(material.data(), material.size());
  CHECK(client && server);
  keys = role == Role::kServer ? SrtpKeys{*server, *client} : SrtpKeys{*client, *server};
  state = State::kConnected;
}

void DtlsMachine::Impl::arm_timer(Timestamp now) {
  timeval left{};
  bool running = state == State::kHandshaking && DTLSv1_get_timeout(association->ssl.get(), &left) == 1;
  if (!running) return deadline.reset();
  deadline = now + Duration::seconds(left.tv_sec) + Duration::micros(left.tv_usec);
}

bool DtlsMachine::Impl::hear_alert(ByteView datagram) {
  auto heard = alerts->hear(datagram);
  if (heard == AlertRecords::Heard::kCloseNotify) say_goodbye();
  if (heard == AlertRecords::Heard::kFatal) fail(Failure::kHandshake);
  return heard != AlertRecords::Heard::kNothing;
}

void DtlsMachine::Impl::say_goodbye() {
  goodbye_size = alerts->write_close_notify(goodbye);
  state = State::kClosed;
}

DtlsMachine::DtlsMachine(const Certificate& certificate, Role role, std::optional<Fingerprint> remote)
    : impl_(std::make_unique<Impl>(certificate, role, std::move(remote))) {}
DtlsMachine::~DtlsMachine() = default;
DtlsMachine::DtlsMachine(DtlsMachine&&) noexcept = default;
DtlsMachine& DtlsMachine::operator=(DtlsMachine&&) noexcept = default;

void DtlsMachine::start(Timestamp now) {
  if (impl_->state != State::kNew || impl_->role != Role::kClient) return;
  impl_->state = State::kHandshaking;
  impl_->advance(now);
}

bool DtlsMachine::handle_datagram(ByteView datagram, Timestamp now) {
  Impl& m = *impl_;
  if (datagram.size() < kRecordHeaderSize)
    return false;  // nothing that OpenSSL could read, and an empty one looks like an end
  if (m.state == State::kNew && m.role == Role::kServer) m.state = State::kHandshaking;
  if (m.state != State::kHandshaking && m.state != State::kConnected) return false;
  if (m.alerts) return m.hear_alert(datagram);
  if (!m.association) return false;
  m.association->port.put(datagram);
  m.advance(now);
  m.association->port.clear_input();
  return true;
}

std::optional<ByteView> DtlsMachine::take_datagram() {
  if (impl_->association) return impl_->association->port.take();
  size_t size = std::exchange(impl_->goodbye_size, 0);
  return size > 0 ? std::optional(ByteView(impl_->goodbye).first(size)) : std::nullopt;
}

std::optional<Timestamp> DtlsMachine::next_timeout() const { return impl_->deadline; }

void DtlsMachine::on_timeout(Timestamp now) {
  Impl& m = *impl_;
  if (!m.deadline || now < *m.deadline) return;
  ERR_clear_error();
  if (DTLSv1_handle_timeout(m.association->ssl.get()) < 0) return m.fail(Failure::kTimeout);
  m.arm_timer(now);
}

State DtlsMachine::state() const { return impl_->state; }
Failure DtlsMachine::failure() const { return impl_->failure; }
std::optional<SrtpKeys> DtlsMachine::take_srtp_keys() { return std::exchange(impl_->keys, std::nullopt); }

void DtlsMachine::close() {
  Impl& m = *impl_;
  if (m.state == State::kFailed || m.state == State::kClosed) return;
  if (m.association && m.state == State::kConnected) SSL_shutdown(m.association->ssl.get());
  if (m.alerts) m.say_goodbye();
  m.state = State::kClosed;
  m.deadline.reset();
}

void DtlsMachine::release_ssl() {
  Impl& m = *impl_;
  if (!m.association) return;
  if (m.state == State::kConnected)
    m.alerts = export_alert_records(m.association->ssl.get(), m.role, m.association->port.last_record());
  m.association.reset();
  m.deadline.reset();
}

bool DtlsMachine::holds_ssl() const { return impl_->association != nullptr; }

}  // namespace footlight::dtls
