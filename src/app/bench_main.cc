// footlight bench: load for any WHEP or WHIP server, and what it made of it. Progress on stderr, figures on stdout;
// exit code 1 when not every viewer was connected.
#include <fmt/core.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/role.h"
#include "app/signal_thread.h"
#include "libav/log_level.h"
#include "load/publish_run.h"
#include "load/watch_crowd.h"

namespace footlight::app {
namespace {

using Json = nlohmann::ordered_json;
using load::VanishAt;

std::vector<VanishAt> stages_named(const std::string& name) {
  if (name.empty()) return {};
  if (name == "post") return {VanishAt::kAfterPost};
  if (name == "ice") return {VanishAt::kAfterIce};
  if (name == "dtls") return {VanishAt::kMidDtls};
  if (name == "connected") return {VanishAt::kConnected};
  return {VanishAt::kAfterPost, VanishAt::kAfterIce, VanishAt::kMidDtls, VanishAt::kConnected};
}

double per_second(uint64_t count, Duration time) {
  return time > Duration::zero() ? static_cast<double>(count) / time.seconds() : 0;
}
double share(uint64_t part, uint64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}
double ms(Duration d) { return static_cast<double>(d.us()) / 1000; }

Json json_of(const load::Spread& s) { return {{"p50", ms(s.p50)}, {"p95", ms(s.p95)}, {"max", ms(s.max)}}; }

Json json_of(const load::WatchReport& r) {
  return {{"viewers", r.wanted},
          {"connected", r.connected},
          {"pictured", r.pictured},
          {"lost_midway", r.lost_midway},
          {"vanished", r.vanished},
          {"failures", r.failures},
          {"connect_ms", json_of(r.connect)},
          {"first_packet_ms", json_of(r.first_packet)},
          {"first_picture_ms", json_of(r.first_picture)},
          {"measured_s", r.measured.seconds()},
          {"packets", r.packets},
          {"packets_per_s", per_second(r.packets, r.measured)},
          {"bitrate_bps", per_second(r.bytes * 8, r.measured)},
          {"expected", r.expected},
          {"missing", r.missing},
          {"loss_ratio", share(r.missing, r.expected)},
          {"repaired", r.repaired},
          {"duplicates", r.duplicates},
          {"nacked", r.nacked},
          {"sampled", r.sampled},
          {"decrypt_failures", r.decrypt_failures}};
}

void print_spread(const char* name, const load::Spread& s) {
  fmt::print("{:<16}p50 {:7.1f} ms   p95 {:7.1f} ms   max {:7.1f} ms\n", name, ms(s.p50), ms(s.p95), ms(s.max));
}

void print(const load::WatchReport& r) {
  fmt::print("{:<16}{} of {}", "connected", r.connected, r.wanted);
  if (r.lost_midway > 0) fmt::print(", {} lost midway", r.lost_midway);
  if (r.vanished > 0) fmt::print(", {} vanished", r.vanished);
  fmt::print("\n");
  for (const auto& [sentence, count] : r.failures) fmt::print("  {} x {}\n", count, sentence);
  print_spread("connect", r.connect);
  print_spread("first packet", r.first_packet);
  if (r.pictured > 0) print_spread("first picture", r.first_picture);
  if (r.measured == Duration::zero()) return;
  fmt::print("{:<16}{:.1f} s\n", "measured", r.measured.seconds());
  fmt::print("{:<16}{:.0f}/s\n", "packets", per_second(r.packets, r.measured));
  fmt::print("{:<16}{:.1f} Mbit/s, {:.0f} kbit/s a viewer\n", "bitrate", per_second(r.bytes * 8, r.measured) / 1e6,
             r.connected > 0 ? per_second(r.bytes * 8, r.measured) / 1e3 / static_cast<double>(r.connected) : 0);
  fmt::print("{:<16}{:.4f} % ({} of {}), {} repaired, {} asked for, {} twice\n", "loss",
             share(r.missing, r.expected) * 100, r.missing, r.expected, r.repaired, r.nacked, r.duplicates);
  fmt::print("{:<16}{} packets, {} failures\n", "decrypted", r.sampled, r.decrypt_failures);
}

Result<int, Error> bench_whep(const CommandLine& c) {
  load::WatchOptions options{.url = c.url,
                             .token = c.token,
                             .ca_file = c.bench.ca_file,
                             .viewers = c.bench.viewers,
                             .measure = Duration::seconds(c.bench.seconds),
                             .joins_per_second = c.bench.joins_per_second,
                             .threads = c.bench.threads,
                             .take_runs = !c.bench.singly,
                             .vanish = stages_named(c.bench.vanish)};
  auto report = load::watch(options, [](const load::WatchProgress& p) {
    fmt::print(stderr, "{}: {} asked, {} connected, {} failed, {} packets\n", p.measuring ? "measuring" : "joining",
               p.asked, p.connected, p.failed, p.packets);
  });
  if (!report) return fail(fmt::format("bench whep: {}.", report.error().message));
  if (c.json)
    fmt::print("{}\n", json_of(*report).dump());
  else
    print(*report);
  size_t well = options.vanish.empty() ? report->connected - report->lost_midway : report->vanished;
  return well == report->wanted ? 0 : 1;
}

Json json_of(const load::PublishReport& r) {
  return {{"connect_ms", ms(r.connect)},
          {"sent_s", r.sent_for.seconds()},
          {"frames", r.frames},
          {"packets", r.packets},
          {"bitrate_bps", per_second(r.bytes * 8, r.sent_for)},
          {"nacked", r.nacked},
          {"resent", r.resent},
          {"key_frames_asked", r.key_frames_asked},
          {"loss_ratio", r.loss_ratio},
          {"round_trip_ms", ms(r.round_trip)}};
}

void print(const load::PublishReport& r) {
  fmt::print("connected in {:.1f} ms, sent for {:.1f} s\n", ms(r.connect), r.sent_for.seconds());
  fmt::print("{} frames, {} packets, {:.0f} kbit/s\n", r.frames, r.packets, per_second(r.bytes * 8, r.sent_for) / 1e3);
  fmt::print("{} packets asked for again, {} resent, {} key frames asked for; loss {:.2f} %, round trip {:.1f} ms\n",
             r.nacked, r.resent, r.key_frames_asked, r.loss_ratio * 100, ms(r.round_trip));
}

Result<int, Error> bench_whip(const CommandLine& c) {
  load::PublishOptions options{.url = c.url,
                               .token = c.token,
                               .ca_file = c.bench.ca_file,
                               .video_kbps = c.bench.kbps,
                               .fps = c.bench.fps,
                               .muted = c.bench.muted,
                               .key_interval = Duration::seconds(c.bench.key_seconds),
                               .duration = Duration::seconds(c.bench.seconds)};
  libav::quiet_library_log();
  std::atomic<bool> stop = false;
  SignalThread signals({SIGTERM, SIGINT}, [&stop](int) { stop = true; });
  auto report = load::publish(options, [&stop](const load::PublishReport& r) {
    fmt::print(stderr, "{}: {} frames, {} packets\n", r.frames > 0 ? "publishing" : "connecting", r.frames, r.packets);
    return !stop;
  });
  if (!report) return fail(fmt::format("bench whip: {}.", report.error().message));
  if (c.json)
    fmt::print("{}\n", json_of(*report).dump());
  else
    print(*report);
  return 0;
}

}  // namespace

Result<int, Error> bench_main(const CommandLine& command_line) {
  return command_line.bench.what == "whep" ? bench_whep(command_line) : bench_whip(command_line);
}

}  // namespace footlight::app
