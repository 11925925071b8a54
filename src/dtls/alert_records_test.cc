// What is left of an association when OpenSSL's state is freed, against OpenSSL as the peer.
#include "dtls/alert_records.h"

#include <gtest/gtest.h>
#include <malloc.h>
#include <openssl/srtp.h>

#include <random>
#include <string>

#include "base/text_codec.h"
#include "dtls/datagram_bio.h"
#include "dtls/dtls_machine.h"
#include "dtls/openssl_handles.h"

namespace footlight::dtls {
namespace {

using Bytes = std::vector<uint8_t>;
const Timestamp kNow = Timestamp::millis(1);

// A DTLS peer that is OpenSSL and nothing of ours but its datagrams' BIO.
class OpensslPeer {
 public:
  OpensslPeer(Role role, const char* suite) : context_(SSL_CTX_new(DTLS_method())) {
    bool rsa =
        std::string(suite).find("RSA") != std::string::npos && std::string(suite).find("ECDSA") == std::string::npos;
    key_.reset(rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
    certificate_.reset(X509_new());
    X509_set_pubkey(certificate_.get(), key_.get());
    X509_gmtime_adj(X509_getm_notBefore(certificate_.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate_.get()), 1000);
    X509_sign(certificate_.get(), key_.get(), EVP_sha256());
    SSL_CTX* c = context_.get();
    EXPECT_EQ(SSL_CTX_use_certificate(c, certificate_.get()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(c, key_.get()), 1);
    EXPECT_EQ(SSL_CTX_set_cipher_list(c, suite), 1);
    EXPECT_EQ(SSL_CTX_set_tlsext_use_srtp(c, "SRTP_AEAD_AES_128_GCM"), 0);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(c, [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
    SSL_CTX_set_options(c, SSL_OP_NO_QUERY_MTU);
    ssl_.reset(SSL_new(c));
    BIO* bio = port_.new_bio();
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_mtu(ssl_.get(), kDtlsMtu);
    role == Role::kServer ? SSL_set_accept_state(ssl_.get()) : SSL_set_connect_state(ssl_.get());
  }

  [[nodiscard]] SSL* ssl() { return ssl_.get(); }
  [[nodiscard]] std::optional<Fingerprint> fingerprint() const { return fingerprint_of(certificate_.get(), "sha-256"); }
  [[nodiscard]] bool heard_goodbye() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  void hear(ByteView datagram) {
    port_.put(datagram);
    uint8_t byte = 0;
    (void)SSL_read(ssl_.get(), &byte, 1);
    port_.clear_input();
  }
  [[nodiscard]] std::optional<Bytes> take() {
    auto datagram = port_.take();
    return datagram ? std::optional(Bytes(datagram->begin(), datagram->end())) : std::nullopt;
  }

 private:
  OpensslPtr<SSL_CTX> context_;
  OpensslPtr<EVP_PKEY> key_;
  OpensslPtr<X509> certificate_;
  DatagramPort port_;
  OpensslPtr<SSL> ssl_;
};

void exchange(DtlsMachine& machine, OpensslPeer& peer) {
  for (bool any = true; any;) {
    any = false;
    while (auto datagram = machine.take_datagram()) {
      any = true;
      peer.hear(Bytes(datagram->begin(), datagram->end()));
    }
    while (auto datagram = peer.take()) {
      any = true;
      machine.handle_datagram(*datagram, kNow);
    }
  }
}

struct Suite {
  Role role;  // ours
  const char* name;
};

class Suites : public testing::TestWithParam<Suite> {
 protected:
  Suites() {
    if (GetParam().role == Role::kClient)
      machine_.start(kNow);
    else
      peer_.hear({});
    exchange(machine_, peer_);
    EXPECT_EQ(machine_.state(), State::kConnected);
    EXPECT_STREQ(SSL_get_cipher_name(peer_.ssl()), GetParam().name);
    machine_.release_ssl();
  }
  Certificate certificate_ = std::move(*Certificate::generate());
  OpensslPeer peer_{GetParam().role == Role::kServer ? Role::kClient : Role::kServer, GetParam().name};
  DtlsMachine machine_{certificate_, GetParam().role, peer_.fingerprint()};
};

TEST_P(Suites, openssl_hears_our_goodbye) {
  machine_.close();
  EXPECT_FALSE(peer_.heard_goodbye());
  exchange(machine_, peer_);
  EXPECT_TRUE(peer_.heard_goodbye());
}

TEST_P(Suites, openssls_goodbye_is_heard_and_answered) {
  SSL_shutdown(peer_.ssl());
  exchange(machine_, peer_);
  EXPECT_EQ(machine_.state(), State::kClosed);
  EXPECT_TRUE(peer_.heard_goodbye());
}

TEST_P(Suites, what_else_openssl_says_changes_nothing) {
  EXPECT_EQ(SSL_write(peer_.ssl(), "application data", 16), 16);
  (void)SSL_renegotiate(peer_.ssl());
  (void)SSL_do_handshake(peer_.ssl());
  exchange(machine_, peer_);
  EXPECT_EQ(machine_.state(), State::kConnected);
}

// Every suite that openssl_context.cc allows: with our certificate (ECDSA) as the server, and with a server that has
// an RSA one as the client.
INSTANTIATE_TEST_SUITE_P(Allowed, Suites,
                         testing::Values(Suite{Role::kServer, "ECDHE-ECDSA-AES128-GCM-SHA256"},
                                         Suite{Role::kServer, "ECDHE-ECDSA-AES256-GCM-SHA384"},
                                         Suite{Role::kServer, "ECDHE-ECDSA-CHACHA20-POLY1305"},
                                         Suite{Role::kClient, "ECDHE-RSA-AES128-GCM-SHA256"},
                                         Suite{Role::kClient, "ECDHE-RSA-AES256-GCM-SHA384"},
                                         Suite{Role::kClient, "ECDHE-RSA-CHACHA20-POLY1305"}),
                         [](const auto& suite) {
                           std::string name = suite.param.name;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(DtlsSuites, nothing_else_is_allowed) {
  OpensslPtr<SSL_CTX> all(SSL_CTX_new(DTLS_method()));
  Certificate certificate = std::move(*Certificate::generate());
  auto* suites = SSL_CTX_get_ciphers(certificate.impl().context.get());
  int dtls12 = 0;
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); ++i)
    if (std::string_view(SSL_CIPHER_get_version(sk_SSL_CIPHER_value(suites, i))) != "TLSv1.3") ++dtls12;
  EXPECT_EQ(dtls12, 6);
}

// --- without OpenSSL at the other end

RecordKey key_of(uint8_t byte) {
  RecordKey key;
  key.key.fill(byte);
  std::fill_n(key.iv.begin(), 4, byte);
  return key;
}

class TwoEnds : public testing::TestWithParam<RecordCipher> {
 protected:
  static RecordKey key(uint8_t byte) {
    RecordKey made = key_of(byte);
    if (GetParam() == RecordCipher::kChaCha20Poly1305) made.iv.fill(byte);
    return made;
  }
  Bytes goodbye() {
    Bytes out(AlertRecords::kMaxRecord);
    out.resize(ours_.write_close_notify(out));
    return out;
  }
  AlertRecords ours_{GetParam(), key(1), key(2), 5, 0xfffffffffffffffe};
  AlertRecords theirs_{GetParam(), key(2), key(1), 9, 77};
};

using Heard = AlertRecords::Heard;

TEST_P(TwoEnds, each_goodbye_is_heard_and_no_nonce_comes_twice) {
  Bytes first = goodbye();
  Bytes second = goodbye();
  EXPECT_NE(first, second);
  EXPECT_EQ(theirs_.hear(first), Heard::kCloseNotify);
  EXPECT_EQ(theirs_.hear(second), Heard::kCloseNotify);
  EXPECT_EQ(ours_.hear(first), Heard::kNothing) << "another key";
  Bytes both = first;
  both[0] = 23;  // application data first, then an alert
  both.insert(both.end(), second.begin(), second.end());
  EXPECT_EQ(theirs_.hear(both), Heard::kCloseNotify);
}

TEST_P(TwoEnds, truncated_at_every_length_or_with_any_bit_flipped_it_is_nothing) {
  Bytes record = goodbye();
  for (size_t size = 0; size < record.size(); ++size)
    EXPECT_EQ(theirs_.hear(ByteView(record).first(size)), Heard::kNothing) << size;
  for (size_t bit = 0; bit < record.size() * 8; ++bit) {
    Bytes forged = record;
    forged[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    EXPECT_EQ(theirs_.hear(forged), Heard::kNothing) << bit;
  }
}

INSTANTIATE_TEST_SUITE_P(Ciphers, TwoEnds,
                         testing::Values(RecordCipher::kAes128Gcm, RecordCipher::kAes256Gcm,
                                         RecordCipher::kChaCha20Poly1305));

// OpenSSL 3.0's close_notify under ECDHE-ECDSA-AES128-GCM-SHA256: alert (21), DTLS 1.2 (fe fd), epoch 1, sequence
// number 1 (Finished was 0), 26 bytes: explicit nonce b124c0fd5e4ce568, two encrypted bytes, tag.
TEST(AlertRecords, hears_openssls_close_notify_as_it_was_captured) {
  auto record = *from_hex("15fefd0001000000000001001ab124c0fd5e4ce5682b0693c4495d45a933edd93463096c5f6745");
  RecordKey read;
  std::ranges::copy(*from_hex("d953ae2b529058c9e6efd34a1f09ba95"), read.key.begin());
  std::ranges::copy(*from_hex("3b9ab564"), read.iv.begin());
  AlertRecords records(RecordCipher::kAes128Gcm, read, key_of(1), 1, 1);
  EXPECT_EQ(records.hear(record), Heard::kCloseNotify);
}

TEST(AlertRecords, no_room_gives_nothing) {
  AlertRecords records(RecordCipher::kAes128Gcm, key_of(1), key_of(2), 1, 1);
  Bytes out(AlertRecords::kMaxRecord - 1);
  EXPECT_EQ(records.write_close_notify(out), 0U);
}

TEST(AlertRecords, is_small) { EXPECT_LE(sizeof(AlertRecords), 200U); }

TEST(DtlsMachine, gives_back_nearly_all_of_its_memory) {
  Certificate certificate = std::move(*Certificate::generate());
  auto in_use = [] { return static_cast<double>(mallinfo2().uordblks); };
  constexpr int kFirst = 20;
  constexpr int kSessions = 200;  // what malloc keeps for reuse is spread thin
  std::vector<DtlsMachine> servers;
  servers.reserve(kSessions + kFirst);
  auto open_session = [&] {
    DtlsMachine client(certificate, Role::kClient, certificate.fingerprint());
    DtlsMachine& server = servers.emplace_back(certificate, Role::kServer, certificate.fingerprint());
    client.start(kNow);
    for (int flight = 0; flight < 6; ++flight) {
      DtlsMachine& from = flight % 2 == 0 ? client : server;
      while (auto datagram = from.take_datagram())
        (flight % 2 == 0 ? server : client).handle_datagram(Bytes(datagram->begin(), datagram->end()), kNow);
    }
    EXPECT_EQ(servers.back().state(), State::kConnected);
    (void)servers.back().take_srtp_keys();
  };
  for (int i = 0; i < kFirst; ++i) open_session();  // OpenSSL's own tables are made once
  for (DtlsMachine& server : servers) server.release_ssl();
  double before = in_use();
  for (int i = 0; i < kSessions; ++i) open_session();
  double held = (in_use() - before) / kSessions;
  for (DtlsMachine& server : servers) server.release_ssl();
  double kept = (in_use() - before) / kSessions;
  RecordProperty("held", static_cast<int>(held));
  RecordProperty("kept", static_cast<int>(kept));
  printf("DTLS memory a session: %.0f bytes with OpenSSL's state, %.0f without\n", held, kept);
#if !defined(__has_feature) || !(__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
  EXPECT_LE(kept, 1000);  // malloc's own overhead included
#endif
}

}  // namespace
}  // namespace footlight::dtls
