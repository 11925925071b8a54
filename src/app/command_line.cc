#include "app/command_line.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

#include "app/key_table.h"

namespace footlight::app {
namespace {

constexpr std::string_view kLaterCommands[] = {"doctor", "remaster"};

void add_keys(CLI::App& command, ConfigLayer& keys) {
  for (const ConfigKey& key : all_keys()) {
    std::string name(key.name);
    std::string help(key.help);
    if (!key.fallback.empty()) help += fmt::format(" [{}]", key.fallback);
    command.add_option_function<std::string>(
        "--" + name, [&keys, name](const std::string& value) { keys[name] = value; }, help);
  }
}

// The first argument that CLI11 could not place, as a sentence. --section.key of an unknown key goes to Config, which
// knows what to say about it.
Result<void, Error> take_remaining(const std::vector<std::string>& remaining, CommandLine& out) {
  for (size_t i = 0; i < remaining.size(); ++i) {
    const std::string& argument = remaining[i];
    size_t dot = argument.find('.');
    if (!argument.starts_with("--") || dot == std::string::npos)
      return fail(
          fmt::format("'{}' is not understood here; `footlight {} --help` says what is.", argument, out.command));
    size_t equals = argument.find('=');
    if (equals == std::string::npos && i + 1 < remaining.size()) ++i;
    out.keys[argument.substr(2, equals == std::string::npos ? equals : equals - 2)] = "";
  }
  return {};
}

void add_common(CLI::App& command, CommandLine& out) {
  command.allow_extras();
  command.add_option("--config", out.config_file, "Configuration file (TOML)");
  command.add_option("--data", out.data, "Data directory");
  add_keys(command, out.keys);
}

void describe_bench(CLI::App& app, CommandLine& out) {
  auto* bench = app.add_subcommand("bench", "Load for any server: whep --url URL --viewers N | whip --url URL");
  BenchArguments& b = out.bench;
  bench->allow_extras();
  bench->add_option("what", b.what, "whep (viewers) or whip (a publisher)")
      ->required()
      ->check(CLI::IsMember({"whep", "whip", "hls"}));
  bench->add_option("--url", out.url, "The endpoint, such as https://live.example.org/whep/EVENT")->required();
  bench->add_option("--token", out.token, "Sent as Bearer token");
  bench->add_option("--ca", b.ca_file, "PEM file of a certificate to trust besides the system's");
  bench->add_option("--seconds", b.seconds, "whep: measured time; whip: time on air")->check(CLI::Range(1, 86400));
  bench->add_flag("--json", out.json, "Print the figures as JSON, for scripts");
  bench->add_option("--viewers", b.viewers, "whep: how many")->check(CLI::Range(1, 100'000));
  bench->add_option("--joins", b.joins_per_second, "whep: viewers that join a second")->check(CLI::Range(1, 10'000));
  bench->add_option("--threads", b.threads, "whep: media threads")->check(CLI::Range(1, 256));
  bench->add_flag("--singly", b.singly, "whep: take datagrams one by one, as browsers do: dearer on both sides");
  bench
      ->add_option("--vanish", b.vanish,
                   "whep: measure nothing; viewers go away at this stage, every second one without DELETE")
      ->check(CLI::IsMember({"post", "ice", "dtls", "connected", "all"}));
  bench->add_option("--kbps", b.kbps, "whip: of the video")->check(CLI::Range(100, 50'000));
  bench->add_flag("--muted", b.muted, "whip: send no sound");
  bench->add_option("--fps", b.fps, "whip: frames a second")->check(CLI::Range(1, 120));
  bench->add_option("--key-seconds", b.key_seconds, "whip: from key frame to key frame")->check(CLI::Range(1, 30));
}

void describe(CLI::App& app, CommandLine& out) {
  app.require_subcommand(0, 1);
  app.allow_extras();
  auto* serve =
      app.add_subcommand("serve", "Everything on this machine: supervisor of control, relay, compose, origin");
  add_common(*serve, out);
  serve->add_flag("--demo", out.demo, "Keep the event `demo` live, with a test picture");
  serve->add_flag("--listen-all", out.listen_all,
                  "Listen on all addresses, with TLS (self-signed without a certificate)");
  for (const char* role : {"control", "relay", "origin", "compose"}) {
    auto* command = app.add_subcommand(role, fmt::format("The role {}, started by `footlight serve`", role));
    add_common(*command, out);
    command->add_flag("--demo", out.demo)->group("");
    command->add_option("--programme", out.programme)->group("");
  }
  auto* event = app.add_subcommand("event", "Events from the shell: create | list | show | go-live | end");
  add_common(*event, out);
  event->add_option("action", out.action, "create, list, show, go-live or end")
      ->required()
      ->check(CLI::IsMember({"create", "list", "show", "go-live", "end"}));
  event->add_option("id", out.event_id, "The event's id (show, go-live, end)");
  event->add_option("--title", out.title, "Title of the new event (create)");
  event->add_option("--url", out.url, "Where Footlight is, such as https://live.example.org; else what --data says");
  event->add_option("--token", out.token, "Admin or producer token; else what --data says");
  event->add_flag("--json", out.json, "Print what the API answered, for scripts");
  describe_bench(app, out);
  auto* config =
      app.add_subcommand("config", "Every key with default, unit, bounds, help and where its value came from");
  add_common(*config, out);
  config->add_flag("--json", out.json, "As JSON");
  config->add_flag("--markdown", out.markdown, "As the page docs/configuration.md");
  app.add_subcommand("version", "The version");
}

}  // namespace

std::filesystem::path default_data_folder() {
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state == '/') return std::filesystem::path(state) / "footlight";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return std::filesystem::path(home) / ".local/state/footlight";
  return "/var/lib/footlight";
}

Result<CommandLine, Error> parse_command_line(const std::vector<std::string>& arguments) {
  CommandLine out;
  out.data = default_data_folder();
  if (!arguments.empty() && std::ranges::find(kLaterCommands, arguments.front()) != std::end(kLaterCommands))
    return fail(
        fmt::format("footlight {} comes in a later version; this one has serve, event, bench, config and version.",
                    arguments.front()));
  CLI::App app("Footlight, a self-hosted live-event platform", "footlight");
  describe(app, out);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 takes them
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    out.command = "help";
    out.help = app.help();
    return out;
  } catch (const CLI::Error& e) {
    return fail(fmt::format("{}; `footlight --help` says what is possible.", e.what()));
  }
  if (app.get_subcommands().empty()) {
    if (!app.remaining().empty())
      return fail(fmt::format("'{}' is not a command; `footlight --help` lists them.", app.remaining().front()));
    out.command = "help";
    out.help = app.help();
    return out;
  }
  const CLI::App* command = app.get_subcommands().front();
  out.command = command->get_name();
  if (auto taken = take_remaining(command->remaining(), out); !taken) return unexpected(taken.error());
  if (out.bench.what == "hls") return fail("footlight bench hls comes in a later version; this one has whep and whip.");
  return out;
}

}  // namespace footlight::app
