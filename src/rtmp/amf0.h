#pragma once
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

// AMF0 (Adobe's "Action Message Format -- AMF 0", "AMF0" in comments): the values of RTMP's commands.
namespace footlight::rtmp {

enum class Amf0Marker : uint8_t {  // AMF0 §2.1
  kNumber = 0,
  kBoolean = 1,
  kString = 2,
  kObject = 3,
  kNull = 5,
  kUndefined = 6,
  kReference = 7,
  kEcmaArray = 8,
  kObjectEnd = 9,
  kStrictArray = 10,
  kDate = 11,
  kLongString = 12,
  kUnsupported = 13,
  kXml = 15,
  kTypedObject = 16,
};

// Walks AMF0 values that a peer sent, without copying. Every read compares with what is left and returns false, moving
// nothing, where the value is another or not whole. Lives as long as the message does.
class Amf0Reader {
 public:
  static constexpr int kMaxDepth = 8;  // objects within objects; commands need two

  Amf0Reader() : Amf0Reader(ByteView{}) {}
  explicit Amf0Reader(ByteView bytes) : reader_(bytes) {}
  [[nodiscard]] bool done() const { return reader_.remaining() == 0; }

  [[nodiscard]] bool read_number(double& out);
  [[nodiscard]] bool read_string(std::string_view& out);  // short or long
  // Enters an object, typed object or ECMA array; property() walks it then.
  [[nodiscard]] bool enter_object();
  enum class Step : uint8_t { kProperty, kEnd, kBroken };
  [[nodiscard]] Step property(std::string_view& name);  // its value comes next: read it, or skip()
  // Passes over any one value.
  [[nodiscard]] bool skip() { return skip_value(kMaxDepth); }

 private:
  [[nodiscard]] bool take_marker(Amf0Marker expected);
  [[nodiscard]] bool read_text(ByteReader& r, bool is_long, std::string_view& out);
  [[nodiscard]] bool skip_value(int depth);
  [[nodiscard]] bool skip_properties(int depth);

  ByteReader reader_;
};

// Appends AMF0 values to a growing buffer.
class Amf0Writer {
 public:
  explicit Amf0Writer(ByteBuffer& out) : out_(out) {}
  void number(double value);
  void string(std::string_view value);  // at most 65535 bytes: what is longer is cut
  void null();
  void undefined();
  void begin_object();
  void end_object();
  // A property of the open object: its name; the value follows.
  void name(std::string_view name);

 private:
  ByteBuffer& out_;
};

}  // namespace footlight::rtmp
