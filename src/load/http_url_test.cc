#include "load/http_url.h"

#include <gtest/gtest.h>

namespace footlight::load {
namespace {

HttpUrl url(const char* text) { return HttpUrl::parse(text).value(); }

TEST(HttpUrl, takes_an_endpoint_apart) {
  EXPECT_EQ(url("https://live.example.org/whep/e?source=a"),
            (HttpUrl{true, "live.example.org", 443, "/whep/e?source=a"}));
  EXPECT_EQ(url("http://127.0.0.1:8080"), (HttpUrl{false, "127.0.0.1", 8080, "/"}));
  EXPECT_EQ(url("http://[2001:db8::1]:99/x#part"), (HttpUrl{false, "2001:db8::1", 99, "/x"}));
  EXPECT_EQ(url("http://[::1]?q"), (HttpUrl{false, "::1", 80, "/?q"}));
}

TEST(HttpUrl, writes_the_port_where_it_is_not_the_schemes) {
  EXPECT_EQ(url("http://a:80/x").authority(), "a");
  EXPECT_EQ(url("http://[::1]:8080/x").authority(), "[::1]:8080");
  EXPECT_EQ(url("https://a:444/x?y").text(), "https://a:444/x?y");
}

TEST(HttpUrl, refuses_what_it_could_not_ask) {
  for (const char* text : {"", "live.example.org", "ftp://a/", "http://", "http://a:0/", "http://a:99999/",
                           "http://a:x/", "http://user@a/"})
    EXPECT_FALSE(HttpUrl::parse(text)) << text;
}

TEST(HttpUrl, resolves_every_kind_of_location) {
  HttpUrl base = url("http://h:1/live/cam/whep?token=t");
  EXPECT_EQ(base.resolve("/whep/s/1")->text(), "http://h:1/whep/s/1");
  EXPECT_EQ(base.resolve("whep/2b1d")->text(), "http://h:1/live/cam/whep/2b1d");
  EXPECT_EQ(base.resolve("../s/./1?x=../y")->text(), "http://h:1/live/s/1?x=../y");
  EXPECT_EQ(base.resolve("../../../..")->text(), "http://h:1/");
  EXPECT_EQ(base.resolve("?a=b")->text(), "http://h:1/live/cam/whep?a=b");
  EXPECT_EQ(base.resolve("//other/x")->text(), "http://other/x");
  EXPECT_EQ(base.resolve("https://other/x")->text(), "https://other/x");
  EXPECT_FALSE(base.resolve(""));
}

}  // namespace
}  // namespace footlight::load
