#include "mhabench/results/journal.h"

#include <algorithm>
#include <filesystem>
#include <random>
#include <regex>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"
#include "support/temp_dir.h"

namespace mhabench {
namespace {

using Names = std::vector<std::string>;
using test::message_of;
using test::names_in;
using test::read_text;
using test::write_text;

const std::string kRun = R"({"seed":7})";

FinishedRow row_named(const std::string& name) {
  return {name, {{{"name", name}, {"real_time", 1.25}}}};
}

Names names_of(const JournalContent& content) {
  Names names;
  for (const FinishedRow& row : content.rows) names.push_back(row.name);
  return names;
}

class JournalTest : public ::testing::Test {
 protected:
  // A journal of those rows, left by its process.
  void leave(const Names& rows) {
    Journal journal(path_);
    journal.start(kRun);
    for (const std::string& row : rows) {
      journal.begin_row(row);
      journal.finish({row_named(row)});
    }
  }

  JournalContent open() { return Journal(path_).take_found(); }
  std::string refusal() {
    return message_of<InputError>([&] { return open().rows.size(); });
  }

  std::string text() { return read_text(path_); }
  void put(const std::string& text) { write_text(path_, text); }

  test::TempDir dir_;
  std::filesystem::path path_ = Journal::path_of(dir_ / "rows.json");
};

TEST_F(JournalTest, StandsBesideTheResults) {
  leave({"a"});
  EXPECT_EQ(names_in(dir_.path()), Names{"rows.json.journal"});
}

TEST_F(JournalTest, HoldsWhatTheRunIsAndItsRowsInOrder) {
  leave({"b", "a"});
  const JournalContent content = open();
  EXPECT_EQ(content.run, kRun);
  EXPECT_EQ(names_of(content), (Names{"b", "a"}));
  EXPECT_EQ(content.rows[0].reports, row_named("b").reports);
  EXPECT_EQ(content.begun, std::nullopt);
  EXPECT_FALSE(content.torn);
}

TEST_F(JournalTest, KnowsTheRowThatHadBegun) {
  {
    Journal journal(path_);
    journal.start(kRun);
    journal.begin_row("a");
    journal.finish({row_named("a")});
    journal.begin_row("b");
  }
  EXPECT_EQ(open().begun, "b");
  Journal(path_).go_on();
  EXPECT_EQ(open().begun, std::nullopt) << "the next process has not begun it";
}

TEST_F(JournalTest, IsGoneOnWith) {
  leave({"a"});
  {
    Journal journal(path_);
    journal.go_on();
    journal.finish({row_named("b")});
  }
  EXPECT_EQ(names_of(open()), (Names{"a", "b"}));
  EXPECT_EQ(open().run, kRun);
}

TEST_F(JournalTest, BegunAnewItHoldsNothingOld) {
  leave({"a", "b"});
  {
    Journal journal(path_);
    journal.start(R"({"seed":8})");
  }
  EXPECT_EQ(open().run, R"({"seed":8})");
  EXPECT_EQ(names_of(open()), Names{});
}

TEST_F(JournalTest, LeavesNoFileWhereNothingWasBegun) {
  EXPECT_EQ(open().run, "");
  EXPECT_EQ(names_in(dir_.path()), Names{});
}

TEST_F(JournalTest, IsGoneOnceItIsRemoved) {
  Journal journal(path_);
  journal.start(kRun);
  journal.remove();
  EXPECT_EQ(names_in(dir_.path()), Names{});
}

TEST_F(JournalTest, EveryLineIsJsonWithItsChecksum) {
  const std::string name = "a \"quoted\" \n name";
  {
    Journal journal(path_);
    journal.start(kRun);
    journal.begin_row(name);
    journal.finish({{name, row_named("a").reports}});
  }
  const std::regex line(R"(\{"crc32":"[0-9a-f]{8}",".+\})");
  std::istringstream lines(text());
  int count = 0;
  for (std::string one; std::getline(lines, one); ++count) {
    EXPECT_TRUE(std::regex_match(one, line)) << one;
  }
  EXPECT_EQ(count, 4) << "the run, its process, the row's beginning and its end";
  EXPECT_EQ(names_of(open()), Names{name});
}

TEST_F(JournalTest, RowsThatAreOverTogetherStandInOneLine) {
  {
    Journal journal(path_);
    journal.start(kRun);
    journal.finish({row_named("a"), row_named("b")});
  }
  EXPECT_EQ(names_of(open()), (Names{"a", "b"}));
  put(text().substr(0, text().size() - 1));
  EXPECT_EQ(names_of(open()), Names{}) << "both, or none";
}

// --- Torn and edited

// A process may be killed, or a disk lose power, at any byte.
TEST_F(JournalTest, CutAnywhereItKeepsEveryWholeLine) {
  leave({"a", "b", "c"});
  const std::string whole = text();
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    put(cut);
    const JournalContent content = open();
    const auto rows = std::count_if(content.rows.begin(), content.rows.end(), [&](const auto& row) {
      return cut.find("\"finished\":\"" + row.name + '"') != std::string::npos;
    });
    EXPECT_EQ(static_cast<std::size_t>(rows), content.rows.size());
    EXPECT_EQ(content.bytes, cut.rfind('\n') + 1) << size;
    EXPECT_EQ(content.torn, !cut.empty() && cut.back() != '\n') << size;
  }
}

