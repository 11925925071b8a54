#pragma once
#include "base/config_key.h"

namespace footlight::hls {

inline constexpr ConfigKey kConfigKeys[] = {
    {.name = "hls.part_ms",
     .type = ConfigType::kInt,
     .fallback = "200",
     .unit = "ms",
     .min = 100,
     .max = 1000,
     .help = "Wished length of a part; the nearest whole number of canvas frames is taken."},
    {.name = "hls.segment_ms",
     .type = ConfigType::kInt,
     .fallback = "2000",
     .unit = "ms",
     .min = 1000,
     .max = 10000,
     .help = "Wished length of a segment; the nearest whole number of parts is taken."},
    {.name = "hls.window_s",
     .type = ConfigType::kInt,
     .fallback = "14400",
     .unit = "s",
     .min = 60,
     .max = 604800,
     .help = "How far back viewers can go while an event is live."},
};

}  // namespace footlight::hls
