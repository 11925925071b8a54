#include "rtmp/aggregate.h"

namespace footlight::rtmp {

// | type 8 | size 24 | timestamp 24 | its bits 24 to 31: 8 | stream id 24 | payload | size of all this 32 |  (FLV E.3)
bool Aggregate::next(Message& out) {
  if (broken_ || reader_.remaining() == 0) return false;
  uint8_t type = 0;
  uint8_t upper = 0;
  uint32_t size = 0;
  uint32_t time = 0;
  out.stream_id = stream_id_;
  broken_ = !reader_.read_u8(type) || !reader_.read_u24(size) || !reader_.read_u24(time) || !reader_.read_u8(upper) ||
            !reader_.skip(3) || !reader_.read_bytes(size, out.payload) || !reader_.skip(4);
  if (broken_) return false;
  time |= uint32_t{upper} << 24;
  if (!begun_) first_ = time;
  begun_ = true;
  out.type = static_cast<MessageType>(type);
  out.timestamp = timestamp_ + (time - first_);
  return true;
}

}  // namespace footlight::rtmp
