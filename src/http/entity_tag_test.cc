#include "http/entity_tag.h"

#include <gtest/gtest.h>

namespace footlight::http {
namespace {

TEST(IfMatch, may_be_a_star_one_tag_or_a_list) {
  EXPECT_TRUE(if_match_names("*", R"("a")"));
  EXPECT_TRUE(if_match_names(R"("a")", R"("a")"));
  EXPECT_TRUE(if_match_names(R"("b", "a")", R"("a")"));
  EXPECT_TRUE(if_match_names("\"b\" ,,\t\"a\" ", R"("a")"));
  EXPECT_TRUE(if_match_names(R"("x,y","a")", R"("a")"));
}

TEST(IfMatch, other_weak_and_broken_tags_match_nothing) {
  for (const char* field : {"", R"("b")", "a", R"(W/"a")", R"("a)", R"("ba")", R"("x,"a"")", R"(*, "b")", ","})
    EXPECT_FALSE(if_match_names(field, R"("a")")) << field;
}

}  // namespace
}  // namespace footlight::http