TEST_F(JournalTest, WhatIsTornIsCutOffBeforeItGoesOn) {
  leave({"a", "b"});
  put(text().substr(0, text().size() - 5));
  {
    Journal journal(path_);
    journal.go_on();
    journal.finish({row_named("c")});
  }
  EXPECT_EQ(names_of(open()), (Names{"a", "c"}));
}

// As a file system may leave it whose last block never reached the disk.
TEST_F(JournalTest, ALastLineOfZerosIsTorn) {
  leave({"a"});
  const std::size_t size = text().size();
  put(text() + std::string(100, '\0'));
  EXPECT_TRUE(open().torn);
  EXPECT_EQ(open().bytes, size);
}

TEST_F(JournalTest, AChangedByteInTheMiddleIsAnErrorThatNamesTheLine) {
  leave({"a", "b"});
  const std::string whole = text();
  std::size_t line = 1;
  const std::size_t last = whole.rfind('\n', whole.size() - 2);
  for (std::size_t at = 0; at < last; ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    if (whole[at] != '\n' && changed[at] != '\n') {
      put(changed);
      EXPECT_EQ(refusal(), "journal '" + path_.string() + "', line " + std::to_string(line) +
                               ": its checksum does not fit its text")
          << at;
    }
    if (whole[at] == '\n') ++line;
  }
}

TEST_F(JournalTest, AChangedLastLineIsTorn) {
  leave({"a", "b"});
  std::string changed = text();
  changed[changed.size() - 4] = '9';
  put(changed);
  EXPECT_TRUE(open().torn);
  EXPECT_EQ(names_of(open()), Names{"a"});
}

TEST_F(JournalTest, ALineThatIsMissingTwiceOrMovedIsFound) {
  leave({"a", "b"});
  const std::string whole = text();
  const std::size_t second = whole.find('\n') + 1;
  put(whole.substr(second));
  EXPECT_EQ(refusal(),
            "journal '" + path_.string() + "', line 1: it is not the first of a journal");
  put(whole + whole.substr(whole.find("{", whole.find("\"begins\":\"b\""))) +
      whole.substr(second, whole.find('\n', second) - second + 1));
  EXPECT_EQ(refusal(), "journal '" + path_.string() + "', line 7: row 'b' stands twice");
}

TEST_F(JournalTest, AnotherFileIsNotTakenForOneAndNotTouched) {
  for (const std::string& other :
       {std::string("kept"), std::string("kept\n"), std::string("{}\n{}\n"), std::string(1, '\0'),
        std::string("\xff\xfe binary \n"), std::string(1000, '[')}) {
    put(other);
    EXPECT_NE(refusal(), "") << other;
    EXPECT_EQ(text(), other);
  }
}

TEST_F(JournalTest, AnyBytesAreReadOrRefusedWithoutHarm) {
  leave({"a", "b"});
  const std::string whole = text();
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string changed = whole;
    for (int change = 0; change < 3; ++change) {
      const std::size_t at = random() % changed.size();
      if (random() % 2 == 0) {
        changed[at] = static_cast<char>(random());
      } else {
        changed.erase(at, random() % 40);
      }
      if (changed.empty()) break;
    }
    try {
      const JournalContent content = parse_journal(changed, path_);
      for (const FinishedRow& row : content.rows) {
        EXPECT_EQ(row.reports, row_named(row.name).reports) << "what is kept is what was written";
      }
    } catch (const InputError&) {
    }
  }
}

// --- Locked

TEST_F(JournalTest, ASecondOneIsRefusedWithWhoHoldsIt) {
  Journal journal(path_);
  journal.start(kRun);
  EXPECT_TRUE(std::regex_match(
      refusal(), std::regex("cannot write '.*rows\\.json\\.journal': held by process [0-9]+ on .+, "
                            "since [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")))
      << refusal();
  journal.finish({row_named("a")});
}

TEST_F(JournalTest, TheLockGoesWithItsHolder) {
  { Journal(path_).start(kRun); }
  EXPECT_EQ(refusal(), "");
}

TEST_F(JournalTest, WhereItCannotBeWrittenItSaysWhy) {
  path_ = Journal::path_of(dir_ / "none" / "rows.json");
  EXPECT_EQ(refusal(), "cannot write '" + path_.string() + "': No such file or directory");
  path_ = Journal::path_of(dir_ / "rows.json");
  std::filesystem::create_directory(path_);
  EXPECT_EQ(refusal(), "cannot write '" + path_.string() + "': Is a directory");
}

TEST_F(JournalTest, AFifoIsNoJournalAndIsNotWaitedFor) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(refusal(), "cannot read '" + path_.string() + "': it is no regular file");
}

}  // namespace
}  // namespace mhabench
