#include "mhabench/compare/comparison_text.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/results.h"

namespace mhabench {
namespace {

using test::file_row;
using test::file_row_without_time;
using test::results_file;
using test::wrong_file_row;

using Files = std::vector<BenchmarkFile>;

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Files runs_of_rows(const std::string& name, const std::vector<double>& factors, double slowdown,
                   int rows = 10) {
  Files files;
  for (const double factor : factors) {
    std::vector<FileRow> list;
    for (int i = 0; i < rows; ++i) {
      list.push_back(file_row("MHA/fast/row:" + std::to_string(i), 100 * factor * (1 + slowdown),
                              30 * factor * (1 + slowdown)));
    }
    files.push_back(results_file(name + std::to_string(files.size()) + ".json", std::move(list)));
  }
  return files;
}

// Ten rows, all slower by a tenth, in three runs a side.
Comparison slower_by_a_tenth(int rows = 10) {
  return compare(runs_of_rows("a", {1, 1.001, 0.999}, 0, rows),
                 runs_of_rows("b", {1, 1.001, 0.999}, 0.1, rows), {});
}

Comparison mixed() {
  const Files base{results_file(
      "a.json",
      {file_row("MHA/slow/a", 100, 40), file_row("MHA/slow/b", 100), file_row("MHA/slow/c", 100)})};
  const Files next{results_file(
      "b.json", {file_row("MHA/slow/a", 100, 41.6),
                 file_row_without_time("MHA/slow/b", RowStatus::failed, "out of\nmemory"),
                 wrong_file_row("MHA/slow/d", 10)})};
  return compare(base, next, {});
}

TEST(ComparisonTable, ShowsADifferenceOfAnySize) {
  const auto line_of = [](double base_us, double next_us) {
    const std::string text =
        comparison_table(compare({results_file("a.json", {file_row("x", base_us)})},
                                 {results_file("b.json", {file_row("x", next_us)})}, {}),
                         true);
    const std::size_t start = text.find("  event ") + 2;
    return text.substr(start, text.find("  x\n", start) - start);
  };
  EXPECT_EQ(line_of(0.00203, 0.00223), "event 1.099, 0.002030 -> 0.002230 us");
  EXPECT_EQ(line_of(2.03, 2.23), "event 1.099, 2.030 -> 2.230 us");
  EXPECT_EQ(line_of(203, 223), "event 1.099, 203.0 -> 223.0 us");
  EXPECT_EQ(line_of(2030, 2230), "event 1.099, 2030 -> 2230 us");
  EXPECT_EQ(line_of(1, 0.0004), "event 0.0004000, 1.000 -> 0.0004000 us");
  EXPECT_EQ(line_of(1e-300, 1e300), "event inf, 1.000e-300 -> 1.000e+300 us");
}

TEST(ComparisonTable, SaysWhatWasLeftOut) {
  ComparisonSettings settings;
  settings.common = true;
  const Comparison all = compare({results_file("a.json", {file_row("x", 1), file_row("y", 1)})},
                                 {results_file("b.json", {file_row("x", 1)})}, settings);
  EXPECT_TRUE(has(comparison_table(all, false), "\n1 row left out: measured on one side alone\n"));
  EXPECT_EQ(nlohmann::json::parse(comparison_json(all)).at("counts").at("left_out"), 1);
}

TEST(ComparisonTable, TellsSidesPathsRowsAndTheAnswer) {
  const std::string expected =
      "BASE   1 run, 3 rows: a.json\n"
      "NEW    1 run, 3 rows: b.json\n"
      "threshold 2 %, false discovery rate 5 %, noise unknown: one run a side and no "
      "--noise_model, so that rows beyond the threshold stay undecided\n"
      "\n"
      "clock  path  rows  new/base  95 % interval  slower  faster  same  undecided\n"
      "busy   slow     1    1.0400              -       0       0     0          1\n"
      "event  slow     1    1.0000              -       0       0     1          0\n"
      "\n"
      "newly failed (1):\n"
      "  MHA/slow/b  (out of?memory)\n"
      "\n"
      "newly wrong (1):\n"
      "  MHA/slow/d\n"
      "\n"
      "missing (1):\n"
      "  MHA/slow/c\n"
      "\n"
      "undecided by the busy clock (1):\n"
      "  busy 1.040, 40.00 -> 41.60 us  MHA/slow/a\n"
      "\n"
      "Worse: 3 of 4 rows (1 newly failed, 1 newly wrong, 1 missing)\n";
  EXPECT_EQ(comparison_table(mixed(), false), expected);
}

TEST(ComparisonTable, ShowsTwentyOfAKindUnlessAll) {
  const Comparison comparison = slower_by_a_tenth(25);
  const std::string table = comparison_table(comparison, false);
  EXPECT_TRUE(has(table, "slower by the busy clock (25):\n")) << table;
  EXPECT_TRUE(has(table, "  and 5 more (--all shows them)\n"));
  EXPECT_TRUE(has(table, "noise between runs\n"));
  EXPECT_TRUE(has(table, "Worse: 25 of 25 rows (25 slower)\n"));
  EXPECT_FALSE(has(comparison_table(comparison, true), "more (--all"));
}

TEST(ComparisonTable, ShowsTwentyPathsUnlessAllTheSlowerOnesFirst) {
  Files base, next;
  for (const double factor : {1.0, 1.001, 0.999}) {
    std::vector<FileRow> before, after;
    for (int i = 0; i < 30; ++i) {
      const std::string name = "MHA/p" + std::to_string(i) + "/row";
      before.push_back(file_row(name, 100 * factor));
      after.push_back(file_row(name, (i == 29 ? 200 : 100) * factor));
    }
    base.push_back(results_file("a" + std::to_string(factor), before));
    next.push_back(results_file("b" + std::to_string(factor), after));
  }
  const Comparison comparison = compare(base, next, {});
  ASSERT_EQ(comparison.paths.size(), 30u);
  for (const std::string& text :
       {comparison_table(comparison, false), comparison_markdown(comparison, false)}) {
    EXPECT_TRUE(has(text, "\nand 10 more (--all shows them)\n")) << text;
    EXPECT_TRUE(has(text, "p29")) << text;
    EXPECT_LT(text.find("p29 "), text.find("p0 ")) << text;
    EXPECT_FALSE(has(text, "p19 ")) << text;
  }
  EXPECT_TRUE(has(comparison_table(comparison, true), "p19 "));
}

TEST(ComparisonTable, SaysWhatWasForcedAndWhatDiffers) {
  Files base = runs_of_rows("a", {1}, 0);
  Files next = runs_of_rows("b", {1}, 0);
  base[0].context["torch_version"] = "2.11.0";
  next[0].context["torch_version"] = "2.12.0";
  next[0].context["seed"] = "1";
  ComparisonSettings force;
  force.force = true;
  const std::string table = comparison_table(compare(base, next, force), false);
  EXPECT_TRUE(has(table, "FORCED seed: 26214 against 1\n")) << table;
  EXPECT_TRUE(has(table, "differs torch_version: 2.11.0 against 2.12.0\n")) << table;
  EXPECT_TRUE(has(table, "\nNothing worse\n")) << table;
}

TEST(ComparisonTable, SaysWhereNoiseIsOfOneProcess) {
  const auto repeated = [](const std::string& name, double us) {
    return Files{results_file(name, {file_row("x", us), file_row("x", us * 1.001)})};
  };
  const std::string table =
      comparison_table(compare(repeated("a.json", 10), repeated("b.json", 10.003), {}), false);
  EXPECT_TRUE(has(table, "BASE   2 repetitions, 1 row: a.json\n")) << table;
  EXPECT_TRUE(has(table,
                  "noise between repetitions of one process, which know nothing of what "
                  "differs between runs\n"))
      << table;
}

TEST(ComparisonTable, SaysWhereRepetitionsAreOneRun) {
  const Files base = runs_of_rows("a", {1, 1.001, 0.999}, 0);
  Files next = runs_of_rows("b", {1}, 0);
  const std::vector<FileRow> once = next[0].rows;
  next[0].rows.insert(next[0].rows.end(), once.begin(), once.end());
  const std::string table = comparison_table(compare(base, next, {}), false);
  EXPECT_TRUE(has(table, "BASE   3 runs, 10 rows: ")) << table;
  EXPECT_TRUE(has(table, "NEW    1 run (repetitions by their median), 10 rows: b0.json\n"))
      << table;
  EXPECT_TRUE(has(table, "noise between runs\n")) << table;
}

TEST(ComparisonTable, NamesRowsThatSomeRunsOfBaseLack) {
  Files base = runs_of_rows("a", {1, 1.001, 0.999}, 0);
  base[1].rows[3] = file_row_without_time("MHA/fast/row:3", RowStatus::failed, "out of memory");
  const std::string table =
      comparison_table(compare(base, runs_of_rows("b", {1, 1.001, 0.999}, 0), {}), false);
  EXPECT_TRUE(has(table,
                  "compared with some runs of BASE alone (1):\n"
                  "  MHA/fast/row:3  (failed in 1 of 3 runs of BASE: out of memory)\n"))
      << table;
}

TEST(ComparisonTable, GivesAPathWithoutAWholeRowNoMean) {
  Files base = runs_of_rows("a", {1, 1.001}, 0, 1);
  base[1].rows[0] = file_row_without_time("MHA/fast/row:0", RowStatus::failed, "out of memory");
  const Comparison all = compare(base, runs_of_rows("b", {1, 1.001}, 1, 1), {});
  EXPECT_TRUE(has(comparison_table(all, false), "event  fast     1         -              -"))
      << comparison_table(all, false);
  EXPECT_FALSE(nlohmann::json::parse(comparison_json(all)).at("paths").at(0).contains("ratio"));
}

TEST(ComparisonAnswer, CountsUndecidedRowsWhereNothingIsWorse) {
  const Comparison one = compare(runs_of_rows("a", {1}, 0), runs_of_rows("b", {1}, 0.1), {});
  EXPECT_EQ(comparison_answer(one), "Nothing worse, 10 of 10 rows undecided");
}

TEST(ComparisonMarkdown, OpensWithTheAnswerAndHoldsTheTable) {
  const std::string text = comparison_markdown(mixed(), false);
  EXPECT_EQ(text.find("**Worse: 3 of 4 rows (1 newly failed, 1 newly wrong, 1 missing)**\n\n"), 0u);
  EXPECT_TRUE(has(text, "| busy | slow | 1 | 1.0400 | - | 0 | 0 | 0 | 1 |\n")) << text;
  EXPECT_TRUE(has(text, "<details><summary>missing (1)</summary>\n\n- `MHA/slow/c`\n")) << text;
}

TEST(ComparisonAnnotations, AreOneAWorseRowUpToTen) {
  const std::string few = comparison_annotations(mixed());
  EXPECT_EQ(few.find("::error title=newly failed::MHA/slow/b  (out of?memory)\n"), 0u) << few;
  EXPECT_TRUE(has(few, "::error title=missing::MHA/slow/c\n"));
  EXPECT_TRUE(has(few, "::warning title=undecided::1 row; noise unknown"));
  EXPECT_TRUE(has(few, "::notice title=mha_compare::Worse: 3 of 4 rows"));
  const std::string many = comparison_annotations(slower_by_a_tenth(25));
  std::size_t errors = 0;
  for (std::size_t at = 0; (at = many.find("::error ", at)) != std::string::npos; ++at) ++errors;
  EXPECT_EQ(errors, 10u);
  EXPECT_TRUE(has(many, "::error title=mha_compare::and 41 more that are worse\n")) << many;
}

TEST(ComparisonText, LetsNothingOfAFileEndALineOrReachATerminal) {
  FileRow hostile = file_row("b", 1);
  hostile.strings.emplace_back("path", "p\n::warning::q\x1b[31m\u009b31m\u202e");
  const Files base{results_file("a", {hostile, file_row("::error::c\r", 1)})};
  const Files next{results_file("b", {hostile})};
  const Comparison comparison = compare(base, next, {});
  for (const std::string& text :
       {comparison_table(comparison, true), comparison_markdown(comparison, true)}) {
    EXPECT_TRUE(has(text, "p?::warning::q?[31m?31m?")) << text;
    EXPECT_FALSE(has(text, "\x1b")) << text;
    EXPECT_FALSE(has(text, "\r")) << text;
    EXPECT_FALSE(has(text, "\n  ::")) << text;
  }
  EXPECT_TRUE(has(comparison_table(comparison, true), "\n  '::error::c?'\n"));
}

TEST(ComparisonAnnotations, EscapeWhatTheRunnerReads) {
  const Files base{results_file("a", {file_row("a%b", 1), file_row("c", 1)})};
  const Files next{results_file("b", {file_row("c", 1)})};
  EXPECT_TRUE(
      has(comparison_annotations(compare(base, next, {})), "::error title=missing::a%25b\n"));
}

TEST(ComparisonJson, HoldsEveryRowAndPath) {
  const auto json = nlohmann::json::parse(comparison_json(slower_by_a_tenth()));
  EXPECT_EQ(json.at("mhabench_comparison"), 1);
  EXPECT_EQ(json.at("rows").size(), 10u);
  const auto& row = json.at("rows").at(0);
  EXPECT_EQ(row.at("state"), "compared");
  EXPECT_EQ(row.at("worse"), true);
  const auto& busy = row.at("clocks").at("busy");
  EXPECT_EQ(busy.at("verdict"), "slower");
  EXPECT_NEAR(busy.at("ratio").get<double>(), 1.1, 1e-9);
  EXPECT_LT(busy.at("low").get<double>(), 1.1);
  EXPECT_LE(busy.at("p_slower").get<double>(), busy.at("fdr_slower").get<double>());
  EXPECT_EQ(json.at("paths").size(), 2u);
  EXPECT_EQ(json.at("paths").at(0).at("slower"), 10);
  EXPECT_EQ(json.at("counts").at("worse"), 10);
  EXPECT_EQ(json.at("base").at("runs"), 3);
}

TEST(ComparisonJson, KeepsNotesAndLeavesOutWhatIsUnknown) {
  const auto json = nlohmann::json::parse(comparison_json(mixed()));
  const auto& failed = json.at("rows").at(1);
  EXPECT_EQ(failed.at("state"), "newly failed");
  EXPECT_EQ(failed.at("note"), "out of?memory");
  EXPECT_FALSE(json.at("rows").at(0).at("clocks").at("busy").contains("low"));
}

}  // namespace
}  // namespace mhabench
