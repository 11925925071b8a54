#include "srtp/gcm_cipher.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace footlight::srtp {
namespace {

std::vector<uint8_t> random_bytes(std::mt19937& random, size_t size) {
  std::vector<uint8_t> bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

struct Sealed {
  std::vector<uint8_t> body;
  std::array<uint8_t, GcmCipher::kTagSize> tag{};
  bool operator==(const Sealed&) const = default;
};

struct Sample {
  std::vector<uint8_t> key, head, tail, plain;
  GcmCipher::Nonce nonce{};

  [[nodiscard]] Sealed seal(GcmCipher::Engine engine, bool in_place) const {
    GcmCipher cipher(key, CipherDirection::kEncrypt, engine);
    Sealed out{plain, {}};
    cipher.seal(nonce, head, tail, in_place ? ByteView(out.body) : ByteView(plain), out.body.data(), out.tag);
    return out;
  }
  // What the cipher makes of it; nullopt: the tag did not fit.
  [[nodiscard]] std::optional<std::vector<uint8_t>> open(GcmCipher::Engine engine, Sealed sealed) const {
    GcmCipher cipher(key, CipherDirection::kDecrypt, engine);
    if (!cipher.open(nonce, head, tail, sealed.body, sealed.body.data(), sealed.tag)) return std::nullopt;
    return sealed.body;
  }
};

class GcmCipherTest : public testing::TestWithParam<size_t> {
 protected:
  Sample sample(size_t plain, size_t head, size_t tail) {
    Sample s{random_bytes(random_, GetParam()),
             random_bytes(random_, head),
             random_bytes(random_, tail),
             random_bytes(random_, plain),
             {}};
    for (uint8_t& byte : s.nonce) byte = static_cast<uint8_t>(random_());
    return s;
  }
  std::mt19937 random_{7714};
};

constexpr auto kBest = GcmCipher::Engine::kBest;
constexpr auto kOpenSsl = GcmCipher::Engine::kOpenSsl;

// On a machine without the fast engine both are OpenSSL's.
TEST_P(GcmCipherTest, both_engines_write_the_same_bytes_for_every_length_and_read_each_other) {
  for (size_t size = 0; size <= 300; ++size) {
    Sample s = sample(size, 12 + size % 40, 0);
    Sealed sealed = s.seal(kOpenSsl, false);
    ASSERT_EQ(s.seal(kBest, false), sealed) << size;
    ASSERT_EQ(s.seal(kBest, true), sealed) << size;
    ASSERT_EQ(s.open(kBest, sealed), s.plain) << size;
    ASSERT_EQ(s.open(kOpenSsl, sealed), s.plain) << size;
  }
  for (size_t size : {1150, 1199, 1400, 1452}) {
    Sample s = sample(static_cast<size_t>(size), 28, 0);
    ASSERT_EQ(s.seal(kBest, true), s.seal(kOpenSsl, true)) << size;
  }
}

TEST_P(GcmCipherTest, associated_data_in_two_parts_are_one) {
  Sample s = sample(60, 8, 4);
  Sealed sealed = s.seal(kBest, true);
  EXPECT_EQ(sealed, s.seal(kOpenSsl, true));
  Sample joined = s;
  joined.head.insert(joined.head.end(), s.tail.begin(), s.tail.end());
  joined.tail.clear();
  EXPECT_EQ(sealed, joined.seal(kBest, true));
}

TEST_P(GcmCipherTest, more_associated_data_than_a_datagram_has_is_refused) {
  Sample s = sample(0, GcmCipher::kMaxJoined - 4, 4);
  Sealed sealed = s.seal(kOpenSsl, true);
  EXPECT_EQ(s.open(kBest, sealed), s.plain);
  s.head.push_back(0);
  EXPECT_FALSE(s.open(kBest, s.seal(kOpenSsl, true)));
}

TEST_P(GcmCipherTest, a_changed_bit_anywhere_is_refused) {
  Sample s = sample(90, 8, 4);
  Sealed sealed = s.seal(kBest, true);
  for (auto engine : {kBest, kOpenSsl}) {
    for (size_t i = 0; i < sealed.body.size(); ++i) {
      Sealed other = sealed;
      other.body[i] ^= 1;
      EXPECT_FALSE(s.open(engine, other)) << i;
    }
    for (size_t i = 0; i < sealed.tag.size(); ++i) {
      Sealed other = sealed;
      other.tag[i] ^= 0x80;
      EXPECT_FALSE(s.open(engine, other)) << i;
    }
    Sample other = s;
    other.tail[3] ^= 1;
    EXPECT_FALSE(other.open(engine, sealed));
    other = s;
    other.nonce[11] ^= 1;
    EXPECT_FALSE(other.open(engine, sealed));
  }
}

INSTANTIATE_TEST_SUITE_P(KeySizes, GcmCipherTest, testing::Values(16, 32));

}  // namespace
}  // namespace footlight::srtp
