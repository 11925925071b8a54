#pragma once
#include "base/config_key.h"

namespace footlight::relay {

inline constexpr ConfigKey kConfigKeys[] = {
    {.name = "media.listen",
     .type = ConfigType::kList,
     .fallback = "7000",
     .help = "Where WebRTC media is received (UDP, and TCP where a network blocks UDP): a port, which stands for "
             "127.0.0.1 and each interface address, or ip:port entries of one port number; port 0 takes a free one"},
    {.name = "media.shards",
     .type = ConfigType::kInt,
     .fallback = "0",
     .min = 0,
     .max = 64,
     .help = "Threads that receive and forward media, shard i on port number media.listen + i; 0: one a core"},
    {.name = "debug.capture",
     .help = "File that all that the relay receives is written to, decrypted, to replay it later; empty: none. For "
             "finding faults only: it holds everybody's sound and pictures; the relay then runs one shard"},
    {.name = "media.announce",
     .type = ConfigType::kList,
     .help = "Further addresses, without port, under which the media port is reachable (behind a port forwarding); "
             "offered to peers as ICE candidates"},
};

}  // namespace footlight::relay
