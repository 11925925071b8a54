#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"

// AV1 RTP specification 1.0 §4.3 to §4.5: what depacketizer, key-frame detection and picture size share.
namespace footlight::rtp {

// |Z|Y|W W|N|-|-|-|
struct Av1AggregationHeader {
  bool continues = false;     // Z: the first element goes on from the packet before
  bool to_continue = false;   // Y: the last element goes on in the next packet
  uint8_t count = 0;          // W: how many elements; 0: each has its length
  bool new_sequence = false;  // N: the first packet of a coded video sequence (§4.4)

  [[nodiscard]] static std::optional<Av1AggregationHeader> parse(ByteView payload);
};

struct Av1Element {  // an OBU without its size, or a piece of one
  ByteView data;
  bool first = false;  // in its packet
  bool last = false;
};

// Walks the OBU elements of one payload; empty ones are passed over. Stops at one that does not fit: whole() tells.
class Av1ElementReader {
 public:
  explicit Av1ElementReader(ByteView payload);
  [[nodiscard]] const Av1AggregationHeader& header() const { return header_; }
  [[nodiscard]] bool next(Av1Element& out);
  [[nodiscard]] bool whole() const { return whole_ && reader_.remaining() == 0; }

 private:
  Av1AggregationHeader header_;
  ByteReader reader_;
  size_t index_ = 0;
  bool whole_ = true;
};

}  // namespace footlight::rtp
