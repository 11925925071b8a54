#include "base/bytes.h"
#include "base/prefetch.h"
#include "srtp/packet_cipher.h"
#include "srtp/packet_index.h"
#include "srtp/packet_layout.h"
#include "srtp/srtp_session.h"
#include "srtp/stream_table.h"

namespace footlight::srtp {

struct SrtpSender::Impl {
  Impl(const MasterKey& key, Repeats repeats_allowed, size_t max_streams, WhenFull when_full)
      : rtp(key, KeyUse::kRtp, CipherDirection::kEncrypt),
        rtp_streams(max_streams, when_full),
        repeats(repeats_allowed),
        rtcp(key, KeyUse::kRtcp, CipherDirection::kEncrypt),
        rtcp_streams(max_streams, when_full) {}

  // The index that this packet goes out under, or why it must not.
  Result<uint64_t, SrtpError> take_index(const RtpLayout& layout) {
    PacketIndex* stream = rtp_streams.find(layout.ssrc);
    if (stream == nullptr) {
      if (rtp_streams.refuses()) return unexpected(SrtpError::kTooManyStreams);
      stream = &rtp_streams.insert(layout.ssrc);
    }
    auto index = stream->estimate(layout.seq);
    if (!index) return unexpected(SrtpError::kTooOld);
    if (repeats == Repeats::kRefuse) {
      Freshness freshness = stream->freshness(*index);
      if (freshness == Freshness::kSeen) return unexpected(SrtpError::kReplayed);
      if (freshness == Freshness::kTooOld) return unexpected(SrtpError::kTooOld);
    }
    stream->commit(*index);
    return *index;
  }

  // `payload` may lie in `out` behind the header already.
  Result<size_t, SrtpError> protect(MutableByteView out, const RtpLayout& layout, ByteView payload) {
    size_t tag = tag_size(rtp.profile());
    if (out.size() < layout.header_size || out.size() - layout.header_size < payload.size() + tag)
      return unexpected(SrtpError::kTooShort);
    auto index = take_index(layout);
    if (!index) return unexpected(index.error());
    std::array<uint8_t, 4> roc{};
    ByteWriter(roc).u32(static_cast<uint32_t>(*index >> 16));
    uint8_t* body = out.data() + layout.header_size;
    rtp.seal({layout.ssrc, *index}, out.first(layout.header_size), payload, body,
             is_aead(rtp.profile()) ? ByteView() : roc, out.subspan(layout.header_size + payload.size(), tag));
    return layout.header_size + payload.size() + tag;
  }

  PacketCipher rtp;
  StreamTable<PacketIndex> rtp_streams;
  Repeats repeats;
  PacketCipher rtcp;
  StreamTable<uint32_t> rtcp_streams;  // the next SRTCP index
};

SrtpSender::SrtpSender(const MasterKey& key, Repeats repeats, size_t max_streams, WhenFull when_full)
    : impl_(std::make_unique<Impl>(key, repeats, max_streams, when_full)) {}
SrtpSender::~SrtpSender() = default;
SrtpSender::SrtpSender(SrtpSender&&) noexcept = default;
SrtpSender& SrtpSender::operator=(SrtpSender&&) noexcept = default;

void SrtpSender::prefetch_step(int step) const {
  if (step == 0) return prefetch(impl_.get(), sizeof(PacketCipher) + sizeof(StreamTable<PacketIndex>));
  impl_->rtp.prefetch_key();
  impl_->rtp_streams.prefetch_slots();
}

Result<size_t, SrtpError> SrtpSender::protect_rtp(MutableByteView buffer, size_t size) {
  if (size > buffer.size()) return unexpected(SrtpError::kTooShort);
  auto layout = rtp_layout(buffer.first(size));
  if (!layout) return unexpected(SrtpError::kMalformed);
  return impl_->protect(buffer, *layout, buffer.subspan(layout->header_size, size - layout->header_size));
}

Result<size_t, SrtpError> SrtpSender::protect_rtp(MutableByteView out, size_t header_size, ByteView payload) {
  if (header_size > out.size()) return unexpected(SrtpError::kTooShort);
  auto layout = rtp_layout(out.first(header_size));
  if (!layout || layout->header_size != header_size) return unexpected(SrtpError::kMalformed);
  return impl_->protect(out, *layout, payload);
}

// RFC 3711 §3.4 and RFC 7714 §9: the first eight bytes stay clear; E flag and index follow the body, the tag goes
// behind them (counter mode) or before them (GCM).
Result<size_t, SrtpError> SrtpSender::protect_rtcp(MutableByteView buffer, size_t size) {
  PacketCipher& cipher = impl_->rtcp;
  size_t tag = tag_size(cipher.profile());
  if (buffer.size() < size || buffer.size() - size < tag + kSrtcpIndexSize) return unexpected(SrtpError::kTooShort);
  auto ssrc = rtcp_sender(buffer.first(size));
  if (!ssrc) return unexpected(SrtpError::kMalformed);
  uint32_t* next = impl_->rtcp_streams.find(*ssrc);
  if (next == nullptr) {
    if (impl_->rtcp_streams.refuses()) return unexpected(SrtpError::kTooManyStreams);
    next = &impl_->rtcp_streams.insert(*ssrc);
  }
  if (*next > kMaxSrtcpIndex) return unexpected(SrtpError::kKeyExhausted);
  uint32_t index = (*next)++;
  bool tag_first = is_aead(cipher.profile());
  MutableByteView index_bytes = buffer.subspan(tag_first ? size + tag : size, kSrtcpIndexSize);
  ByteWriter(index_bytes).u32(kEncryptedFlag | index);
  MutableByteView body = buffer.subspan(kRtcpHeaderSize, size - kRtcpHeaderSize);
  cipher.seal({*ssrc, index}, buffer.first(kRtcpHeaderSize), body, body.data(), index_bytes,
              buffer.subspan(tag_first ? size : size + kSrtcpIndexSize, tag));
  return size + tag + kSrtcpIndexSize;
}

}  // namespace footlight::srtp
