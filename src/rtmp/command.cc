#include "rtmp/command.h"

namespace footlight::rtmp {
namespace {

// "/name/?query" as "name": people write servers and keys with what belongs between them.
std::string_view bare(std::string_view text) {
  text = text.substr(0, text.find('?'));
  while (text.ends_with('/')) text.remove_suffix(1);
  while (text.starts_with('/')) text.remove_prefix(1);
  return text;
}

ByteBuffer answer(std::string_view name, double transaction) {
  ByteBuffer out;
  Amf0Writer w(out);
  w.string(name);
  w.number(transaction);
  return out;
}

void write_information(Amf0Writer& w, std::string_view level, std::string_view code, std::string_view sentence) {
  w.begin_object();
  w.name("level");
  w.string(level);
  w.name("code");
  w.string(code);
  w.name("description");
  w.string(sentence);
}

}  // namespace

std::optional<Command> Command::parse(ByteView payload) {
  Command command;
  command.arguments = Amf0Reader(payload);
  if (!command.arguments.read_string(command.name) || !command.arguments.read_number(command.transaction))
    return std::nullopt;
  return command;
}

std::optional<std::string_view> app_of(const Command& connect) {
  Amf0Reader r = connect.arguments;
  if (!r.enter_object()) return std::nullopt;
  std::string_view name;
  while (r.property(name) == Amf0Reader::Step::kProperty) {
    std::string_view app;
    if (name == "app" && r.read_string(app)) return bare(app);
    if (!r.skip()) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string_view> stream_name_of(const Command& publish) {
  Amf0Reader r = publish.arguments;
  std::string_view name;
  if (!r.skip() || !r.read_string(name)) return std::nullopt;  // the null command object comes first (RTMP §7.2.2.6)
  return bare(name);
}

std::string_view encoder_of(ByteView data_message) {
  Amf0Reader r(data_message);
  std::string_view text;
  if (!r.read_string(text)) return {};
  if (text == "@setDataFrame" && !r.read_string(text)) return {};
  if (text != "onMetaData" || !r.enter_object()) return {};
  std::string_view name;
  while (r.property(name) == Amf0Reader::Step::kProperty) {
    if (name == "encoder" && r.read_string(text)) return text;
    if (!r.skip()) return {};
  }
  return {};
}

// What Flash Media Server 3 says of itself: encoders look for it.
ByteBuffer connect_result(double transaction) {
  ByteBuffer out = answer("_result", transaction);
  Amf0Writer w(out);
  w.begin_object();
  w.name("fmsVer");
  w.string("FMS/3,0,1,123");
  w.name("capabilities");
  w.number(31);
  w.end_object();
  write_information(w, "status", "NetConnection.Connect.Success", "Connection succeeded.");
  w.name("objectEncoding");
  w.number(0);
  w.end_object();
  return out;
}

ByteBuffer connect_error(double transaction, std::string_view code, std::string_view sentence) {
  ByteBuffer out = answer("_error", transaction);
  Amf0Writer w(out);
  w.null();
  write_information(w, "error", code, sentence);
  w.end_object();
  return out;
}

ByteBuffer plain_result(double transaction) {
  ByteBuffer out = answer("_result", transaction);
  Amf0Writer w(out);
  w.null();
  w.undefined();
  return out;
}

ByteBuffer stream_result(double transaction, double stream_id) {
  ByteBuffer out = answer("_result", transaction);
  Amf0Writer w(out);
  w.null();
  w.number(stream_id);
  return out;
}

ByteBuffer status(std::string_view level, std::string_view code, std::string_view sentence) {
  ByteBuffer out = answer("onStatus", 0);
  Amf0Writer w(out);
  w.null();
  write_information(w, level, code, sentence);
  w.end_object();
  return out;
}

ByteBuffer notice(std::string_view name, std::string_view code) {
  ByteBuffer out = answer(name, 0);
  Amf0Writer w(out);
  w.null();
  write_information(w, "status", code, "");
  w.end_object();
  return out;
}

}  // namespace footlight::rtmp
