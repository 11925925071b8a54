#include "http/message_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace footlight::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::system::error_code;
using beast_text = boost::beast::string_view;

std::string_view view(beast_text text) { return {text.data(), text.size()}; }

// Beast's parser with the parts that requests and responses share: fields, and a body with a bound.
template <bool kRequest>
class Machine : public beast_http::basic_parser<kRequest> {
 public:
  explicit Machine(ParseLimits limits) : limits_(limits) {
    this->header_limit(static_cast<uint32_t>(limits.max_header));
    this->body_limit(boost::none);  // counted here, because too large is an answer and not a fault
    this->eager(true);
  }

  Result<size_t, ParseFault> feed(ByteView bytes) {
    size_t taken = 0;
    if (!this->got_some())  // RFC 9112 §2.2: empty lines before a message are ignored
      while (taken < bytes.size() && (bytes[taken] == '\r' || bytes[taken] == '\n')) ++taken;
    if (taken == bytes.size() || finished()) return taken;
    ByteView rest = bytes.subspan(taken);
    error_code error;
    size_t used = this->put(boost::asio::const_buffer(rest.data(), rest.size()), error);
    taken += used;
    if (too_large_) return taken;
    if (fault_) return unexpected(*fault_);
    if (error == beast_http::error::header_limit) return unexpected(ParseFault::kHeaderTooLarge);
    if (error && error != beast_http::error::need_more) return unexpected(ParseFault::kMalformed);
    // A chunk-size line or trailer that does not end: nothing bounds it but this.
    if (used == 0 && rest.size() > limits_.max_header + kChunkLineSlack) return unexpected(ParseFault::kHeaderTooLarge);
    return taken;
  }
  [[nodiscard]] bool finished() const { return too_large_ || this->is_done(); }

  Headers headers;
  std::string body;
  bool too_large_ = false;

 protected:
  void refuse(ParseFault fault, error_code& error) {
    fault_ = fault;
    error = beast_http::error::bad_value;
  }
  void on_field_impl(beast_http::field name, beast_text name_text, beast_text value, error_code& error) override {
    if (header_complete_) return;  // a trailer: nothing here trusts them
    if (name == beast_http::field::transfer_encoding && !boost::beast::iequals(value, "chunked"))
      return refuse(ParseFault::kUnsupportedCoding, error);
    headers.add(view(name_text), std::string(view(value)));
  }
  void on_header_impl(error_code&) override { header_complete_ = true; }
  void on_body_init_impl(const boost::optional<uint64_t>& length, error_code& error) override {
    if (!length) return;
    if (*length > limits_.max_body) return stop_too_large(error);
    body.reserve(*length);
  }
  size_t on_body_impl(beast_text piece, error_code& error) override {
    if (piece.size() > limits_.max_body - body.size()) {
      stop_too_large(error);
      return 0;
    }
    body.append(piece.data(), piece.size());
    return piece.size();
  }
  void on_chunk_header_impl(uint64_t size, beast_text, error_code& error) override {
    if (size > limits_.max_body - body.size()) stop_too_large(error);
  }
  size_t on_chunk_body_impl(uint64_t, beast_text piece, error_code& error) override {
    return on_body_impl(piece, error);
  }
  void on_finish_impl(error_code&) override {}

 private:
  static constexpr size_t kChunkLineSlack = 64 << 10;

  void stop_too_large(error_code& error) {
    too_large_ = true;
    std::string().swap(body);
    error = beast_http::error::body_limit;
  }

  ParseLimits limits_;
  bool header_complete_ = false;
  std::optional<ParseFault> fault_;
};

// RFC 9112 §3.2.2: a server accepts the absolute form; its authority replaces Host.
void to_origin_form(std::string& target, Headers& headers) {
  size_t scheme = target.starts_with("http://") ? 7 : target.starts_with("https://") ? 8 : 0;
  if (scheme == 0) return;
  size_t end = target.find_first_of("/?", scheme);
  headers.set("Host", target.substr(scheme, end == std::string::npos ? end : end - scheme));
  target = end == std::string::npos ? "/" : target[end] == '?' ? "/" + target.substr(end) : target.substr(end);
}

}  // namespace

