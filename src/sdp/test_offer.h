#pragma once
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "sdp/negotiate.h"

#ifndef FOOTLIGHT_TESTDATA  // CMakeLists.txt says where; this lets the header compile alone
#define FOOTLIGHT_TESTDATA "testdata"
#endif

namespace footlight::sdp {

// An offer of testdata/, as Chromium 156, Firefox 140 ESR, GStreamer 1.22, libdatachannel 0.23, aiortc 1.4 and
// @eyevinn/whip-web-client wrote them; obs* and gstreamer-unbundled by hand after what those programs send.
inline std::string test_offer(const std::string& name) {
  std::ifstream in(std::string(FOOTLIGHT_TESTDATA "/") + name + ".sdp");
  EXPECT_TRUE(in) << name;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

inline std::string replaced(std::string text, std::string_view what, std::string_view with) {
  EXPECT_NE(text.find(what), std::string::npos) << what;
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

inline LocalParameters test_local() {
  return {"1234567890", "Lufr", "LocalPasswordOf24Chars+/", "AB:CD:EF", {{"127.0.0.1", 7000}, {"192.0.2.7", 7000}}};
}

}  // namespace footlight::sdp
