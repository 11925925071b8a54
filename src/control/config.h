#pragma once
#include "base/config_key.h"

namespace footlight::control {

inline constexpr ConfigKey kConfigKeys[] = {
    {.name = "http.public_url",
     .type = ConfigType::kString,
     .help = "The https URL under which people reach the http listener (a proxy in front); empty: the request's host."},
    {.name = "origin.public_url",
     .type = ConfigType::kString,
     .help = "The URL under which players reach the origin (the CDN); empty: the request's host with origin's port."},
    {.name = "auth.admin_token",
     .type = ConfigType::kString,
     .help = "The administrator's token; empty: generated once and kept in <data>/admin_token.",
     .secret = true},
    {.name = "database.url",
     .type = ConfigType::kString,
     .help = "Where control keeps its state, sqlite:PATH; empty: sqlite:<data>/control.db."},
};

}  // namespace footlight::control
