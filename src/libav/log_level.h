#pragma once
namespace footlight::libav {

// libav writes to stderr by itself, once for every damaged picture: call once at start, and it only reports what is
// fatal. Decode errors are counted where they happen.
void quiet_library_log();

}  // namespace footlight::libav
