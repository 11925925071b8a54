#pragma once
#include <optional>
#include <string_view>

#include "rtmp/amf0.h"

namespace footlight::rtmp {

// A command message (RTMP §7.2): its name, its transaction, and its arguments still to be read.
struct Command {
  std::string_view name;
  double transaction = 0;
  Amf0Reader arguments;

  // nullopt: not AMF0, or not begun by a name and a number.
  [[nodiscard]] static std::optional<Command> parse(ByteView payload);
};

// The "app" of connect's command object, without query and slashes around it; nullopt where there is none.
[[nodiscard]] std::optional<std::string_view> app_of(const Command& connect);
// The stream name of publish, without query and slashes around it; nullopt where there is none.
[[nodiscard]] std::optional<std::string_view> stream_name_of(const Command& publish);
// The encoder that @setDataFrame onMetaData names; empty where it names none.
[[nodiscard]] std::string_view encoder_of(ByteView data_message);

// Bodies of our answers.
[[nodiscard]] ByteBuffer connect_result(double transaction);
[[nodiscard]] ByteBuffer connect_error(double transaction, std::string_view code, std::string_view sentence);
[[nodiscard]] ByteBuffer plain_result(double transaction);                     // _result null undefined
[[nodiscard]] ByteBuffer stream_result(double transaction, double stream_id);  // of createStream
[[nodiscard]] ByteBuffer status(std::string_view level, std::string_view code, std::string_view sentence);
[[nodiscard]] ByteBuffer notice(std::string_view name, std::string_view code);  // onFCPublish, onFCUnpublish

}  // namespace footlight::rtmp
