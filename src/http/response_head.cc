#include "http/response_head.h"

#include <fmt/core.h>
#include <strings.h>

#include <array>
#include <ctime>

#include "http/reason.h"

namespace footlight::http {
namespace {

bool same_name(const std::string& name, const char* other) { return ::strcasecmp(name.c_str(), other) == 0; }

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  for (char c : value) head += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  head += "\r\n";
}

// RFC 9110 §5.6.7 IMF-fixdate, made once a second a thread.
std::string_view date_now() {
  thread_local std::time_t made_for = 0;
  thread_local std::array<char, 32> text{};
  thread_local size_t size = 0;
  std::time_t now = std::time(nullptr);
  if (now != made_for) {
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    made_for = now;
  }
  return {text.data(), size};
}

}  // namespace

bool has_no_body(int status) { return status / 100 == 1 || status == 204 || status == 304; }

std::string build_response_head(const Response& response, HeadContext context) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  head.reserve(512);
  bool handler_length = false;
  for (const Headers::Field& f : response.headers.fields()) {
    if (same_name(f.name, "Connection") || same_name(f.name, "Transfer-Encoding") || same_name(f.name, "Date"))
      continue;
    if (same_name(f.name, "Content-Length")) {
      if (!context.to_head) continue;  // only an answer to HEAD may name a length without bringing the bytes
      handler_length = true;
    }
    append_field(head, f.name, f.value);
  }
  append_field(head, "Date", date_now());
  append_field(head, "Server", "footlight");
  if (context.streamed) {
    if (!context.http_1_0) head += "Transfer-Encoding: chunked\r\n";
  } else if (!has_no_body(response.status) && !handler_length) {
    size_t size = response.shared_body ? response.shared_body->size() : response.body.size();
    head += fmt::format("Content-Length: {}\r\n", size);
  }
  if (context.close)
    head += "Connection: close\r\n";
  else if (context.http_1_0)
    head += "Connection: keep-alive\r\n";
  head += "\r\n";
  return head;
}

std::string build_request_head(const Request& request) {
  std::string head = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.target);
  if (!request.headers.get("Host")) append_field(head, "Host", "localhost");
  for (const Headers::Field& f : request.headers.fields())
    if (!same_name(f.name, "Content-Length") && !same_name(f.name, "Transfer-Encoding"))
      append_field(head, f.name, f.value);
  bool usually_has_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (!request.body.empty() || usually_has_body) head += fmt::format("Content-Length: {}\r\n", request.body.size());
  head += "\r\n";
  return head;
}

}  // namespace footlight::http
