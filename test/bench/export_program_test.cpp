#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/program.h"

namespace mhabench::bench {
namespace {

using test::Outcome;

std::string kept(const std::string& name) {
  return std::string(MHABENCH_TEST_DATA_DIR) + "/results/compare/" + name + ".json";
}

class ExportProgram : public test::ProgramTest {
 protected:
  ExportProgram() : ProgramTest(MHABENCH_EXPORT_PROGRAM) {}
};

TEST_F(ExportProgram, WritesALineARowAndMetric) {
  const std::vector<std::string> lines = test::lines_of(run_to(0, {kept("failed")}).out);
  ASSERT_GT(lines.size(), 4u);
  EXPECT_EQ(lines.front().find("file,name,path,dtype,device,lengths,backend,batch,"), 0u);
  const long commas = std::ranges::count(lines.front(), ',');
  int failed = 0;
  for (const std::string& line : lines) {
    EXPECT_EQ(std::ranges::count(line, ','), commas) << line;
    failed += line.ends_with(",failed,CUDA out of memory,failed,1") ? 1 : 0;
  }
  EXPECT_EQ(failed, 1);
}

TEST_F(ExportProgram, WritesRecordsOfPytorchsDatabase) {
  const auto records = test::strict_json(run_to(0, {"--format=pytorch", kept("base")}).out);
  ASSERT_GT(records.size(), 4u);
  for (const auto& record : records) {
    EXPECT_EQ(record.at("benchmark").at("name"), "mhabench");
    EXPECT_EQ(record.at("metric").at("benchmark_values").size(), 1u);
  }
}

TEST_F(ExportProgram, NamesWhatIsWrong) {
  EXPECT_EQ(run_to(2, {}).err, "mha_export: needs a results file (--help shows more)\n");
  EXPECT_EQ(run_to(2, {"--format=csv", "a"}).err,
            "mha_export: --format: unknown format 'csv' (allowed: long, pytorch)\n");
  EXPECT_EQ(run_to(2, {"absent.json"}).err,
            "mha_export: 'absent.json': cannot be opened: No such file or directory\n");
}

}  // namespace
}  // namespace mhabench::bench
