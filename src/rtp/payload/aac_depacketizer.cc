#include "rtp/payload/aac_depacketizer.h"

#include "rtp/payload/aac_payload.h"

namespace footlight::rtp {

// A piece does not say which it is: only a whole unit surely begins one.
bool AacDepacketizer::starts_frame(ByteView payload) const {
  auto piece = AacPayload::parse(payload);
  return piece && piece->bytes.size() == piece->unit_size;
}

bool AacDepacketizer::join(ByteView payload) {
  auto piece = AacPayload::parse(payload);
  if (!piece || (unit_size_ != 0 && piece->unit_size != unit_size_)) return false;
  unit_size_ = piece->unit_size;
  append(piece->bytes);
  return data().size() <= unit_size_;
}

void AacDepacketizer::finish() {
  if (data().size() != unit_size_) damage();
}

}  // namespace footlight::rtp
