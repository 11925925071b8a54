// libsrtp2 as the oracle: what we protect it must read, what it protects we must read, and both must refuse alike.
#include <gtest/gtest.h>
#include <srtp2/srtp.h>

#include <algorithm>
#include <random>
#include <vector>

#include "srtp/srtp_session.h"

namespace footlight::srtp {
namespace {

constexpr Profile kProfiles[] = {Profile::kAes128CmHmacSha1, Profile::kAeadAes128Gcm, Profile::kAeadAes256Gcm};

class Oracle {
 public:
  Oracle(Profile profile, std::vector<uint8_t> key, srtp_ssrc_type_t direction) : key_(std::move(key)) {
    static const bool initialised = srtp_init() == srtp_err_status_ok;
    EXPECT_TRUE(initialised);
    srtp_policy_t policy{};
    for (srtp_crypto_policy_t* p : {&policy.rtp, &policy.rtcp}) switch (profile) {
        case Profile::kAes128CmHmacSha1:
          srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(p);
          break;
        case Profile::kAeadAes128Gcm:
          srtp_crypto_policy_set_aes_gcm_128_16_auth(p);
          break;
        case Profile::kAeadAes256Gcm:
          srtp_crypto_policy_set_aes_gcm_256_16_auth(p);
          break;
      }
    policy.ssrc.type = direction;
    policy.key = key_.data();
    policy.window_size = 128;
    EXPECT_EQ(srtp_create(&session_, &policy), srtp_err_status_ok);
  }
  ~Oracle() { srtp_dealloc(session_); }
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  std::vector<uint8_t> protect(std::vector<uint8_t> packet, bool rtcp = false) {
    return run(std::move(packet), rtcp ? srtp_protect_rtcp : srtp_protect);
  }
  // Empty when refused.
  std::vector<uint8_t> unprotect(std::vector<uint8_t> packet, bool rtcp = false) {
    return run(std::move(packet), rtcp ? srtp_unprotect_rtcp : srtp_unprotect);
  }

 private:
  std::vector<uint8_t> run(std::vector<uint8_t> packet, srtp_err_status_t (*step)(srtp_t, void*, int*)) {
    int size = static_cast<int>(packet.size());
    packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
    if (step(session_, packet.data(), &size) != srtp_err_status_ok) return {};
    packet.resize(static_cast<size_t>(size));
    return packet;
  }
  std::vector<uint8_t> key_;
  srtp_t session_ = nullptr;
};

struct Rig {
  explicit Rig(Profile profile)
      : key(make_key(profile)),
        master(*MasterKey::from_joined(profile, key)),
        sender(master),
        receiver(master),
        oracle_sender(profile, key, ssrc_any_outbound),
        oracle_receiver(profile, key, ssrc_any_inbound) {}

  static std::vector<uint8_t> make_key(Profile profile) {
    std::vector<uint8_t> bytes(key_size(profile) + salt_size(profile));
    std::minstd_rand random(42);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(random());
    return bytes;
  }
  std::vector<uint8_t> protect(std::vector<uint8_t> packet, bool rtcp = false) {
    size_t size = packet.size();
    packet.resize(size + kMaxRtcpOverhead);
    auto done = rtcp ? sender.protect_rtcp(packet, size) : sender.protect_rtp(packet, size);
    packet.resize(done.value_or(0));
    return packet;
  }
  std::vector<uint8_t> unprotect(std::vector<uint8_t> packet, bool rtcp = false) {
    auto done = rtcp ? receiver.unprotect_rtcp(packet) : receiver.unprotect_rtp(packet);
    packet.resize(done.value_or(0));
    return packet;
  }

