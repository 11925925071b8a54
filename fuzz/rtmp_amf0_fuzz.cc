// rooms: rtmp
#include "rtmp/command.h"
#include "rtmp/flv_tag.h"

using namespace footlight;

// Bytes as a command, as metadata and as FLV tags.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteView bytes(data, size);
  if (auto command = rtmp::Command::parse(bytes)) {
    (void)rtmp::app_of(*command);
    (void)rtmp::stream_name_of(*command);
    while (command->arguments.skip()) {
    }
  }
  (void)rtmp::encoder_of(bytes);
  (void)rtmp::FlvVideo::parse(bytes);
  (void)rtmp::FlvAudio::parse(bytes);
  (void)rtmp::video_codec_name(bytes);
  (void)rtmp::audio_codec_name(bytes);
  return 0;
}
