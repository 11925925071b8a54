// rooms: srtp base
#include <array>
#include <vector>

#include "base/check.h"
#include "srtp/srtp_session.h"

using namespace footlight;

// First byte: the profile. The rest, as a protected packet to a receiver (RTP and RTCP) and as a plain one through a
// sender: what the sender takes, the receiver must give back.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1 || size > 2000) return 0;
  constexpr srtp::Profile kProfiles[] = {srtp::Profile::kAeadAes128Gcm, srtp::Profile::kAeadAes256Gcm,
                                         srtp::Profile::kAes128CmHmacSha1};
  auto profile = kProfiles[data[0] % 3];
  std::array<uint8_t, 46> joined{1, 2, 3, 4, 5, 6, 7, 8, 9};
  auto key =
      srtp::MasterKey::from_joined(profile, ByteView(joined).first(srtp::key_size(profile) + srtp::salt_size(profile)));
  CHECK(key.has_value());
  std::vector<uint8_t> input(data + 1, data + size);

  srtp::SrtpReceiver receiver(*key);
  auto packet = input;
  (void)receiver.unprotect_rtp(packet);
  packet = input;
  (void)receiver.unprotect_rtcp(packet);

  srtp::SrtpSender sender(*key);
  packet = input;
  packet.resize(input.size() + srtp::kMaxRtpOverhead);
  if (auto done = sender.protect_rtp(packet, input.size())) {
    auto plain = receiver.unprotect_rtp(MutableByteView(packet).first(*done));
    CHECK(plain.has_value());
    packet.resize(*plain);
    CHECK(packet == input);
  }
  packet = input;
  packet.resize(input.size() + srtp::kMaxRtcpOverhead);
  if (auto done = sender.protect_rtcp(packet, input.size())) {
    auto plain = receiver.unprotect_rtcp(MutableByteView(packet).first(*done));
    CHECK(plain.has_value());
    packet.resize(*plain);
    CHECK(packet == input);
  }
  return 0;
}