  std::vector<uint8_t> key;
  MasterKey master;
  SrtpSender sender;
  SrtpReceiver receiver;
  Oracle oracle_sender;
  Oracle oracle_receiver;
};

std::vector<uint8_t> rtp_packet(uint16_t seq, uint32_t ssrc, std::minstd_rand& random) {
  size_t csrcs = random() % 3;
  size_t words = random() % 4;
  bool extension = random() % 2 == 0;
  size_t payload = random() % 1200;
  std::vector<uint8_t> p(12 + 4 * csrcs + (extension ? 4 + 4 * words : 0) + payload);
  for (uint8_t& b : p) b = static_cast<uint8_t>(random());
  ByteWriter w(p);
  w.u8(static_cast<uint8_t>(0x80 | (extension ? 0x10 : 0) | csrcs));
  w.u8(96);
  w.u16(seq);
  w.u32(seq * 3000U);
  w.u32(ssrc);
  if (extension) {
    ByteWriter e(MutableByteView(p).subspan(12 + 4 * csrcs));
    e.u16(0xbede);
    e.u16(static_cast<uint16_t>(words));
  }
  return p;
}

std::vector<uint8_t> rtcp_packet(uint32_t ssrc, std::minstd_rand& random) {
  std::vector<uint8_t> p(8 + 4 * (random() % 20));
  for (uint8_t& b : p) b = static_cast<uint8_t>(random());
  ByteWriter w(p);
  w.u8(0x80);
  w.u8(201);
  w.u16(static_cast<uint16_t>(p.size() / 4 - 1));
  w.u32(ssrc);
  return p;
}

TEST(SrtpOracle, libsrtp_reads_what_we_protect_and_we_write_the_same_bytes) {
  for (Profile profile : kProfiles) {
    Rig rig(profile);
    std::minstd_rand random(1);
    for (uint32_t i = 0; i < 400; ++i) {
      auto plain = rtp_packet(static_cast<uint16_t>(65400 + i), 0xcafe0000 + i % 3, random);
      auto packet = rig.protect(plain);
      EXPECT_EQ(packet, rig.oracle_sender.protect(plain)) << i;
      EXPECT_EQ(rig.oracle_receiver.unprotect(packet), plain) << i;
    }
  }
}

TEST(SrtpOracle, we_read_what_libsrtp_protects_over_loss_disorder_replays_and_wraps) {
  for (Profile profile : kProfiles) {
    Rig rig(profile);
    std::minstd_rand random(2);
    std::vector<std::pair<std::vector<uint8_t>, std::vector<uint8_t>>> flight;
    uint32_t seq = 65000;
    for (int round = 0; round < 60; ++round) {
      flight.clear();
      for (int i = 0; i < 50; ++i, ++seq) {
        auto plain = rtp_packet(static_cast<uint16_t>(seq), 7, random);
        auto packet = rig.oracle_sender.protect(plain);
        ASSERT_FALSE(packet.empty());
        if (random() % 4 == 0) continue;  // lost
        flight.emplace_back(plain, packet);
        if (random() % 8 == 0) flight.emplace_back(plain, packet);  // repeated
      }
      std::ranges::shuffle(flight, random);
      if (round == 0)
        std::swap(flight.front(), *std::ranges::min_element(flight, {}, [](auto& f) { return f.first[3]; }));
      for (const auto& [plain, packet] : flight) {
        auto theirs = rig.oracle_receiver.unprotect(packet);
        auto ours = rig.unprotect(packet);
        EXPECT_EQ(ours, theirs);
        if (!ours.empty()) EXPECT_EQ(ours, plain);
      }
      seq += round % 7 == 0 ? 5000 : 0;  // long outages, some across the wrap
    }
  }
}

TEST(SrtpOracle, rtcp_agrees_both_ways) {
  for (Profile profile : kProfiles) {
    Rig rig(profile);
    std::minstd_rand random(3);
    for (int i = 0; i < 200; ++i) {
      auto plain = rtcp_packet(static_cast<uint32_t>(i % 2), random);
      auto ours = rig.protect(plain, true);
      EXPECT_EQ(rig.oracle_receiver.unprotect(ours, true), plain);
      EXPECT_TRUE(rig.oracle_receiver.unprotect(ours, true).empty());
      auto theirs = rig.oracle_sender.protect(plain, true);
      EXPECT_EQ(rig.unprotect(theirs, true), plain);
      EXPECT_TRUE(rig.unprotect(theirs, true).empty());
    }
  }
}

TEST(SrtpOracle, rtcp_that_is_only_authenticated_is_read) {
  Profile profile = Profile::kAeadAes128Gcm;
  auto key = Rig::make_key(profile);
  srtp_policy_t policy{};
  srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
  srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
  policy.rtcp.sec_serv = sec_serv_auth;
  policy.ssrc.type = ssrc_any_outbound;
  policy.key = key.data();
  srtp_t session = nullptr;
  ASSERT_EQ(srtp_create(&session, &policy), srtp_err_status_ok);
  std::minstd_rand random(4);
  auto plain = rtcp_packet(9, random);
  auto packet = plain;
  packet.resize(plain.size() + SRTP_MAX_TRAILER_LEN + 4);
  int size = static_cast<int>(plain.size());
  ASSERT_EQ(srtp_protect_rtcp(session, packet.data(), &size), srtp_err_status_ok);
  packet.resize(static_cast<size_t>(size));
  srtp_dealloc(session);
  SrtpReceiver receiver(*MasterKey::from_joined(profile, key));
  auto done = receiver.unprotect_rtcp(packet);
  ASSERT_TRUE(done);
  packet.resize(*done);
  EXPECT_EQ(packet, plain);
}

}  // namespace
}  // namespace footlight::srtp
