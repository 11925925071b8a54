#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "app/config.h"
#include "base/result.h"

namespace footlight::app {

// footlight bench
struct BenchArguments {
  std::string what;     // "whep", "whip"
  std::string ca_file;  // PEM trusted beside the system's authorities
  int seconds = 10;
  // whep
  size_t viewers = 1, threads = 1, joins_per_second = 100;
  bool singly = false;  // no UDP GRO
  std::string vanish;   // "" or a stage: "post", "ice", "dtls", "connected", "all"
  // whip
  int kbps = 1000, fps = 30, key_seconds = 2;
  bool muted = false;
};

// What was asked for on the command line, before configuration is resolved.
struct CommandLine {
  std::string command;  // "serve", "control" … "version"; "help" when `help` is to be printed
  std::string help;

  std::string config_file;
  std::filesystem::path data;  // --data, else where state belongs by default
  ConfigLayer keys;            // --section.key value
  bool demo = false;           // serve, control
  bool listen_all = false;     // serve
  std::string programme;       // compose

  // event
  std::string action, event_id, title, url, token;
  // event, bench, config
  bool json = false;
  bool markdown = false;  // config: the generated documentation

  BenchArguments bench;
};

// Reads arguments (without the program's name). Everything unknown is an Error: one sentence.
[[nodiscard]] Result<CommandLine, Error> parse_command_line(const std::vector<std::string>& arguments);

// $XDG_STATE_HOME/footlight, else ~/.local/state/footlight; /var/lib/footlight for a service without a home.
[[nodiscard]] std::filesystem::path default_data_folder();

}  // namespace footlight::app
