#include <gtest/gtest.h>

#include "mhabench/paths/path_table.h"

namespace mhabench::test {
namespace {

// PyTorch's own kernel reads out of bounds there; that of the CPU does not.
TEST(FastMasked, RefusesMoreScoresThanItsSoftmaxCanIndex) {
  const c10::Device gpu(c10::kCUDA, 0);
  const auto refuses = [](std::int64_t batch, c10::Device device) {
    return fast_masked_path().unsupported({Dtype::fp16, batch, 2048, 512, 8, {}}, device);
  };
  EXPECT_FALSE(refuses(64, gpu)) << "2^31 scores, the last of which is 2^31 - 1";
  EXPECT_FALSE(refuses(65, c10::kCPU));
  ASSERT_TRUE(refuses(65, gpu));
  EXPECT_NE(refuses(65, gpu)->find("2^31 scores"), std::string::npos);
}

}  // namespace
}  // namespace mhabench::test
