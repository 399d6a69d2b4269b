#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "mhabench/paths/path_table.h"
#include "support/errors.h"
#include "support/paths.h"

namespace mhabench::test {
namespace {

TEST(FastDense, IsSkippedWhereItWouldAttendToPadding) {
  const c10::InferenceMode inference;
  const Case c = make_case({"ragged", {9, 4, 7}, 64, 4}, Dtype::fp32, at::kCPU);
  EXPECT_EQ(make_ready(fast_dense_path(), c, at::kCPU).reason,
            "it would attend to padding: not all lengths are seq_len");
}

TEST(FastDense, TakesNoPaddingLaterEither) {
  const c10::InferenceMode inference;
  const Case full = make_case({"full", {9, 9}, 64, 4}, Dtype::fp32, at::kCPU);
  const Case ragged = make_case({"ragged", {9, 4}, 64, 4}, Dtype::fp32, at::kCPU);
  const PreparedCall call = fast_dense_path().prepare(full.config, full.inputs, full.weights);
  EXPECT_THROW(call.pack(ragged.inputs.padded, ragged.inputs.lengths), Unsupported);
}

}  // namespace
}  // namespace mhabench::test
