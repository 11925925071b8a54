#include "app/pages.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "http/router.h"

namespace footlight::app {
namespace {

// Path of a page with an event → the file that is served for every event.
struct Surface {
  std::string_view prefix, file;
};
constexpr Surface kSurfaces[] = {{"/studio/", "studio.html"},
                                 {"/control-room/", "control-room.html"},
                                 {"/watch/", "watch.html"},
                                 {"/embed/", "embed.html"}};

std::string_view content_type(std::string_view path) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".woff2", "font/woff2"},
      {".woff", "font/woff"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".map", "application/json"},
      {".txt", "text/plain; charset=utf-8"}};
  for (const auto& [ending, type] : kTypes)
    if (path.ends_with(ending)) return type;
  return "application/octet-stream";
}

bool worth_compressing(std::string_view path) { return !path.ends_with(".woff2") && !path.ends_with(".png"); }

std::shared_ptr<const std::string> gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;  // zlib.h: +16 writes a gzip header
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) return nullptr;
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  int ended = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return ended == Z_STREAM_END ? std::make_shared<const std::string>(std::move(out)) : nullptr;
}

// No inline script or style, nothing from elsewhere. Media comes from the origin, which may be any host (a CDN), and
// hls.js plays from blob: URLs and runs a blob: worker. Only /embed may stand in a frame of another site.
std::string content_security_policy(bool embeddable) {
  return std::string(
             "default-src 'self'; connect-src 'self' http: https:; media-src 'self' blob: http: https:; "
             "img-src 'self' data: blob: http: https:; worker-src 'self' blob:; object-src 'none'; "
             "base-uri 'none'; form-action 'self'; frame-ancestors ") +
         (embeddable ? "*" : "'none'");
}

bool accepts_gzip(const http::Request& request) {
  auto accepted = request.headers.get("Accept-Encoding");
  return accepted && accepted->find("gzip") != std::string_view::npos;
}

}  // namespace

Pages::Pages() {
  BundledFiles files = bundled_files();
  for (const BundledFile* file = files.begin; file != files.end; ++file)
    entries_[std::string(file->path)] = {file, std::make_shared<const std::string>(file->bytes), nullptr};
}

// One segment behind the prefix, or the root; or a file of that name.
Pages::Entry* Pages::find(std::string_view path) {
  std::string_view file = path.substr(path.empty() ? 0 : 1);
  if (path == "/") file = "index.html";
  for (const Surface& surface : kSurfaces)
    if (path.starts_with(surface.prefix) && path.size() > surface.prefix.size() &&
        path.find('/', surface.prefix.size()) == std::string_view::npos)
      file = surface.file;
  auto found = entries_.find(file);
  return found == entries_.end() ? nullptr : &found->second;
}

bool Pages::serves(const http::Request& request) {
  return request.target.starts_with("/assets/") || find(request.path()) != nullptr;
}

void Pages::handle(const http::Request& request, http::ExchangePtr exchange) {
  if (request.method != "GET" && request.method != "HEAD") {
    http::Response refusal = http::problem(405, "Pages are read with GET.");
    refusal.headers.set("Allow", "GET, HEAD");
    return exchange->respond(std::move(refusal));
  }
  Entry* entry = find(request.path());
  if (entry == nullptr) return exchange->respond(http::problem(404, "There is no such file."));
  bool asset = entry->file->path.starts_with("assets/");
  bool compress = worth_compressing(entry->file->path);
  http::Response r;
  std::string tag = "W/\"" + std::string(entry->file->hash) + "\"";  // weak: the same for plain and gzip
  r.headers.set("ETag", tag);
  r.headers.set("Cache-Control", asset ? "public, max-age=31536000, immutable" : "no-cache");
  if (compress) r.headers.set("Vary", "Accept-Encoding");
  if (auto known = request.headers.get("If-None-Match");
      known && known->find(entry->file->hash) != std::string_view::npos) {
    r.status = 304;
    return exchange->respond(std::move(r));
  }
  r.headers.set("Content-Type", std::string(content_type(entry->file->path)));
  r.headers.set("X-Content-Type-Options", "nosniff");
  if (!asset) {
    r.headers.set("Content-Security-Policy", content_security_policy(entry->file->path == "embed.html"));
    r.headers.set("Referrer-Policy", "no-referrer");
  }
  r.shared_body = entry->plain;
  if (compress && accepts_gzip(request)) {
    if (!entry->gzipped) entry->gzipped = gzip(entry->file->bytes);
    if (entry->gzipped) {
      r.headers.set("Content-Encoding", "gzip");
      r.shared_body = entry->gzipped;
    }
  }
  exchange->respond(std::move(r));
}

}  // namespace footlight::app
