#include "mhabench/paths/kernels.h"

#include <gtest/gtest.h>

#include "support/batches.h"

namespace mhabench::test {
namespace {

constexpr GpuTraits kTuring{7, 5, 91'900};
constexpr GpuTraits kAmpere{8, 0, 91'900};
constexpr GpuTraits kHopper{9, 0, 91'900};
constexpr GpuTraits kHopperOfOldCudnn{9, 0, 90'999};
constexpr GpuTraits kBlackwell{10, 0, 91'900};
constexpr std::nullopt_t kCpu = std::nullopt;

MhaConfig with(Dtype dtype, std::int64_t embed_dim, std::int64_t heads, std::int64_t longest = 9) {
  return config_of({"any", {longest, 1}, embed_dim, heads}, dtype);
}

MhaConfig pinned(SdpaBackend backend, Dtype dtype = Dtype::fp16, std::int64_t longest = 9) {
  MhaConfig config = with(dtype, 64, 4, longest);
  config.sdpa = backend;
  return config;
}

TEST(FusedKernels, SayWhatTheyDoNotTake) {
  EXPECT_EQ(flash_refuses_on(with(Dtype::fp32, 64, 4), kHopper),
            "its kernel takes fp16 and bf16, not fp32");
  EXPECT_EQ(flash_refuses_on(with(Dtype::fp16, 60, 5), kHopper),
            "its kernel takes head dims that are multiples of 8, not 12");
  EXPECT_EQ(flash_refuses_on(with(Dtype::bf16, 528, 2), kHopper),
            "its kernel takes head dims up to 256, not 264");
  EXPECT_EQ(efficient_refuses_on(with(Dtype::fp32, 60, 10), kHopper),
            "its kernel takes head dims that are multiples of 4, not 6");
  EXPECT_EQ(efficient_refuses_on(with(Dtype::fp16, 60, 5), kHopper),
            "its kernel takes head dims that are multiples of 8, not 12");
  EXPECT_EQ(cudnn_refuses_on(with(Dtype::fp16, 64, 4, 1), kHopper),
            "its kernel takes no sequences of one token");
}

TEST(FusedKernels, AreCudas) {
  for (const auto& refuses : {flash_refuses, efficient_refuses, cudnn_refuses}) {
    EXPECT_EQ(refuses(with(Dtype::fp16, 64, 4), c10::kCPU), "its kernel runs on CUDA alone");
  }
}

TEST(FusedKernels, OfFlashAndCudnnNeedAmpere) {
  for (const auto& refuses : {flash_refuses_on, cudnn_refuses_on}) {
    for (const GpuTraits& gpu : {kAmpere, kHopper, kBlackwell}) {
      EXPECT_EQ(refuses(with(Dtype::bf16, 64, 4), gpu), std::nullopt) << gpu.major;
    }
    EXPECT_EQ(refuses(with(Dtype::fp16, 64, 4), kTuring),
              "its kernel needs compute capability 8.0, this GPU has 7.5");
  }
}

// cuDNN is asked for head dims over 128 on 9.0 alone, from its version 9.10 on.
TEST(FusedKernels, OfCudnnTakeAHeadDimByGpuAndVersion) {
  const MhaConfig d128 = with(Dtype::fp16, 256, 2);
  const MhaConfig d136 = with(Dtype::fp16, 272, 2);
  const MhaConfig d256 = with(Dtype::bf16, 512, 2);
  const MhaConfig d264 = with(Dtype::bf16, 528, 2);
  EXPECT_EQ(cudnn_refuses_on(d136, kHopper), std::nullopt);
  EXPECT_EQ(cudnn_refuses_on(d256, kHopper), std::nullopt);
  EXPECT_EQ(cudnn_refuses_on(d264, kHopper), "its kernel takes head dims up to 256, not 264");
  for (const GpuTraits& gpu : {kAmpere, kHopperOfOldCudnn, kBlackwell}) {
    EXPECT_EQ(cudnn_refuses_on(d128, gpu), std::nullopt) << gpu.major;
    EXPECT_EQ(cudnn_refuses_on(d136, gpu), "its kernel takes head dims up to 128, not 136")
        << gpu.major;
  }
}

TEST(FusedKernels, OfEfficientAttentionAreThereBeforeAmpereButForBf16) {
  EXPECT_EQ(efficient_refuses_on(with(Dtype::fp16, 64, 4), kTuring), std::nullopt);
  EXPECT_EQ(efficient_refuses_on(with(Dtype::fp32, 64, 4), kTuring), std::nullopt);
  EXPECT_EQ(efficient_refuses_on(with(Dtype::bf16, 64, 4), kTuring),
            "its kernel for bf16 needs compute capability 8.0, this GPU has 7.5");
  for (const Dtype dtype : {Dtype::fp32, Dtype::fp16, Dtype::bf16}) {
    EXPECT_EQ(efficient_refuses_on(with(dtype, 64, 4), kAmpere), std::nullopt);
  }
  EXPECT_EQ(efficient_refuses_on(with(Dtype::fp32, 60, 10), kTuring), std::nullopt)
      << "fp32 uses no tensor cores there, and any head dim";
  EXPECT_EQ(efficient_refuses_on(with(Dtype::fp16, 60, 5), kTuring),
            "its kernel takes head dims that are multiples of 8, not 12");
}

TEST(PinnedSdpa, TakesNoMaskInFlashOnCuda) {
  EXPECT_EQ(sdpa_refuses_on(pinned(SdpaBackend::flash), kHopper),
            "flash: its kernel takes no mask");
}

TEST(PinnedSdpa, OnTheCpuIsFlashOrMath) {
  EXPECT_EQ(sdpa_refuses_on(pinned(SdpaBackend::flash), kCpu), std::nullopt);
  EXPECT_EQ(sdpa_refuses_on(pinned(SdpaBackend::math), kCpu), std::nullopt);
  EXPECT_EQ(sdpa_refuses_on(pinned(SdpaBackend::efficient), kCpu),
            "efficient: its kernel runs on CUDA alone");
  EXPECT_EQ(sdpa_refuses_on(pinned(SdpaBackend::cudnn), kCpu),
            "cudnn: its kernel runs on CUDA alone");
}

TEST(PinnedSdpa, NamesTheBackEndThatRefuses) {
  EXPECT_EQ(sdpa_refuses_on(pinned(SdpaBackend::cudnn, Dtype::fp32), kHopper),
            "cudnn: its kernel takes fp16 and bf16, not fp32");
  EXPECT_EQ(native_layer_refuses_on(pinned(SdpaBackend::flash, Dtype::fp32), kHopper),
            "flash: its kernel takes fp16 and bf16, not fp32");
}

TEST(PinnedSdpa, IsOutOfTheNativeLayersReachInMathAndOnTheCpu) {
  EXPECT_EQ(native_layer_refuses_on(pinned(SdpaBackend::math), kHopper),
            "the native layer runs unfused code of its own in place of SDPA's math back end");
  EXPECT_EQ(native_layer_refuses_on(pinned(SdpaBackend::flash), kCpu),
            "the native layer does not go through SDPA on the CPU");
}

}  // namespace
}  // namespace mhabench::test
