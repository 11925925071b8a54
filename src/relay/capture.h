#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/random_tape.h"
#include "base/result.h"
#include "base/units.h"

namespace footlight::relay {

// A capture: everything that one shard took in, decrypted, so that the same can be given to a core again (replay.h).
// The file is kCaptureMagic and then records:
//   u8 kind | u64 time in microseconds of the shard's clock | u8 size, id | u32 size, body
// Payloads are private, and so is the file; pipe keys and stream keys are not in it.
enum class CaptureKind : uint8_t {
  kOptions = 1,  // id: epoch; body: address of the pipe socket. The first record
  kRandom,       // body: what random_fill() gave in the records that follow
  kApply,        // body: desired state (state/desired.h)
  kCreate,       // body: session request (state/session_call.h)
  kPatch,        // id: session; body: fragment
  kDelete,       // id: session
  kConnected,    // id: session; body: u16 SRTP profile, u8 protocol, u64 round trip in us, or 0
  kStalled,      // id: session: ICE hears nothing
  kResumed,
  kEnded,     // id: session; body: the reason, where the transport ended it
  kRtp,       // id: session; body: the packet
  kRtcp,      // id: session; body: the compound
  kPipeRtp,   // id: pipe
  kPipeRtcp,  // id: pipe
  kTick,
  kFlush,      // the end of a turn
  kLost,       // body: u64 records that did not fit: what follows cannot be replayed exactly
  kMoved,      // id: session: it sends to another address from now on
  kRtmpOpen,   // id: stream: somebody has shown a key of it
  kRtmpEvent,  // id: session; body: rtmp_record.h
  kRtmpEnded,  // id: session; body: the reason
};
inline constexpr CaptureKind kLastCaptureKind = CaptureKind::kRtmpEnded;
inline constexpr std::string_view kCaptureMagic = "FLRC0001";

struct CaptureRecord {
  CaptureKind kind{};
  Timestamp at{};
  std::string_view id;
  ByteView body;
};

enum class CaptureError { kNoCapture, kTruncated, kBadKind, kBadTime };

// Walks a capture's records. Owns nothing; dies with the bytes.
class CaptureReader {
 public:
  [[nodiscard]] static Result<CaptureReader, CaptureError> open(ByteView file);
  // False at the end, or at an error: then error() is set.
  [[nodiscard]] bool next(CaptureRecord& out);
  [[nodiscard]] std::optional<CaptureError> error() const { return error_; }

 private:
  explicit CaptureReader(ByteView records) : reader_(records) {}
  [[nodiscard]] bool takes(CaptureKind kind, uint64_t at);
  ByteReader reader_;
  std::optional<CaptureError> error_;
  std::optional<int64_t> first_;  // time of the first that is replayed, in microseconds
};

// Takes finished records on the shard's thread; never waits.
class CaptureSink {
 public:
  virtual ~CaptureSink() = default;
  virtual void write(ByteView records) = 0;
};

// The recording side, called by the core. Owned by the shard (or a test). Between begin() and end() of one call into
// the core, randomness is recorded too.
class Capture {
 public:
  explicit Capture(CaptureSink& sink) : sink_(sink) {}
  void begin();
  void end();
  void note(CaptureKind kind, Timestamp at, std::string_view id = {}, ByteView body = {});
  // Packets came since the last end of a turn.
  [[nodiscard]] bool take_unflushed() { return std::exchange(unflushed_, false); }

  // One call into the core; nothing without a capture.
  class Turn {
   public:
    explicit Turn(Capture* capture) : capture_(capture) {
      if (capture_) capture_->begin();
    }
    ~Turn() {
      if (capture_) capture_->end();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    Capture* capture_;
  };

 private:
  CaptureSink& sink_;
  RandomTape tape_{RandomTape::Mode::kRecord};
  int depth_ = 0;
  Timestamp last_at_{};
  std::vector<uint8_t> records_;
  bool unflushed_ = false;
};

// One record as it stands in the file.
void append_record(std::vector<uint8_t>& out, const CaptureRecord& record);

}  // namespace footlight::relay
