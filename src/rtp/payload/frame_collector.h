#pragma once
#include <deque>

#include "rtp/payload/frame_assembler.h"

namespace footlight::rtp {

// What all assemblers share: where a frame begins and ends, and whether anything of it is missing. A codec's class says
// how payloads join. Owned as its FrameAssembler.
class FrameCollector : public FrameAssembler {
 public:
  explicit FrameCollector(media::Codec codec) : codec_(codec) {}
  void push(const FramePacket& packet) final;
  [[nodiscard]] std::optional<AssembledFrame> take() final;

 protected:
  // Is this surely the first payload of a frame? Asked after a gap, and where a track begins.
  [[nodiscard]] virtual bool starts_frame(ByteView payload) const = 0;
  // Adds one payload to the open frame with append(). False: unreadable.
  [[nodiscard]] virtual bool join(ByteView payload) = 0;
  // Packets are missing here, or the frame ends: what is half joined goes.
  virtual void cut() {}
  // The frame ends, and is about to be given away.
  virtual void finish() {}
  // A frame begins.
  virtual void reset() {}
  // Does the open frame hold a picture (or sound) yet, and not only parameters for it?
  [[nodiscard]] virtual bool has_content() const { return true; }
  [[nodiscard]] virtual bool is_key() const = 0;
  [[nodiscard]] virtual bool ends_frame(const FramePacket& packet) const { return packet.marker; }

  [[nodiscard]] std::vector<uint8_t>& data() { return open_.frame.data; }
  void append(ByteView bytes);  // beyond kMaxFrameBytes the frame is damaged and the bytes are dropped
  void damage() { open_.intact = false; }

 private:
  // Parameters alone wait for their picture; a picture that was lost whole is told all the same.
  [[nodiscard]] bool is_worth_telling() const { return has_content() || !open_.intact; }
  void open(const FramePacket& packet, bool gap);
  void close();

  media::Codec codec_;
  std::optional<UnwrappedSeq> last_seq_;
  bool gap_pending_ = false;  // missing packets that no frame has answered for yet
  bool is_open_ = false;
  AssembledFrame open_;
  std::deque<AssembledFrame> ready_;
};

}  // namespace footlight::rtp
