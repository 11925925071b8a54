#include "libav/log_level.h"

extern "C" {
#include <libavutil/log.h>
}

namespace footlight::libav {

void quiet_library_log() { av_log_set_level(AV_LOG_FATAL); }

}  // namespace footlight::libav
