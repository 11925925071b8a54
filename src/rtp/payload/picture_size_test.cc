#include "rtp/payload/picture_size.h"

#include "rtp/payload/key_frame.h"
#include "rtp/payload/payload_fixture.h"

namespace footlight::rtp {
namespace {

using codec::PictureSize;

// The size that the first packet to tell one tells, and how many others differ.
std::optional<PictureSize> first_size(media::Codec codec, const std::string& name) {
  std::optional<PictureSize> first;
  for (const Bytes& d : datagrams(name)) {
    auto packet = PacketView::parse(d);
    auto size = picture_size(codec, packet->payload());
    if (size) {
      EXPECT_TRUE(starts_key_frame(codec, packet->payload())) << "only key frames tell it";
      if (!first) first = size;
      EXPECT_EQ(size, first) << name;
    }
  }
  return first;
}

TEST(PictureSize, every_codecs_key_frame_tells_it) {
  EXPECT_EQ(first_size(media::Codec::kH264, "h264.rtp"), (PictureSize{160, 96}));
  EXPECT_EQ(first_size(media::Codec::kVp8, "vp8.rtp"), (PictureSize{160, 96}));
}

TEST(PictureSize, parameter_sets_in_a_stap_a_tell_it_and_fragments_never) {
  // What Chromium sends before an IDR: STAP-A of SPS (constrained baseline, 640x360) and PPS.
  const Bytes stap = hex("7800136742c01f8c8d405017fcb37010d01078442350000468ce3c80");
  EXPECT_EQ(picture_size(media::Codec::kH264, stap), (PictureSize{640, 360}));
  EXPECT_EQ(picture_size(media::Codec::kH264, hex("7c85b80004000005388c5000371c")), std::nullopt);
  EXPECT_EQ(picture_size(media::Codec::kH264, ByteView(stap).first(5)), std::nullopt);
  EXPECT_EQ(picture_size(media::Codec::kOpus, hex("78000102")), std::nullopt);
  EXPECT_EQ(picture_size(media::Codec::kVp8, {}), std::nullopt);
}

}  // namespace
}  // namespace footlight::rtp
