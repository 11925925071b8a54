#include "app/key_table.h"

#include <algorithm>
#include <array>

#include "control/config.h"
#include "hls/config.h"
#include "relay/config.h"

namespace footlight::app {
namespace {

constexpr ConfigKey kOwnKeys[] = {
    {.name = "http.listen",
     .fallback = "127.0.0.1:8080",
     .help = "Address of the pages, the API and WHIP/WHEP signalling, ip:port; port 0 takes a free one."},
    {.name = "origin.listen",
     .fallback = "127.0.0.1:8081",
     .help = "Address of the LL-HLS origin, ip:port; port 0 takes a free one."},
    {.name = "rtmp.listen",
     .fallback = "127.0.0.1:1935",
     .help = "Address on which encoders publish by RTMP, ip:port; port 0 takes a free one; empty: no RTMP."},
    {.name = "http.tls_cert",
     .help = "PEM file with the certificate chain of both listeners; reloaded when it changes. Needs http.tls_key."},
    {.name = "http.tls_key", .help = "PEM file with the certificate's private key; reloaded when it changes."},
    {.name = "log.level",
     .fallback = "info",
     .choices = "debug|info|warn|error",
     .help = "How much is logged to stderr."},
    {.name = "log.format",
     .fallback = "text",
     .choices = "text|json",
     .help = "Form of a log line: key=value text, or one JSON object."},
};

constexpr std::array<std::string_view, 2> kLaterSections = {"turn", "storage"};

std::string_view section_of(const ConfigKey& key) { return key.name.substr(0, key.name.find('.')); }

}  // namespace

const std::vector<ConfigKey>& all_keys() {
  static const std::vector<ConfigKey> keys = [] {
    static constexpr std::string_view kOrder[] = {"http", "origin",   "rtmp", "media", "hls",
                                                  "auth", "database", "log",  "debug"};
    const ConfigKeys folders[] = {kOwnKeys, control::kConfigKeys, relay::kConfigKeys, hls::kConfigKeys};
    std::vector<ConfigKey> all;
    for (std::string_view section : kOrder)
      for (ConfigKeys keys_of_folder : folders)
        for (const ConfigKey& key : keys_of_folder)
          if (section_of(key) == section) all.push_back(key);
    return all;
  }();
  return keys;
}

const ConfigKey* find_key(std::string_view name) {
  auto found = std::ranges::find(all_keys(), name, &ConfigKey::name);
  return found == all_keys().end() ? nullptr : &*found;
}

bool is_later_section(std::string_view section) {
  return std::ranges::find(kLaterSections, section) != kLaterSections.end();
}

}  // namespace footlight::app
