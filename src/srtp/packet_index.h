#pragma once
#include <cstdint>
#include <optional>

namespace footlight::srtp {

// Packets below the newest that can still be told from replays. RFC 3711 §3.3.2 asks for 64 at least; a burst of a
// frame with retransmissions wants more.
inline constexpr uint64_t kReplayWindow = 128;

enum class Freshness : uint8_t { kNew, kSeen, kTooOld };

// The index of one SSRC's packets: the newest and which of the last 128 were there. RTP's index is the rollover
// counter above the sequence number (48 bits); SRTCP's is explicit (31 bits) and uses the window only.
class PacketIndex {
 public:
  // RFC 3711 §3.3.1, appendix A: the index nearest to the newest. A stream's first packet has rollover counter 0.
  // nullopt for a number before the stream's beginning.
  [[nodiscard]] std::optional<uint64_t> estimate(uint16_t seq) const {
    if (!any_) return seq;
    auto newest_seq = static_cast<uint16_t>(newest_);
    uint64_t roc = newest_ >> 16;
    if (newest_seq < 0x8000 && seq - newest_seq > 0x8000) {
      if (roc == 0) return std::nullopt;
      --roc;
    } else if (newest_seq >= 0x8000 && newest_seq - 0x8000 > seq) {
      ++roc;
    }
    return roc << 16 | seq;
  }

  [[nodiscard]] Freshness freshness(uint64_t index) const {
    if (!any_ || index > newest_) return Freshness::kNew;
    uint64_t back = newest_ - index;
    if (back >= kReplayWindow) return Freshness::kTooOld;
    return (seen_[back / 64] >> (back % 64) & 1) != 0 ? Freshness::kSeen : Freshness::kNew;
  }

  // After authentication, and when freshness() said kNew.
  void commit(uint64_t index) {
    if (any_ && index <= newest_) {
      uint64_t back = newest_ - index;
      if (back < kReplayWindow) seen_[back / 64] |= uint64_t{1} << (back % 64);
      return;
    }
    shift(any_ ? index - newest_ : kReplayWindow);
    seen_[0] |= 1;
    newest_ = index;
    any_ = true;
  }

 private:
  void shift(uint64_t by) {
    if (by >= kReplayWindow) {
      seen_[0] = seen_[1] = 0;
    } else if (by >= 64) {
      seen_[1] = seen_[0] << (by - 64);
      seen_[0] = 0;
    } else {
      seen_[1] = seen_[1] << by | seen_[0] >> (64 - by);
      seen_[0] <<= by;
    }
  }

  uint64_t newest_ = 0;
  uint64_t seen_[kReplayWindow / 64] = {};  // bit k of the whole: index newest_ - k was there
  bool any_ = false;
};

}  // namespace footlight::srtp
