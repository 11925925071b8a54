// rooms: rtp
#include "base/check.h"
#include "rtp/payload/frame_assembler.h"
#include "rtp/payload/key_frame.h"
#include "rtp/payload/picture_size.h"
#include "rtp/payload/red.h"
#include "rtp/payload/vp8_descriptor.h"
#include "rtp/payload/vp9_descriptor.h"

namespace {

using namespace footlight;
using namespace footlight::rtp;

void look_at(media::Codec codec, ByteView payload) {
  (void)starts_key_frame(codec, payload);
  if (auto size = picture_size(codec, payload)) CHECK(size->width >= 0 && size->height >= 0);
  if (auto red = RedView::parse(payload)) {
    CHECK(red->redundant().size() <= RedView::kMaxRedundant);
    CHECK(red->primary().size() <= payload.size());
  }
  std::vector<uint8_t> copy(payload.begin(), payload.end());
  if (auto d = Vp8Descriptor::parse(payload)) {
    CHECK(d->size < payload.size());
    rewrite_vp8_descriptor(copy, *d, 0x7fff, 1);
    auto again = Vp8Descriptor::parse(copy);
    CHECK(again && again->size == d->size && again->temporal_id == d->temporal_id);
  }
  copy.assign(payload.begin(), payload.end());
  if (auto d = Vp9Descriptor::parse(payload)) {
    CHECK(d->size < payload.size());
    rewrite_vp9_descriptor(copy, *d, 0x7fff, 1);
    auto again = Vp9Descriptor::parse(copy);
    CHECK(again && again->size == d->size && again->spatial_id == d->spatial_id);
  }
}

}  // namespace

// |codec| then packets: |steps of sequence: 4, of time: 3, marker: 1|size| payload. Frames come out in order, whole or
// told.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr media::Codec kCodecs[] = {media::Codec::kH264, media::Codec::kVp8, media::Codec::kOpus,
                                      media::Codec::kVp9,  media::Codec::kAv1, media::Codec::kAac};
  ByteReader r({data, size});
  uint8_t which = 0;
  if (!r.read_u8(which)) return 0;
  media::Codec codec = kCodecs[which % std::size(kCodecs)];
  auto assembler = make_frame_assembler(codec);
  int64_t seq = 100;
  int64_t time = 0;
  UnwrappedSeq last_of_frame{};
  uint8_t head = 0;
  uint8_t length = 0;
  ByteView payload;
  while (r.read_u8(head) && r.read_u8(length) && r.read_bytes(std::min<size_t>(length, r.remaining()), payload)) {
    seq += (head >> 4) - 2;
    time += 3000 * ((head >> 1 & 7) / 4);
    look_at(codec, payload);
    assembler->push({UnwrappedSeq(seq), UnwrappedTime(time), (head & 1) != 0, payload, Timestamp{}});
    while (auto frame = assembler->take()) {
      CHECK(frame->first <= frame->last && frame->first > last_of_frame);
      CHECK(frame->frame.data.size() <= FrameAssembler::kMaxFrameBytes);
      last_of_frame = frame->last;
    }
  }
  return 0;
}
