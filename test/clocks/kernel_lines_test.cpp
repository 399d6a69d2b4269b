#include "mhabench/clocks/kernel_lines.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace mhabench {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kFirst = 1'700'000'000'000'000'000;
constexpr const char* kSpin =
    "_ZN2at4cuda40_GLOBAL__N__758183f4_8_Sleep_cu_088d913f11spin_kernelEl";

KernelRecord record(RecordKind kind, std::string name, std::int64_t start_ns, std::int64_t end_ns,
                    std::uint32_t stream) {
  return {kind, std::move(name), kFirst + start_ns, kFirst + end_ns, stream, 42};
}

TEST(KernelLineTest, IsOneObjectOnOneLine) {
  const CallRecords call{record(RecordKind::copy, "memcpy HtoD", 0, 1'500, 7),
                         record(RecordKind::kernel, "nvjet_hsh", 2'000, 14'345, 13)};
  EXPECT_EQ(
      kernel_line("MHA/fast/fp16/batch:16", {call}),
      R"({"name":"MHA/fast/fp16/batch:16","calls":[[)"
      R"({"name":"memcpy HtoD","kind":"copy","start_us":0.0,"duration_us":1.5,"stream":7},)"
      R"({"name":"nvjet_hsh","kind":"kernel","start_us":2.0,"duration_us":12.345,"stream":13})"
      "]]}\n");
}

TEST(KernelLineTest, EachCallsTimesCountFromItsOwnFirstStart) {
  const CallRecords first{record(RecordKind::kernel, "a", 0, 1'000, 7)};
  const CallRecords second{record(RecordKind::kernel, "a", 500'000, 501'000, 7),
                           record(RecordKind::kernel, "b", 502'250, 503'000, 7)};
  const Json calls = Json::parse(kernel_line("row", {first, second})).at("calls");
  ASSERT_EQ(calls.size(), 2);
  EXPECT_EQ(calls[0][0]["start_us"], 0);
  EXPECT_EQ(calls[1][0]["start_us"], 0);
  EXPECT_EQ(calls[1][1]["start_us"], 2.25);
  EXPECT_EQ(calls[1][1]["duration_us"], 0.75);
}

TEST(KernelLineTest, KernelsAreDemangled) {
  const CallRecords call{record(RecordKind::kernel, kSpin, 0, 1, 7)};
  const Json line = Json::parse(kernel_line("row", {call, call}));
  for (const Json& traced : line["calls"]) {
    EXPECT_EQ(traced[0]["name"], "at::cuda::(anonymous namespace)::spin_kernel(long)");
  }
}

TEST(KernelLineTest, CallsThatDoNothingAreEmpty) {
  EXPECT_EQ(kernel_line("row", {{}, {}}), "{\"name\":\"row\",\"calls\":[[],[]]}\n");
  EXPECT_EQ(kernel_line("row", {}), "{\"name\":\"row\",\"calls\":[]}\n");
}

TEST(KernelLineTest, NamesAreEscapedAndNeverFail) {
  const CallRecords call{record(RecordKind::kernel, "a\"b\n\xFF", 0, 1, 7)};
  const std::string line = kernel_line("lengths:a\"b", {call});
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const Json parsed = Json::parse(line);
  EXPECT_EQ(parsed["name"], "lengths:a\"b");
  EXPECT_EQ(parsed["calls"][0][0]["name"], "a\"b\n\xEF\xBF\xBD");
}

}  // namespace
}  // namespace mhabench
