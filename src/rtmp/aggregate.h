#pragma once
#include "rtmp/message.h"

namespace footlight::rtmp {

// An aggregate message (RTMP §7.1.6) taken apart: sound, pictures and data that an encoder sent together, each as in an
// FLV file. Lives as long as the message's payload.
class Aggregate {
 public:
  explicit Aggregate(const Message& message)
      : reader_(message.payload), timestamp_(message.timestamp), stream_id_(message.stream_id) {}

  // False: no more are left, or the rest is broken().
  [[nodiscard]] bool next(Message& out);
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  ByteReader reader_;
  uint32_t timestamp_;  // of the whole: the first part's
  uint32_t stream_id_;
  uint32_t first_ = 0;  // the first part's own
  bool begun_ = false;
  bool broken_ = false;
};

}  // namespace footlight::rtmp
