#include <cstdlib>
#include <filesystem>
#include <set>

#include "sdp/session_description.h"
#include "sdp/test_offer.h"

// testdata/NAME.publish.sdp and NAME.receive.sdp are offers, NAME.….answer.sdp what they are answered. After a change
// that is meant, run this test with FOOTLIGHT_WRITE_ANSWERS=1 and read the difference.
namespace footlight::sdp {
namespace {

namespace fs = std::filesystem;

std::set<std::string> offers(std::string_view kind) {
  std::set<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(FOOTLIGHT_TESTDATA)) {
    std::string name = entry.path().filename().string();
    if (name.ends_with(std::string(kind) + ".sdp") && !name.ends_with(".answer.sdp"))
      names.insert(name.substr(0, name.size() - 4));
  }
  return names;
}

void expect_answer(const std::string& name, const std::string& answer) {
  const std::string text = replaced(answer, "\r\n", "\n");
  if (std::getenv("FOOTLIGHT_WRITE_ANSWERS")) std::ofstream(FOOTLIGHT_TESTDATA "/" + name + ".answer.sdp") << text;
  EXPECT_EQ(text, test_offer(name + ".answer")) << name;
  auto parsed = SessionDescription::parse(answer);
  ASSERT_TRUE(parsed) << name << ": " << parsed.error().message;
  EXPECT_EQ(parsed->text(), answer) << "an answer is its own round trip";
}

LocalParameters local() {
  LocalParameters l = test_local();
  l.candidates.push_back({"127.0.0.1", 7000, true});
  return l;
}

TEST(Answers, every_clients_publish_offer_has_its_answer) {
  ASSERT_GE(offers(".publish").size(), 20u);
  for (const std::string& name : offers(".publish")) {
    auto answer = negotiate_publish(test_offer(name), local());
    if (name.starts_with("gstreamer-unbundled")) {
      EXPECT_FALSE(answer);
      continue;
    }
    ASSERT_TRUE(answer) << name << ": " << answer.error().sentence;
    expect_answer(name, answer->answer);
  }
}

TEST(Answers, every_clients_receive_offer_has_its_answer) {
  ASSERT_GE(offers(".receive").size(), 6u);
  for (const std::string& name : offers(".receive")) {
    const bool vp8 = name.starts_with("firefox") || name.starts_with("aiortc");
    const AvailableTrack video =
        vp8 ? AvailableTrack{media::Codec::kVp8, 90000, 0, "", rtp::Ssrc(11), rtp::Ssrc(12)}
            : AvailableTrack{media::Codec::kH264, 90000,        0, "profile-level-id=4d401f;packetization-mode=1",
                             rtp::Ssrc(11),       rtp::Ssrc(12)};
    const AvailableStream stream{
        {video, {media::Codec::kOpus, 48000, 2, "", rtp::Ssrc(13), {}}}, "footlight", "programme"};
    auto answer = negotiate_subscribe(test_offer(name), local(), stream);
    ASSERT_TRUE(answer) << name << ": " << answer.error().sentence;
    expect_answer(name, answer->answer);
  }
}

}  // namespace
}  // namespace footlight::sdp
