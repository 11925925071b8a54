#include "app/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "app/config_document.h"
#include "app/data_folder.h"
#include "app/key_table.h"
#include "base/random.h"

namespace footlight::app {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string refusal(const ConfigLayer& command_line, const ConfigLayer& environment = {},
                    const ConfigLayer& file = {}) {
  auto config = Config::resolve(command_line, environment, file);
  return config ? "" : config.error().message;
}

TEST(Config, command_line_over_environment_over_file_over_default) {
  auto config = Config::resolve({{"hls.part_ms", "300"}}, {{"hls.part_ms", "400"}, {"hls.segment_ms", "3000"}},
                                {{"hls.part_ms", "500"}, {"hls.segment_ms", "4000"}, {"log.level", "debug"}});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->number("hls.part_ms"), 300);
  EXPECT_EQ(config->source("hls.part_ms"), ConfigSource::kCommandLine);
  EXPECT_EQ(config->number("hls.segment_ms"), 3000);
  EXPECT_EQ(config->source("hls.segment_ms"), ConfigSource::kEnvironment);
  EXPECT_EQ(config->text("log.level"), "debug");
  EXPECT_EQ(config->source("log.level"), ConfigSource::kFile);
  EXPECT_EQ(config->text("http.listen"), "127.0.0.1:8080");
  EXPECT_EQ(config->source("http.listen"), ConfigSource::kDefault);
}

TEST(Config, every_default_passes_its_own_check) {
  for (const ConfigKey& key : all_keys())
    if (!key.fallback.empty()) EXPECT_EQ(refusal({{std::string(key.name), std::string(key.fallback)}}), "") << key.name;
}

TEST(Config, unknown_key_is_refused_by_name_in_each_layer) {
  EXPECT_THAT(refusal({{"hls.part_sm", "1"}}), HasSubstr("--hls.part_sm"));
  EXPECT_THAT(refusal({}, {{"hls.part_sm", "1"}}), HasSubstr("FOOTLIGHT_HLS_PART_SM"));
  EXPECT_THAT(refusal({}, {}, {{"hls.part_sm", "1"}}), HasSubstr("hls.part_sm in the configuration file"));
}

TEST(Config, key_of_a_later_version_is_refused_and_named) {
  for (const char* key : {"turn.listen", "turn.secret", "storage.url", "storage.endpoint"})
    EXPECT_THAT(refusal({{key, "x"}}), testing::AllOf(HasSubstr(key), HasSubstr("later version")));
  EXPECT_THAT(refusal({{"database.url", "postgres://h/d"}}), HasSubstr("postgres://"));
}

TEST(Config, bad_values_are_refused_with_their_bounds) {
  EXPECT_THAT(refusal({{"hls.part_ms", "7"}}), HasSubstr("'7'"));
  EXPECT_THAT(refusal({{"hls.part_ms", "200x"}}), HasSubstr("whole number"));
  EXPECT_THAT(refusal({{"hls.part_ms", ""}}), HasSubstr("whole number"));
  EXPECT_THAT(refusal({{"log.level", "loud"}}), HasSubstr("debug, info, warn, error"));
  EXPECT_THAT(refusal({{"http.tls_cert", "/c.pem"}}), HasSubstr("tls_key"));
  for (const char* bad : {"mysql://x", "sqlite:", "control.db"})
    EXPECT_THAT(refusal({{"database.url", bad}}), HasSubstr("sqlite:PATH"));
  EXPECT_EQ(refusal({{"media.announce", "192.0.2.1, 2001:db8::1"}}), "");
  for (const char* bad : {"live.example.org", "192.0.2.1:7000", "192.0.2.1,x"})
    EXPECT_THAT(refusal({{"media.announce", bad}}), HasSubstr("--media.announce"));
  for (const char* bad : {"live.example.org", "ftp://x", "https://", "https:///x"})
    EXPECT_THAT(refusal({{"origin.public_url", bad}}), HasSubstr("origin.public_url"));
}

TEST(Config, lists_are_split_at_commas) {
  auto config = Config::resolve({{"media.announce", "192.0.2.1, 192.0.2.2,"}}, {}, {});
  EXPECT_THAT(config->list("media.announce"), testing::ElementsAre("192.0.2.1", "192.0.2.2"));
}

TEST(Environment, names_map_to_keys_and_strangers_are_left_alone) {
  const char* entries[] = {"PATH=/bin",
                           "FOOTLIGHT_HLS_PART_MS=300",
                           "FOOTLIGHT_KEEP=1",
                           "FOOTLIGHT_FDS=http=3",
                           "FOOTLIGHT_HTTP_TLS_CERT=c",
                           "FOOTLIGHT_TURN_SECRET=s",
                           nullptr};
  EXPECT_EQ(environment_layer(entries),
            (ConfigLayer{{"hls.part_ms", "300"}, {"http.tls_cert", "c"}, {"turn.secret", "s"}}));
  for (const ConfigKey& key : all_keys()) {
    std::string entry = environment_name(key.name) + "=x";
    const char* one[] = {entry.c_str(), nullptr};
    EXPECT_EQ(environment_layer(one), (ConfigLayer{{std::string(key.name), "x"}}));
  }
}

TEST(ConfigDocument, docs_configuration_md_is_what_the_keys_say) {
  auto written = read_file(FOOTLIGHT_SOURCE_DIR "/docs/configuration.md");
  ASSERT_TRUE(written.has_value());
  EXPECT_EQ(*written, config_as_markdown()) << "write it anew: footlight config --markdown > docs/configuration.md";
}

TEST(ConfigDocument, secrets_are_not_shown) {
  auto config = Config::resolve({{"auth.admin_token", "hunter2"}}, {}, {});
  for (const std::string& text : {config_as_text(*config), config_as_json(*config)}) {
    EXPECT_THAT(text, Not(HasSubstr("hunter2")));
    EXPECT_THAT(text, HasSubstr("(secret)"));
  }
}

class FileLayer : public testing::Test {
 protected:
  Result<ConfigLayer, Error> read(std::string_view text) {
    path = std::filesystem::temp_directory_path() / ("footlight-" + random_id(6) + ".toml");
    EXPECT_TRUE(write_file(path, text, 0600).has_value());
    auto layer = file_layer(path);
    std::filesystem::remove(path);
    return layer;
  }
  std::filesystem::path path;
};

TEST_F(FileLayer, sections_and_keys_of_all_types) {
  auto layer =
      read("[hls]\npart_ms = 250\n[media]\nannounce = [\"192.0.2.1\", \"192.0.2.2\"]\n[log]\nlevel = 'warn'\n");
  EXPECT_EQ(layer.value(),
            (ConfigLayer{{"hls.part_ms", "250"}, {"media.announce", "192.0.2.1,192.0.2.2"}, {"log.level", "warn"}}));
}

TEST_F(FileLayer, what_is_not_toml_is_refused_with_its_line) {
  auto layer = read("[hls]\npart_ms = = 3\n");
  ASSERT_FALSE(layer.has_value());
  EXPECT_THAT(layer.error().message, testing::AllOf(HasSubstr("line 2"), Not(HasSubstr("\n"))));
  EXPECT_THAT(read("part_ms = 3\n").error().message, HasSubstr("outside a section"));
  EXPECT_THAT(read("[hls]\npart_ms = 1.5\n").error().message, HasSubstr("hls.part_ms"));
  EXPECT_THAT(file_layer("/nonexistent.toml").error().message, HasSubstr("/nonexistent.toml"));
}

}  // namespace
}  // namespace footlight::app
