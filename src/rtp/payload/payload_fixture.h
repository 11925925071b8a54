#pragma once
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/text_codec.h"
#include "codec/h264.h"
#include "rtp/packet_view.h"
#include "rtp/payload/frame_assembler.h"

#ifndef FOOTLIGHT_TESTDATA  // CMakeLists.txt says where; this lets the header compile alone
#define FOOTLIGHT_TESTDATA "testdata"
#endif

// testdata: vp9*, av1* and red are what Chromium 156 sent to libdatachannel (RTX and padding-only packets among them);
// the rest 160x96 at 30 fps by libx264 and libvpx, 997 Hz by libopus, sent by libavformat's RTP muxer to a socket
// (each datagram behind its 16-bit length), and the same frames as files: an independent packetizer is the oracle.
namespace footlight::rtp {

using Bytes = std::vector<uint8_t>;
inline Bytes hex(std::string_view text) { return from_hex(text).value(); }
inline Bytes copy(ByteView v) { return {v.begin(), v.end()}; }

inline Bytes file(const std::string& name) {
  std::ifstream in(std::string(FOOTLIGHT_TESTDATA "/") + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

inline std::vector<Bytes> datagrams(const std::string& name) {
  Bytes raw = file(name);
  ByteReader r(raw);
  std::vector<Bytes> out;
  uint16_t size = 0;
  for (ByteView packet; r.read_u16(size) && r.read_bytes(size, packet);) out.push_back(copy(packet));
  return out;
}

// Those of one payload type: the media of a capture that holds its RTX, too.
inline std::vector<Bytes> datagrams(const std::string& name, PayloadType type) {
  std::vector<Bytes> out;
  for (Bytes& d : datagrams(name))
    if (auto p = PacketView::parse(d); p && p->payload_type() == type) out.push_back(std::move(d));
  return out;
}

inline std::vector<Bytes> nals_of(ByteView annex_b) {
  std::vector<Bytes> out;
  codec::NalReader reader(annex_b);
  for (ByteView nal; reader.next(nal);) out.push_back(copy(nal));
  return out;
}

// Pushes packets as a jitter buffer would.
class Feed {
 public:
  explicit Feed(media::Codec codec) : assembler_(make_frame_assembler(codec)) {}
  void push(ByteView datagram) {
    auto p = PacketView::parse(datagram);
    ASSERT_TRUE(p);
    push(seq_.unwrap(p->seq()).value(), time_.unwrap(p->time()).value(), p->marker(), p->payload());
  }
  void push(int64_t seq, int64_t time, bool marker, ByteView payload) {
    assembler_->push({UnwrappedSeq(seq), UnwrappedTime(time), marker, payload, Timestamp::millis(++packets_)});
    while (auto frame = assembler_->take()) frames.push_back(std::move(*frame));
  }
  std::vector<AssembledFrame> frames;

 private:
  std::unique_ptr<FrameAssembler> assembler_;
  SeqUnwrapper seq_;
  TimeUnwrapper time_;
  int64_t packets_ = 0;
};

}  // namespace footlight::rtp
