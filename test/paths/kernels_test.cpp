#include "mhabench/paths/kernels.h"

#include <gtest/gtest.h>

#include "support/batches.h"

namespace mhabench::test {
namespace {

// None of these reasons is the GPU's, so that no GPU is needed.
const c10::Device kGpu(c10::kCUDA, 0);

MhaConfig with(Dtype dtype, std::int64_t embed_dim, std::int64_t heads, std::int64_t longest = 9) {
  return config_of({"any", {longest, 1}, embed_dim, heads}, dtype);
}

MhaConfig pinned(SdpaBackend backend, Dtype dtype = Dtype::fp16, std::int64_t longest = 9) {
  MhaConfig config = with(dtype, 64, 4, longest);
  config.sdpa = backend;
  return config;
}

TEST(FusedKernels, SayWhatTheyDoNotTake) {
  EXPECT_EQ(flash_refuses(with(Dtype::fp32, 64, 4), kGpu),
            "its kernel takes fp16 and bf16, not fp32");
  EXPECT_EQ(flash_refuses(with(Dtype::fp16, 60, 5), kGpu),
            "its kernel takes head dims that are multiples of 8, not 12");
  EXPECT_EQ(flash_refuses(with(Dtype::bf16, 528, 2), kGpu),
            "its kernel takes head dims up to 256, not 264");
  EXPECT_EQ(efficient_refuses(with(Dtype::fp32, 60, 10), kGpu),
            "its kernel takes head dims that are multiples of 4, not 6");
  EXPECT_EQ(efficient_refuses(with(Dtype::fp16, 60, 5), kGpu),
            "its kernel takes head dims that are multiples of 8, not 12");
  EXPECT_EQ(cudnn_refuses(with(Dtype::fp16, 272, 2), kGpu),
            "its kernel takes head dims up to 128, not 136");
  EXPECT_EQ(cudnn_refuses(with(Dtype::fp16, 64, 4, 1), kGpu),
            "its kernel takes no sequences of one token");
}

TEST(FusedKernels, AreCudas) {
  for (const auto& refuses : {flash_refuses, efficient_refuses, cudnn_refuses}) {
    EXPECT_EQ(refuses(with(Dtype::fp16, 64, 4), c10::kCPU), "its kernel runs on CUDA alone");
  }
}

TEST(PinnedSdpa, TakesNoMaskInFlashOnCuda) {
  EXPECT_EQ(sdpa_refuses(pinned(SdpaBackend::flash), kGpu, true),
            "flash: its kernel takes no mask");
}

TEST(PinnedSdpa, OnTheCpuIsFlashOrMath) {
  EXPECT_EQ(sdpa_refuses(pinned(SdpaBackend::flash), c10::kCPU, true), std::nullopt);
  EXPECT_EQ(sdpa_refuses(pinned(SdpaBackend::math), c10::kCPU, true), std::nullopt);
  EXPECT_EQ(sdpa_refuses(pinned(SdpaBackend::efficient), c10::kCPU, true),
            "efficient: its kernel runs on CUDA alone");
  EXPECT_EQ(sdpa_refuses(pinned(SdpaBackend::cudnn), c10::kCPU, true),
            "cudnn: its kernel runs on CUDA alone");
}

TEST(PinnedSdpa, NamesTheBackEndThatRefuses) {
  EXPECT_EQ(sdpa_refuses(pinned(SdpaBackend::cudnn, Dtype::fp32), kGpu, true),
            "cudnn: its kernel takes fp16 and bf16, not fp32");
  EXPECT_EQ(native_layer_refuses(pinned(SdpaBackend::flash, Dtype::fp32), kGpu),
            "flash: its kernel takes fp16 and bf16, not fp32");
}

TEST(PinnedSdpa, IsOutOfTheNativeLayersReachInMathAndOnTheCpu) {
  EXPECT_EQ(native_layer_refuses(pinned(SdpaBackend::math), kGpu),
            "the native layer runs unfused code of its own in place of SDPA's math back end");
  EXPECT_EQ(native_layer_refuses(pinned(SdpaBackend::flash), c10::kCPU),
            "the native layer does not go through SDPA on the CPU");
}

}  // namespace
}  // namespace mhabench::test
