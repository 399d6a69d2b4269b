#include "mhabench/paths/path.h"

#include <set>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "mhabench/base/text.h"
#include "mhabench/check/reference.h"
#include "mhabench/check/tolerance.h"
#include "mhabench/check/verdict.h"
#include "mhabench/config/names.h"
#include "mhabench/paths/kernels.h"
#include "mhabench/results/contenders.h"
#include "support/batches.h"
#include "support/devices.h"
#include "support/errors.h"
#include "support/operators.h"
#include "support/paths.h"
#include "support/python_torch.h"

namespace mhabench::test {
namespace {

TEST(PathTable, NamesAreUniqueAndSlowAndFastComeFirst) {
  const std::vector<std::string> names = path_names();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  ASSERT_GE(names.size(), 2U);
  EXPECT_EQ(names[0], "slow");
  EXPECT_EQ(names[1], "fast");
  for (const Path& path : path_table()) {
    EXPECT_FALSE(path.summary.empty()) << path.name;
    EXPECT_TRUE(path.executes) << path.name;
  }
}

// What ragged paths are held against.
TEST(PathTable, ResultsKnowWhichPathsArePadded) {
  for (const Path& path : path_table()) {
    EXPECT_EQ(is_padded_path(path.name), path.executes == Executes::padded) << path.name;
  }
}

TEST(PathTable, FindsByNameAndSaysWhatThereIs) {
  EXPECT_EQ(find_path("fast").name, "fast");
  EXPECT_EQ(
      message_of<InputError>([] { return find_path("fats").name; }),
      "unknown path 'fats' (allowed: " + join(path_names(), ", ") + "), did you mean 'fast'?");
}

std::string describe(const Verdict& verdict) {
  return "max_abs_err " + std::to_string(verdict.max_abs_err.value_or(-1)) + ", rel_err " +
         std::to_string(verdict.rel_err.value_or(-1)) + ", nonfinite " +
         std::to_string(verdict.nonfinite);
}

class PathsOnDevice : public DeviceTest {};

// Every path of the table, over every odd batch in every dtype, is right or says why it cannot run.
// A graph replays what its eager path does, so that one dtype shows that it does; capturing takes
// long.
TEST_P(PathsOnDevice, AreRightOrSayWhyNot) {
  const c10::InferenceMode inference;
  for (const Batch& batch : odd_batches()) {
    for (const Dtype dtype : all_dtypes()) {
      const Case c = make_case(batch, dtype, GetParam());
      const Reference reference = make_reference(c.config, c.inputs, c.weights, 1 << 20);
      const Bounds bounds = make_bounds(c.config, reference);
      for (const Path& path : path_table()) {
        SCOPED_TRACE(row_name(path.name, c.config));
        if (path.name.ends_with("_graph") && dtype != Dtype::fp16) continue;
        const Readiness ready = make_ready(path, c, GetParam());
        if (!ready.call) {
          EXPECT_NE(ready.reason, "");
          continue;
        }
        const PreparedCall& call = *ready.call;
        const Verdict verdict = check_output(call.to_packed(call.run()), reference, bounds);
        EXPECT_TRUE(verdict.correct) << describe(verdict);
      }
    }
  }
}

struct MustRun {
  std::string path;
  std::vector<Dtype> dtypes;
};

// What has no reason to refuse a batch of even heads and a head dim of 32 there; fast_dense, one
// without padding.
std::vector<MustRun> paths_that_must_run(c10::Device device) {
  if (device.is_cpu()) {
    return {{"slow", all_dtypes()},          {"fast", all_dtypes()},
            {"padded_sdpa", all_dtypes()},   {"slow_frozen", all_dtypes()},
            {"slow_autograd", all_dtypes()}, {"fast_dense", all_dtypes()},
            {"fast_masked", all_dtypes()},   {"packed_cpu", all_dtypes()},
            {"frontend", {Dtype::fp32}}};
  }
  const std::vector<Dtype> half{Dtype::fp16};
  return {{"slow", half},
          {"fast", half},
          {"padded_sdpa", half},
          {"slow_frozen", half},
          {"slow_autograd", half},
          {"fast_dense", half},
          {"fast_masked", half},
          {"frontend", {Dtype::fp32}},
          {"packed_flash", half},
          {"packed_efficient", half},
          {"packed_best", {Dtype::fp16, Dtype::fp32}},
          {"slow_graph", half},
          {"slow_frozen_graph", half},
          {"slow_autograd_graph", half},
          {"padded_sdpa_graph", half},
          {"fast_masked_graph", half},
          {"packed_flash_graph", half},
          {"packed_efficient_graph", half}};
}

// Or a path that refuses everything would be right wherever it runs.
TEST_P(PathsOnDevice, RunWhatTheyHaveNoReasonToRefuse) {
  const c10::InferenceMode inference;
  const Batch ragged{"ragged", {90, 64, 3}, 256, 8};
  const Batch full{"full", {90, 90, 90}, 256, 8};
  const auto flash = flash_refuses(config_of(ragged, Dtype::fp16), GetParam());
  if (flash && flash->find("compute capability") != std::string::npos) GTEST_SKIP() << *flash;
  for (const auto& [name, dtypes] : paths_that_must_run(GetParam())) {
    for (const Dtype dtype : dtypes) {
      const Case c = make_case(name == "fast_dense" ? full : ragged, dtype, GetParam());
      EXPECT_EQ(make_ready(find_path(name), c, GetParam()).reason, "")
          << name << ", " << name_of(dtype);
    }
  }
}

// A batch, and another one of as many sequences and as long a longest one.
struct Two {
  Batch first, second;
};

const std::vector<Two>& pairs_of_batches() {
  static const std::vector<Two> pairs{
      {{"ragged", {90, 64, 3}, 256, 8}, {"ragged_next", {11, 50, 90}, 256, 8}},
      {{"full", {48, 48}, 128, 4}, {"full_next", {48, 48}, 128, 4}},
      {{"one", {40}, 64, 8}, {"one_next", {40}, 64, 8}},
  };
  return pairs;
}

// From a padded batch that was not there when the path was prepared, through the layer, and back.
TEST_P(PathsOnDevice, PackTheNextBatchAndUnpackItsOutput) {
  const c10::InferenceMode inference;
  for (const auto& [first, second] : pairs_of_batches()) {
    for (const Dtype dtype : all_dtypes()) {
      const Case c = make_case(first, dtype, GetParam());
      const Case next = make_case(second, dtype, GetParam(), 2);
      const Reference reference = make_reference(next.config, next.inputs, c.weights, 1 << 20);
      const Bounds bounds = make_bounds(next.config, reference);
      for (const Path& path : path_table()) {
        SCOPED_TRACE(row_name(path.name, next.config));
        const Readiness ready = make_ready(path, c, GetParam());
        if (!ready.call) continue;
        const PreparedCall& call = *ready.call;
        call.pack(next.inputs.padded, next.inputs.lengths);
        const at::Tensor output = call.run();
        const Verdict verdict = check_output(call.to_packed(output), reference, bounds);
        EXPECT_TRUE(verdict.correct) << describe(verdict);
        const at::Tensor padded = call.unpack(output);
        ASSERT_EQ(padded.sizes(), next.inputs.padded.sizes());
        EXPECT_TRUE(at::equal(padded.flatten(0, 1).index_select(0, next.inputs.token_rows),
                              call.to_packed(output)));
      }
    }
  }
}

std::string listed(const std::vector<std::string>& names) { return join(names, "\n"); }

// The same operators on the same inputs in the same order, down to the last bit; and what a GPU
// runs for them. Equal outputs do not show whether one product ran or many.
void expect_same_as_python(const PythonCase& python, const PythonWay& way, c10::Device device) {
  SCOPED_TRACE(way.path + ", " + python.name);
  const Case& c = python.case_;
  const PreparedCall call = find_path(way.path).prepare(c.config, c.inputs, c.weights);
  EXPECT_TRUE(at::equal(call.to_packed(call.run()), way.output));
  EXPECT_EQ(listed(operators_of(call.run)), listed(way.operators));
  if (!device.is_cuda()) return;
  EXPECT_EQ(listed(kernels_of(call.run, device)), listed(way.kernels));
}

// What the comparison is for: weights that require no gradient give the same output by other
// operators.
void expect_plain_tensors_to_show(const PythonCase& python) {
  const Case& c = python.case_;
  const PreparedCall call = find_path("slow").prepare(c.config, c.inputs, frozen(c.weights));
  EXPECT_NE(listed(operators_of(call.run)), listed(python.way("slow").operators));
  EXPECT_EQ(listed(operators_of(call.run)), listed(python.way("slow_frozen").operators));
}

TEST_P(PathsOnDevice, RunPythonsOperatorsAndKernels) {
  if (const auto reason = no_python_torch()) GTEST_SKIP() << *reason;
  const c10::InferenceMode inference;
  const std::vector<PythonCase> cases =
      ask_python(python_batches(), python_dtypes(GetParam()), GetParam());
  std::set<std::string> compared;
  for (const PythonCase& python : cases) {
    for (const PythonWay& way : python.ways) {
      expect_same_as_python(python, way, GetParam());
      compared.insert(way.path);
    }
  }
  EXPECT_EQ(compared, (std::set<std::string>{"slow", "slow_frozen", "slow_autograd", "fast",
                                             "fast_dense", "fast_masked", "padded_sdpa"}));
  expect_plain_tensors_to_show(cases.front());
}

INSTANTIATE_TEST_SUITE_P(Devices, PathsOnDevice, ::testing::ValuesIn(all_devices()),
                         device_test_name);

}  // namespace
}  // namespace mhabench::test