struct RequestParser::Machine : http::Machine<true> {
  using http::Machine<true>::Machine;
  std::string method, target;
  int version = 11;

  void on_request_impl(beast_http::verb, beast_text method_text, beast_text target_text, int v, error_code&) override {
    method = view(method_text);
    target = view(target_text);
    version = v;
  }
  void on_response_impl(int, beast_text, int, error_code&) override {}
  void on_header_impl(error_code& error) override {
    http::Machine<true>::on_header_impl(error);
    size_t hosts = 0;
    for (const Headers::Field& f : headers.fields()) hosts += boost::beast::iequals(f.name, "Host") ? 1 : 0;
    if (hosts > 1 || (hosts == 0 && version >= 11)) refuse(ParseFault::kMalformed, error);
  }
};

RequestParser::RequestParser(ParseLimits limits) : machine_(std::make_unique<Machine>(limits)) {}
RequestParser::~RequestParser() = default;
Result<size_t, ParseFault> RequestParser::feed(ByteView bytes) { return machine_->feed(bytes); }
bool RequestParser::started() const { return machine_->got_some(); }
bool RequestParser::header_done() const { return machine_->is_header_done(); }
bool RequestParser::done() const { return machine_->finished(); }
bool RequestParser::too_large() const { return machine_->too_large_; }
bool RequestParser::keep_alive() const { return !machine_->too_large_ && machine_->keep_alive(); }
bool RequestParser::http_1_0() const { return machine_->version < 11; }

bool RequestParser::expects_continue() const {
  auto expect = machine_->headers.get("Expect");
  return expect && machine_->version >= 11 && boost::beast::iequals({expect->data(), expect->size()}, "100-continue");
}

Request RequestParser::take() {
  Request r;
  r.method = std::move(machine_->method);
  r.target = std::move(machine_->target);
  r.headers = std::move(machine_->headers);
  r.body = std::move(machine_->body);
  r.body_too_large = machine_->too_large_;
  to_origin_form(r.target, r.headers);
  return r;
}

struct ResponseParser::Machine : http::Machine<false> {
  using http::Machine<false>::Machine;
  int status = 0;

  void on_request_impl(beast_http::verb, beast_text, beast_text, int, error_code&) override {}
  void on_response_impl(int code, beast_text, int, error_code&) override { status = code; }
};

ResponseParser::ResponseParser(ParseLimits limits, bool answer_to_head)
    : limits_(limits), answer_to_head_(answer_to_head) {
  renew();
}
ResponseParser::~ResponseParser() = default;

void ResponseParser::renew() {
  machine_ = std::make_unique<Machine>(limits_);
  machine_->skip(answer_to_head_);
}

Result<size_t, ParseFault> ResponseParser::feed(ByteView bytes) {
  size_t taken = 0;
  while (true) {
    auto used = machine_->feed(bytes.subspan(taken));
    if (!used) return used;
    taken += *used;
    if (machine_->too_large_) return unexpected(ParseFault::kHeaderTooLarge);
    if (!machine_->is_done() || machine_->status / 100 != 1) return taken;
    renew();  // 100 Continue, 103 Early Hints: the answer follows
  }
}

bool ResponseParser::started() const { return machine_->got_some(); }
bool ResponseParser::done() const { return machine_->is_done(); }
bool ResponseParser::keep_alive() const { return machine_->keep_alive(); }

bool ResponseParser::end_of_stream() {
  if (!machine_->is_header_done()) return false;
  error_code error;
  machine_->put_eof(error);
  return !error && machine_->is_done();
}

Response ResponseParser::take() {
  Response r;
  r.status = machine_->status;
  r.headers = std::move(machine_->headers);
  r.body = std::move(machine_->body);
  return r;
}

}  // namespace footlight::http
