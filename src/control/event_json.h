#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "control/addresses.h"
#include "control/keyring.h"
#include "control/model.h"

// The representations of CONTRACT §3.
namespace footlight::control {

// `stream_key` only where it is shown: in the 201.
[[nodiscard]] nlohmann::ordered_json event_json(const Event& event, const Addresses::Base& base, const Keyring& keyring,
                                                const std::string& stream_key = "");
[[nodiscard]] nlohmann::ordered_json watch_json(const Event& event, const Addresses::Base& base);
[[nodiscard]] nlohmann::ordered_json source_json(const Source& source);

// Quoted, for the ETag field; changes with each change of the representation and with a new event of the same id.
[[nodiscard]] std::string etag_of(const Event& event);

// The page of a role, complete with the token in its fragment.
[[nodiscard]] std::string page_url(const Addresses::Base& base, const std::string& event, token::Role role,
                                   const std::string& token);

}  // namespace footlight::control
