#include "mhabench/paths/sdpa.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "support/paths.h"

namespace mhabench::test {
namespace {

// What scaled_dot_product_attention would choose on the CPU: 0 is math, 1 flash.
std::int64_t choice_on_cpu() {
  const at::Tensor q = at::ones({1, 2, 4, 8});
  return at::_fused_sdp_choice(q, q, q);
}

TEST(SdpaPin, LeavesOneBackEndAndReturnsAllOfThem) {
  const bool cudnn_before = at::globalContext().userEnabledCuDNNSDP();
  {
    const SdpaPin pin(SdpaBackend::math);
    EXPECT_FALSE(at::globalContext().userEnabledFlashSDP());
    EXPECT_FALSE(at::globalContext().userEnabledMemEfficientSDP());
    EXPECT_FALSE(at::globalContext().userEnabledCuDNNSDP());
    EXPECT_TRUE(at::globalContext().userEnabledMathSDP());
    EXPECT_EQ(choice_on_cpu(), 0);
  }
  EXPECT_TRUE(at::globalContext().userEnabledFlashSDP());
  EXPECT_TRUE(at::globalContext().userEnabledMathSDP());
  EXPECT_EQ(at::globalContext().userEnabledCuDNNSDP(), cudnn_before);
  const SdpaPin pin(SdpaBackend::flash);
  EXPECT_EQ(choice_on_cpu(), 1);
}

TEST(SdpaPin, HoldsInTheCallsOfAPathAndNotBetweenThem) {
  static std::vector<bool> math_alone;
  math_alone.clear();
  const auto note = [] {
    math_alone.push_back(!at::globalContext().userEnabledFlashSDP() &&
                         at::globalContext().userEnabledMathSDP());
  };
  Path path = scripted_path("noting");
  path.refuses_sdpa = supports_all;
  path.prepare = [&](const MhaConfig&, const Inputs&, const Weights&) {
    note();
    PreparedCall call;
    call.run = [note] {
      note();
      return at::Tensor();
    };
    return call;
  };
  const Case c = make_case({"small", {3, 2}, 16, 2}, Dtype::fp32, at::kCPU);
  MhaConfig config = c.config;
  config.sdpa = SdpaBackend::math;
  const PreparedCall call = prepare_call(path, config, c.inputs, c.weights);
  note();
  call.run();
  prepare_call(path, c.config, c.inputs, c.weights).run();
  EXPECT_EQ(math_alone, (std::vector<bool>{true, false, true, false, false}));
}

TEST(SdpaPin, APathOutsideOfSdpaIsNotPinned) {
  MhaConfig config = config_of({"small", {3, 2}, 16, 2}, Dtype::fp32);
  EXPECT_EQ(why_unsupported(find_path("frontend"), config, at::kCPU), std::nullopt);
  config.sdpa = SdpaBackend::math;
  EXPECT_EQ(why_unsupported(find_path("frontend"), config, at::kCPU),
            "it does not go through scaled_dot_product_attention");
  EXPECT_EQ(why_unsupported(find_path("slow"), config, at::kCPU), std::nullopt);
}

}  // namespace
}  // namespace mhabench::test
