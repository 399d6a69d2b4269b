#include "mhabench/paths/path.h"

#include <set>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "mhabench/check/reference.h"
#include "mhabench/check/tolerance.h"
#include "mhabench/check/verdict.h"
#include "mhabench/config/error.h"
#include "mhabench/config/names.h"
#include "support/batches.h"
#include "support/devices.h"
#include "support/errors.h"

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

TEST(PathTable, FindsByNameAndSaysWhatThereIs) {
  EXPECT_EQ(find_path("fast").name, "fast");
  EXPECT_EQ(message_of<InputError>([] { return find_path("fats").name; }),
            "unknown path 'fats' (allowed: slow, fast), did you mean 'fast'?");
}

class PathsOnDevice : public DeviceTest {};

// Every path of the table, over every odd batch in every dtype, is right or says why it cannot run.
TEST_P(PathsOnDevice, AreRightOrSayWhyNot) {
  const c10::InferenceMode inference;
  for (const Batch& batch : odd_batches()) {
    for (const Dtype dtype : all_dtypes()) {
      const Case c = make_case(batch, dtype, GetParam());
      const Reference reference = make_reference(c.config, c.inputs, c.weights, 1 << 20);
      const Bounds bounds = make_bounds(c.config, reference);
      for (const Path& path : path_table()) {
        SCOPED_TRACE(row_name(path.name, c.config));
        if (const auto reason = path.unsupported(c.config, GetParam())) {
          EXPECT_FALSE(reason->empty());
          continue;
        }
        const PreparedCall call = path.prepare(c.config, c.inputs, c.weights);
        const Verdict verdict = check_output(call.to_packed(call.run()), reference, bounds);
        EXPECT_TRUE(verdict.correct) << "max_abs_err " << verdict.max_abs_err.value_or(-1)
                                     << ", rel_err " << verdict.rel_err.value_or(-1);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, PathsOnDevice, ::testing::ValuesIn(all_devices()),
                         device_test_name);

}  // namespace
}  // namespace mhabench::test
