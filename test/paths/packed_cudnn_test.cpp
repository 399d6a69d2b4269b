#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "mhabench/paths/packed.h"
#include "mhabench/paths/path_table.h"
#include "mhabench/paths/ragged_plan.h"
#include "support/devices.h"
#include "support/paths.h"

namespace mhabench::test {
namespace {

const c10::Device kGpu(c10::kCUDA, 0);
const Batch kRagged{"ragged", {190, 4, 77}, 256, 4};

std::optional<std::string> cannot_run() {
  if (const auto reason = no_ragged_plans()) return reason;
  return cannot_use(kGpu);
}

TEST(PackedCudnn, WithoutItsHeadersSaysSo) {
  if (!no_ragged_plans()) GTEST_SKIP() << "built with cudnn-frontend";
  EXPECT_THROW(ragged_plan({}), Unsupported);
}

TEST(PackedCudnn, BuildsAPlanOncePerShapeWhateverTheLengths) {
  if (const auto reason = cannot_run()) GTEST_SKIP() << *reason;
  const RaggedShape shape{0, Dtype::fp16, 3, 190, 4, 64};
  RaggedShape other = shape;
  other.batch = 4;
  EXPECT_EQ(ragged_plan(shape), ragged_plan(shape));
  EXPECT_NE(ragged_plan(shape), ragged_plan(other));
}

TEST(PackedCudnn, IsNearFlash) {
  if (const auto reason = cannot_run()) GTEST_SKIP() << *reason;
  const c10::InferenceMode inference;
  const Case c = make_case(kRagged, Dtype::fp16, kGpu);
  const PreparedCall cudnn = packed_cudnn_path().prepare(c.config, c.inputs, c.weights);
  const PreparedCall flash = packed_flash_path().prepare(c.config, c.inputs, c.weights);
  EXPECT_TRUE(at::allclose(cudnn.run(), flash.run(), 1e-2, 2e-3));
}

TEST(PackedCudnn, RefusesWhatItsOffsetsCannotReach) {
  MhaConfig config = config_of(kRagged, Dtype::fp16);
  config.batch = 4096;
  config.seq_len = 4096;
  EXPECT_EQ(beyond_ragged_offsets(config),
            "its int32 offsets end at 2^31 - 1 elements, and 12884901888 may be needed");
  if (!cannot_run()) {
    EXPECT_EQ(ragged_cudnn_refuses(config, kGpu), beyond_ragged_offsets(config));
  }
}

// 2048 * 1365 * 3 * 256 is 2^31 - 2^19; one token more in each sequence is beyond it.
TEST(PackedCudnn, ItsOffsetsReachToTheirLastElement) {
  MhaConfig config = config_of(kRagged, Dtype::fp16);
  config.batch = 2048;
  config.seq_len = 1365;
  EXPECT_EQ(beyond_ragged_offsets(config), std::nullopt);
  config.seq_len = 1366;
  EXPECT_EQ(beyond_ragged_offsets(config),
            "its int32 offsets end at 2^31 - 1 elements, and 2148532224 may be needed");
}

}  // namespace
}  // namespace mhabench::test
