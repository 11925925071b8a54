#include "db/database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace footlight::db {
namespace {

constexpr std::string_view kFirst = "CREATE TABLE pets(id TEXT PRIMARY KEY, age INTEGER, weight REAL)";
constexpr std::string_view kSecond = "ALTER TABLE pets ADD COLUMN owner TEXT";

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() {
    std::string folder = testing::TempDir() + "footlight-db-XXXXXX";
    folder_ = mkdtemp(folder.data());
  }
  ~DatabaseTest() override { std::filesystem::remove_all(folder_); }
  Database open(std::span<const std::string_view> migrations) {
    auto database = Database::open(file(), migrations);
    EXPECT_TRUE(database) << database.error().message;
    return std::move(*database);
  }
  std::filesystem::path file() const { return folder_ / "x.db"; }
  std::filesystem::path folder_;
};

const std::string_view kOne[] = {kFirst};
const std::string_view kTwo[] = {kFirst, kSecond};

TEST_F(DatabaseTest, what_was_committed_is_there_after_opening_again) {
  {
    auto db = open(kOne);
    db.begin(Durability::kPower);
    EXPECT_EQ(db.run("INSERT INTO pets VALUES(?,?,?)", {"rex", int64_t{3}, 4.5}), 1);
    ASSERT_TRUE(db.commit());
  }
  auto db = open(kOne);
  auto rows = db.query("SELECT id, age, weight, NULL FROM pets WHERE age=?", {int64_t{3}});
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.text(0), "rex");
  EXPECT_EQ(rows.integer(1), 3);
  EXPECT_EQ(rows.real(2), 4.5);
  EXPECT_TRUE(rows.is_null(3));
  EXPECT_FALSE(rows.next());
  EXPECT_FALSE(rows.next());
}

TEST_F(DatabaseTest, a_failure_sticks_until_commit_and_undoes_the_whole_transaction) {
  auto db = open(kOne);
  db.begin(Durability::kProcess);
  db.run("INSERT INTO pets VALUES('a',1,1)");
  db.run("INSERT INTO nothing VALUES(1)");
  EXPECT_EQ(db.run("INSERT INTO pets VALUES('b',1,1)"), 0);
  auto done = db.commit();
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("nothing"), std::string::npos);
  EXPECT_FALSE(db.query("SELECT * FROM pets").next());
  db.begin(Durability::kProcess);
  db.run("INSERT INTO pets VALUES('c',1,1)");
  EXPECT_TRUE(db.commit());
}

TEST_F(DatabaseTest, rollback_undoes) {
  auto db = open(kOne);
  db.begin(Durability::kProcess);
  db.run("INSERT INTO pets VALUES('a',1,1)");
  db.rollback();
  EXPECT_FALSE(db.query("SELECT * FROM pets").next());
}

TEST_F(DatabaseTest, an_older_file_is_migrated_and_keeps_its_rows) {
  {
    auto db = open(kOne);
    db.begin(Durability::kPower);
    db.run("INSERT INTO pets VALUES('rex',1,1)");
    ASSERT_TRUE(db.commit());
  }
  auto db = open(kTwo);
  auto rows = db.query("SELECT id, owner FROM pets");
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.text(0), "rex");
  EXPECT_TRUE(rows.is_null(1));
}

TEST_F(DatabaseTest, a_newer_file_is_refused_with_a_sentence) {
  {
    auto db = open(kTwo);
  }
  auto db = Database::open(file(), kOne);
  ASSERT_FALSE(db);
  EXPECT_NE(db.error().message.find("version 2"), std::string::npos);
}

TEST_F(DatabaseTest, a_file_that_is_no_database_is_refused_with_a_sentence) {
  std::ofstream(file()) << std::string(5000, 'x');
  auto db = Database::open(file(), kOne);
  ASSERT_FALSE(db);
  EXPECT_NE(db.error().message.find("x.db"), std::string::npos);
}

TEST_F(DatabaseTest, a_damaged_database_is_refused_with_a_sentence) {
  {
    auto db = open(kOne);
    db.begin(Durability::kPower);
    for (int64_t i = 0; i < 2000; ++i) db.run("INSERT INTO pets VALUES(?,1,1)", {std::to_string(i)});
    ASSERT_TRUE(db.commit());
  }
  {
    std::fstream f(file(), std::ios::in | std::ios::out | std::ios::binary);
    f.seekp(8192);
    f << std::string(4096, '\xff');
  }
  auto db = Database::open(file(), kOne);
  ASSERT_FALSE(db);
  EXPECT_NE(db.error().message.find("move it away"), std::string::npos) << db.error().message;
}

TEST_F(DatabaseTest, another_programs_database_is_left_alone) {
  {
    auto db = open(kOne);
    db.run("PRAGMA application_id=7");
  }
  EXPECT_FALSE(Database::open(file(), kOne));
}

TEST_F(DatabaseTest, a_folder_that_is_not_there_is_named) {
  auto db = Database::open(folder_ / "none" / "x.db", kOne);
  ASSERT_FALSE(db);
  EXPECT_NE(db.error().message.find("none/x.db"), std::string::npos);
}

TEST_F(DatabaseTest, the_file_is_private) {
  auto db = open(kOne);
  struct stat s{};
  ASSERT_EQ(stat(file().c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0600u);
}

}  // namespace
}  // namespace footlight::db
