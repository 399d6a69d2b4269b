#include "mhabench/results/long_format.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mhabench/base/error.h"
#include "support/errors.h"
#include "support/results.h"

namespace mhabench {
namespace {

using test::file_row_without_time;
using test::message_of;
using test::results_file;

FileRow full_row(double busy_us) {
  FileRow row;
  row.name = "MHA/fast/fp16/batch:16/seq_len:64/manual_time";
  row.real_time_us = 12.5;
  row.numbers = {
      {"batch", 16}, {"beta", 0.85}, {"busy_us", busy_us}, {"seed", 26214}, {"threads", 1}};
  row.strings = {{"path", "fast"}, {"dtype", "fp16"}, {"device", "cuda:0"}, {"backend", "flash"}};
  return row;
}

TEST(LongCsv, IsALineARowAndMetric) {
  const std::string expected =
      "file,name,path,dtype,device,lengths,backend,batch,seq_len,embed_dim,heads,beta,repetition,"
      "aggregate,status,message,metric,value\n"
      "a.json,MHA/fast/fp16/batch:16/seq_len:64/manual_time,fast,fp16,cuda:0,,flash,16,,,,0.85,0,,"
      "measured,,real_time,12.5\n"
      "a.json,MHA/fast/fp16/batch:16/seq_len:64/manual_time,fast,fp16,cuda:0,,flash,16,,,,0.85,0,,"
      "measured,,busy_us,10.1\n";
  EXPECT_EQ(long_csv({results_file("a.json", {full_row(10.1)})}), expected);
}

TEST(LongCsv, KeepsRowsWithoutATimeAndQuotesTheirReason) {
  const std::string csv = long_csv({results_file(
      "a,b.json",
      {file_row_without_time("x", RowStatus::failed, "asked for \"8\" GiB,\nno more")})});
  EXPECT_NE(csv.find("\n\"a,b.json\",x,x,,,,,,,,,,0,,failed,\"asked for \"\"8\"\" GiB,\nno "
                     "more\",failed,1\n"),
            std::string::npos)
      << csv;
}

TEST(PytorchRecords, OfTwoSeedsAreRefused) {
  FileRow other = full_row(10.2);
  other.numbers[3].second = 26215;
  BenchmarkFile second = results_file("b.json", {other});
  second.context["seed"] = "26215";
  EXPECT_EQ(message_of<InputError>([&] {
              return pytorch_records({results_file("a.json", {full_row(10.1)}), second});
            }),
            "not runs of one kind: seed of MHA/fast/fp16/batch:16/seq_len:64/manual_time: 26214 "
            "against 26215");
}

TEST(PytorchRecords, HoldBenchmarkModelMetricAndMachine) {
  BenchmarkFile file = results_file("a.json", {full_row(10.1)});
  file.context["torch_version"] = "2.11.0";
  file.context["mhabench_revision"] = "abc";
  const auto records = nlohmann::json::parse(pytorch_records({file}));
  ASSERT_EQ(records.size(), 2u);
  const auto& record = records.at(1);
  EXPECT_EQ(record.at("benchmark").at("name"), "mhabench");
  EXPECT_EQ(record.at("benchmark").at("mode"), "inference");
  EXPECT_EQ(record.at("benchmark").at("dtype"), "fp16");
  EXPECT_EQ(record.at("model").at("name"), "MHA/fast/fp16/batch:16/seq_len:64");
  EXPECT_EQ(record.at("model").at("backend"), "fast");
  EXPECT_EQ(record.at("model").at("extra_info").at("batch"), "16") << "their maps hold strings";
  EXPECT_EQ(record.at("metric").at("name"), "busy_us");
  EXPECT_EQ(record.at("metric").at("benchmark_values"), nlohmann::json::array({10.1}));
  EXPECT_EQ(record.at("runners").at(0).at("gpu_info"), "NVIDIA H200");
  EXPECT_EQ(record.at("dependencies").at("torch").at("version"), "2.11.0");
  EXPECT_EQ(record.at("dependencies").at("mhabench").at("sha"), "abc");
}

TEST(PytorchRecords, TakeTheValuesOfAllRunsTogether) {
  FileRow aggregate = full_row(99);
  aggregate.aggregate = "mean";
  const auto records = nlohmann::json::parse(pytorch_records(
      {results_file("a.json", {full_row(10.1), full_row(10.2), aggregate}),
       results_file("b.json",
                    {full_row(10.3), file_row_without_time("x", RowStatus::failed, "y")})}));
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records.at(1).at("metric").at("benchmark_values"),
            nlohmann::json::array({10.1, 10.2, 10.3}));
}

}  // namespace
}  // namespace mhabench
