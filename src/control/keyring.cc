#include "control/keyring.h"

#include "base/random.h"
#include "base/text_codec.h"
#include "token/hmac.h"

namespace footlight::control {
namespace {

constexpr size_t kIdChars = 16;       // 96 bits of base64url
constexpr size_t kPipeKeyBytes = 28;  // AES-128-GCM key 16 and salt 12 (RFC 7714 §12), a direction
constexpr size_t kStreamKeyBytes = 24;

std::string short_id(std::string_view digest) { return to_base64url(as_bytes(digest)).substr(0, kIdChars); }

// The parts cannot run into one another: each is preceded by its length.
std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (std::string_view part : parts) out += std::to_string(part.size()) + ":" + std::string(part);
  return out;
}

uint32_t number_of(std::string_view digest) {
  ByteReader reader(as_bytes(digest));
  uint32_t n = 0;
  (void)reader.read_u32(n);
  return n == 0 ? 1 : n;  // 0 stands for "none" in state documents
}

}  // namespace

Keyring::Keyring(Secret master) : master_(std::move(master)) {
  token_key_ = Secret(to_base64url(as_bytes(derive("tokens", ""))));
}

std::string Keyring::derive(std::string_view purpose, std::string_view what) const {
  const auto digest = token::hmac_sha256(master_, joined({purpose, what}));
  return std::string(as_text(digest));
}

std::string Keyring::link_token_id(const Event& event, token::Role role) const {
  return "link-" + short_id(derive("link", joined({event.id, event.nonce, token::name_of(role)})));
}

std::string Keyring::link_token(const Event& event, token::Role role) const {
  const auto end = event.created_at + Duration::seconds(kLinkTokenDays * 86400);
  const auto id = link_token_id(event, role);
  return token::sign({.jti = id, .event = event.id, .role = role, .name = "", .sub = id, .exp = end.unix_seconds()},
                     token_key_);
}

std::string Keyring::source_id(const Event& event, std::string_view subject, std::string_view label) const {
  return short_id(derive("source", joined({event.id, event.nonce, subject, label})));
}

state::PipeKey Keyring::pipe_key(const PipeEnds& ends) const {
  const auto pair = joined({ends.event, ends.compose, ends.relay});
  const auto bytes = derive("pipe key to relay", pair).substr(0, kPipeKeyBytes) +
                     derive("pipe key to compose", pair).substr(0, kPipeKeyBytes);
  return {.id = short_id(derive("pipe", pair)),
          .key = to_base64(as_bytes(bytes)),
          .compose_ssrc = number_of(derive("pipe ssrc of compose", pair)),
          .relay_ssrc = number_of(derive("pipe ssrc of relay", pair))};
}

uint32_t Keyring::programme_ssrc(const PipeEnds& ends, std::string_view kind) const {
  return number_of(derive("programme ssrc", joined({ends.event, ends.compose, ends.relay, kind})));
}

std::string new_stream_key() { return "sk_" + random_id(kStreamKeyBytes); }
// The key is random and long, so a plain digest cannot be turned back; a password hash would add nothing.
std::string hash_of_key(std::string_view stream_key) { return to_hex(token::sha256(stream_key)); }

}  // namespace footlight::control
