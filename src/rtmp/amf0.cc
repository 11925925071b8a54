#include "rtmp/amf0.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace footlight::rtmp {

bool Amf0Reader::take_marker(Amf0Marker expected) {
  ByteReader r = reader_;
  uint8_t marker = 0;
  if (!r.read_u8(marker) || marker != static_cast<uint8_t>(expected)) return false;
  reader_ = r;
  return true;
}

bool Amf0Reader::read_text(ByteReader& r, bool is_long, std::string_view& out) {
  uint16_t short_size = 0;
  uint32_t size = 0;
  if (is_long ? !r.read_u32(size) : !r.read_u16(short_size)) return false;
  ByteView text;
  if (!r.read_bytes(is_long ? size : short_size, text)) return false;
  out = as_text(text);
  return true;
}

bool Amf0Reader::read_number(double& out) {
  ByteReader r = reader_;
  uint8_t marker = 0;
  uint64_t bits = 0;
  if (!r.read_u8(marker) || marker != static_cast<uint8_t>(Amf0Marker::kNumber) || !r.read_u64(bits)) return false;
  out = std::bit_cast<double>(bits);
  reader_ = r;
  return true;
}

bool Amf0Reader::read_string(std::string_view& out) {
  ByteReader r = reader_;
  uint8_t marker = 0;
  if (!r.read_u8(marker)) return false;
  bool is_long = marker == static_cast<uint8_t>(Amf0Marker::kLongString);
  if (!is_long && marker != static_cast<uint8_t>(Amf0Marker::kString)) return false;
  if (!read_text(r, is_long, out)) return false;
  reader_ = r;
  return true;
}

bool Amf0Reader::enter_object() {
  if (take_marker(Amf0Marker::kObject)) return true;
  Amf0Reader inner = *this;
  // AMF0 §2.10: the count is a hint; §2.18: the class name comes first.
  std::string_view class_name;
  bool entered = inner.take_marker(Amf0Marker::kEcmaArray)
                     ? inner.reader_.skip(4)
                     : inner.take_marker(Amf0Marker::kTypedObject) && read_text(inner.reader_, false, class_name);
  if (entered) *this = inner;
  return entered;
}

Amf0Reader::Step Amf0Reader::property(std::string_view& name) {
  ByteReader r = reader_;
  if (!read_text(r, false, name)) return Step::kBroken;
  reader_ = r;
  return name.empty() && take_marker(Amf0Marker::kObjectEnd) ? Step::kEnd : Step::kProperty;
}

bool Amf0Reader::skip_properties(int depth) {
  std::string_view name;
  for (;;) {
    Step step = property(name);
    if (step != Step::kProperty) return step == Step::kEnd;
    if (!skip_value(depth - 1)) return false;
  }
}

bool Amf0Reader::skip_value(int depth) {
  if (depth == 0) return false;
  ByteReader peeked = reader_;
  uint8_t marker = 0;
  if (!peeked.read_u8(marker)) return false;
  std::string_view text;
  uint32_t count = 0;
  switch (static_cast<Amf0Marker>(marker)) {
    case Amf0Marker::kObject:
    case Amf0Marker::kEcmaArray:
    case Amf0Marker::kTypedObject:
      return enter_object() && skip_properties(depth);
    case Amf0Marker::kStrictArray:
      if (!reader_.skip(1) || !reader_.read_u32(count)) return false;
      for (uint32_t i = 0; i < count; ++i)
        if (!skip_value(depth - 1)) return false;
      return true;
    case Amf0Marker::kNumber:
      return reader_.skip(1 + 8);
    case Amf0Marker::kBoolean:
      return reader_.skip(1 + 1);
    case Amf0Marker::kReference:
      return reader_.skip(1 + 2);
    case Amf0Marker::kDate:
      return reader_.skip(1 + 8 + 2);
    case Amf0Marker::kNull:
    case Amf0Marker::kUndefined:
    case Amf0Marker::kUnsupported:
      return reader_.skip(1);
    case Amf0Marker::kString:
      return reader_.skip(1) && read_text(reader_, false, text);
    case Amf0Marker::kLongString:
    case Amf0Marker::kXml:
      return reader_.skip(1) && read_text(reader_, true, text);
    case Amf0Marker::kObjectEnd:
      return false;
  }
  return false;
}

void Amf0Writer::number(double value) {
  out_.u8(static_cast<uint8_t>(Amf0Marker::kNumber));
  out_.u64(std::bit_cast<uint64_t>(value));
}

void Amf0Writer::string(std::string_view value) {
  out_.u8(static_cast<uint8_t>(Amf0Marker::kString));
  name(value);
}

void Amf0Writer::null() { out_.u8(static_cast<uint8_t>(Amf0Marker::kNull)); }
void Amf0Writer::undefined() { out_.u8(static_cast<uint8_t>(Amf0Marker::kUndefined)); }
void Amf0Writer::begin_object() { out_.u8(static_cast<uint8_t>(Amf0Marker::kObject)); }

void Amf0Writer::end_object() {
  out_.u16(0);
  out_.u8(static_cast<uint8_t>(Amf0Marker::kObjectEnd));
}

void Amf0Writer::name(std::string_view name) {
  name = name.substr(0, std::numeric_limits<uint16_t>::max());
  out_.u16(name.size());
  out_.text(name);
}

}  // namespace footlight::rtmp
