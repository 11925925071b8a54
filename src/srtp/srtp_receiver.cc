#include "base/bytes.h"
#include "srtp/packet_cipher.h"
#include "srtp/packet_index.h"
#include "srtp/packet_layout.h"
#include "srtp/srtp_session.h"
#include "srtp/stream_table.h"

namespace footlight::srtp {
namespace {

std::optional<SrtpError> refusal(const PacketIndex* stream, uint64_t index, bool new_ones_refused) {
  if (stream == nullptr) return new_ones_refused ? std::optional(SrtpError::kTooManyStreams) : std::nullopt;
  switch (stream->freshness(index)) {
    case Freshness::kSeen:
      return SrtpError::kReplayed;
    case Freshness::kTooOld:
      return SrtpError::kTooOld;
    case Freshness::kNew:
      break;
  }
  return std::nullopt;
}

}  // namespace

struct SrtpReceiver::Impl {
  Impl(const MasterKey& key, size_t max_streams, WhenFull when_full)
      : rtp(key, KeyUse::kRtp, CipherDirection::kDecrypt),
        rtcp(key, KeyUse::kRtcp, CipherDirection::kDecrypt),
        rtp_streams(max_streams, when_full),
        rtcp_streams(max_streams, when_full) {}

  PacketCipher rtp;
  PacketCipher rtcp;
  StreamTable<PacketIndex> rtp_streams;
  StreamTable<PacketIndex> rtcp_streams;
};

SrtpReceiver::SrtpReceiver(const MasterKey& key, size_t max_streams, WhenFull when_full)
    : impl_(std::make_unique<Impl>(key, max_streams, when_full)) {}
SrtpReceiver::~SrtpReceiver() = default;
SrtpReceiver::SrtpReceiver(SrtpReceiver&&) noexcept = default;
SrtpReceiver& SrtpReceiver::operator=(SrtpReceiver&&) noexcept = default;

Result<size_t, SrtpError> SrtpReceiver::unprotect_rtp(MutableByteView packet) {
  size_t tag = tag_size(impl_->rtp.profile());
  if (packet.size() < tag) return unexpected(SrtpError::kTooShort);
  size_t size = packet.size() - tag;
  auto layout = rtp_layout(packet.first(size));
  if (!layout) return unexpected(SrtpError::kMalformed);

  PacketIndex* stream = impl_->rtp_streams.find(layout->ssrc);
  auto index = stream != nullptr ? stream->estimate(layout->seq) : std::optional<uint64_t>(layout->seq);
  if (!index) return unexpected(SrtpError::kTooOld);
  if (auto refused = refusal(stream, *index, impl_->rtp_streams.refuses())) return unexpected(*refused);

  std::array<uint8_t, 4> roc{};
  ByteWriter(roc).u32(static_cast<uint32_t>(*index >> 16));
  MutableByteView body = packet.subspan(layout->header_size, size - layout->header_size);
  if (!impl_->rtp.open({layout->ssrc, *index}, packet.first(layout->header_size), body, body.data(),
                       is_aead(impl_->rtp.profile()) ? ByteView() : roc, packet.subspan(size, tag)))
    return unexpected(SrtpError::kUnauthentic);
  if (stream == nullptr) stream = &impl_->rtp_streams.insert(layout->ssrc);
  stream->commit(*index);
  return size;
}

Result<size_t, SrtpError> SrtpReceiver::unprotect_rtcp(MutableByteView packet) {
  PacketCipher& cipher = impl_->rtcp;
  size_t tag = tag_size(cipher.profile());
  if (packet.size() < kRtcpHeaderSize + tag + kSrtcpIndexSize) return unexpected(SrtpError::kTooShort);
  size_t size = packet.size() - tag - kSrtcpIndexSize;
  auto ssrc = rtcp_sender(packet);
  if (!ssrc) return unexpected(SrtpError::kMalformed);

  bool tag_first = is_aead(cipher.profile());
  ByteView index_bytes = packet.subspan(tag_first ? size + tag : size, kSrtcpIndexSize);
  uint32_t word = 0;
  if (!ByteReader(index_bytes).read_u32(word)) return unexpected(SrtpError::kTooShort);
  uint64_t index = word & kMaxSrtcpIndex;
  PacketIndex* stream = impl_->rtcp_streams.find(*ssrc);
  if (auto refused = refusal(stream, index, impl_->rtcp_streams.refuses())) return unexpected(*refused);

  // Without the E flag everything is authenticated and nothing encrypted (RFC 7714 §9.3).
  size_t clear = (word & kEncryptedFlag) != 0 ? kRtcpHeaderSize : size;
  MutableByteView body = packet.subspan(clear, size - clear);
  if (!cipher.open({*ssrc, index}, packet.first(clear), body, body.data(), index_bytes,
                   packet.subspan(tag_first ? size : size + kSrtcpIndexSize, tag)))
    return unexpected(SrtpError::kUnauthentic);
  if (stream == nullptr) stream = &impl_->rtcp_streams.insert(*ssrc);
  stream->commit(index);
  return size;
}

}  // namespace footlight::srtp
