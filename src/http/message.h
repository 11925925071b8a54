#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace footlight::http {

// Header fields in order; names compare without case (RFC 9110 §5.1).
class Headers {
 public:
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
  void set(std::string_view name, std::string value);  // replaces all of the name
  void add(std::string_view name, std::string value);
  void remove(std::string_view name);
  struct Field {
    std::string name, value;
  };
  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

struct Request {
  std::string method = "GET";
  std::string target = "/";  // as on the wire: path and query, percent-encoded
  Headers headers;
  std::string body;
  // Server side only:
  bool body_too_large = false;  // body is empty; the handler authenticates first, then answers 413 (CONTRACT §3)
  bool tls = false;
  std::string peer;  // "ip:port", or "unix"

  [[nodiscard]] std::string_view path() const;   // target up to '?', still percent-encoded
  [[nodiscard]] std::string_view query() const;  // after '?', without it
  // First value of a query parameter, percent-decoded; nullopt when absent or badly encoded.
  [[nodiscard]] std::optional<std::string> query_value(std::string_view name) const;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  // Many viewers, one copy: when set it is sent instead of `body`. The server adds Content-Length.
  std::shared_ptr<const std::string> shared_body;
};

// nullopt on a bad escape. '+' stays '+'.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace footlight::http
