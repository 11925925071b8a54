#pragma once
#include <map>
#include <memory>
#include <string>

#include "http/server.h"

namespace footlight::app {

// A file of web/dist, bundled into the executable at build time.
struct BundledFile {
  std::string_view path;  // "index.html", "assets/watch-3f2a.js"
  std::string_view bytes;
  std::string_view hash;  // of the bytes: the ETag
};
struct BundledFiles {
  const BundledFile* begin;
  const BundledFile* end;
};
[[nodiscard]] BundledFiles bundled_files();  // generated in the build folder by bundle.cmake

// The pages of CONTRACT §4 and their assets: `/`, /studio/{event}, /control-room/{event}, /watch/{event},
// /embed/{event}, /assets/…. Assets carry a hash in their names and are immutable; pages are revalidated. Owned by
// control_main, on its loop's thread. Compressed copies are made at the first request that accepts gzip, and kept.
class Pages {
 public:
  Pages();
  [[nodiscard]] bool serves(const http::Request& request);
  void handle(const http::Request& request, http::ExchangePtr exchange);

 private:
  struct Entry {
    const BundledFile* file = nullptr;
    std::shared_ptr<const std::string> plain, gzipped;
  };
  [[nodiscard]] Entry* find(std::string_view path);
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace footlight::app
