#pragma once
#include <string>
#include <string_view>

#include "base/secret.h"
#include "control/model.h"

namespace footlight::control {

// Every key and unguessable name that control hands out, derived from one master key that the database keeps: the same
// after a restart, so a killed control disturbs neither a pipe nor a link. Owned by Control; stateless otherwise.
class Keyring {
 public:
  explicit Keyring(Secret master);

  [[nodiscard]] const Secret& token_key() const { return token_key_; }  // signs JWTs; the origin has it too

  // The token in an event's links: one a role, the same each time.
  [[nodiscard]] std::string link_token(const Event& event, token::Role role) const;
  [[nodiscard]] std::string link_token_id(const Event& event, token::Role role) const;

  // A source is who publishes under which label (CONTRACT §3, Stage): the same pair has the same id.
  [[nodiscard]] std::string source_id(const Event& event, std::string_view subject, std::string_view label) const;

  // One pair of incarnations, one key (decision 0003): never the same key for two different senders' packets.
  struct PipeEnds {
    std::string event, compose, relay;  // incarnations
  };
  [[nodiscard]] state::PipeKey pipe_key(const PipeEnds& ends) const;
  [[nodiscard]] uint32_t programme_ssrc(const PipeEnds& ends, std::string_view kind) const;

 private:
  [[nodiscard]] std::string derive(std::string_view purpose, std::string_view what) const;  // 32 bytes
  Secret master_;
  Secret token_key_;
};

// Links live as long as their event; JWTs need a date all the same.
inline constexpr int64_t kLinkTokenDays = 3650;

// A stream key: random text that starts with `sk_`, and the form in which it is kept.
[[nodiscard]] std::string new_stream_key();
[[nodiscard]] std::string hash_of_key(std::string_view stream_key);

}  // namespace footlight::control
