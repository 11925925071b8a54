#include "srtp/master_key.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace footlight::srtp {

std::optional<MasterKey> MasterKey::make(Profile profile, ByteView key, ByteView salt) {
  if (key.size() != key_size(profile) || salt.size() != salt_size(profile)) return std::nullopt;
  MasterKey m;
  m.profile_ = profile;
  std::ranges::copy(key, m.key_.begin());
  std::ranges::copy(salt, m.salt_.begin());
  return m;
}

std::optional<MasterKey> MasterKey::from_joined(Profile profile, ByteView key_and_salt) {
  if (key_and_salt.size() != key_size(profile) + salt_size(profile)) return std::nullopt;
  return make(profile, key_and_salt.first(key_size(profile)), key_and_salt.subspan(key_size(profile)));
}

MasterKey::~MasterKey() {
  OPENSSL_cleanse(key_.data(), key_.size());
  OPENSSL_cleanse(salt_.data(), salt_.size());
}

}  // namespace footlight::srtp
