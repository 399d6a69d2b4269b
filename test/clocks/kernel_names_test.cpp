#include "mhabench/clocks/kernel_names.h"

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace mhabench {
namespace {

// As CUPTI gives them for LibTorch 2.11, cuBLAS 13 and cuDNN 9 on Hopper.
constexpr std::string_view kFlash =
    "_ZN13pytorch_flash16flash_fwd_kernelI23Flash_fwd_kernel_traitsILi64ELi128ELi64ELi4ELb0ELb0EN7"
    "cutlass6half_tE19Flash_kernel_traitsILi64ELi128ELi64ELi4ES3_EELb0ELb0ELb0ELb0ELb0ELb0ELb0ELb0E"
    "EEvNS_16Flash_fwd_paramsE";
constexpr std::string_view kFlashSplit =
    "_ZN13pytorch_flash24flash_fwd_splitkv_kernelI23Flash_fwd_kernel_traitsILi128ELi64ELi128ELi4ELb"
    "0ELb0EN7cutlass10bfloat16_tE19Flash_kernel_traitsILi128ELi64ELi128ELi4ES3_EELb0ELb0ELb0ELb0ELb"
    "0ELb0ELb0ELb0EEEvNS_16Flash_fwd_paramsE";
constexpr std::string_view kEfficient =
    "_Z39fmha_cutlassF_f16_aligned_64x64_rf_sm80N22PyTorchMemEffAttention15AttentionKernelIN7cutlas"
    "s6half_tENS1_4arch4Sm80ELb1ELi64ELi64ELi64ELb1ELb1EE6ParamsE";
constexpr std::string_view kCudnn =
    "cudnn_generated_fort_native_sdpa_sm90_flash_fprop_wgmma_f16_knob_7_64x128x64_4x1x1_cga1x1x1_"
    "kernel0_0";
constexpr std::string_view kCudnnOpenSource =
    "cudnn_generated_oss_sdpa_sm90_flash_fprop_wgmma_f16_knob_7_64x128x128_4x1x1_cga1x1x1_kernel0_"
    "0";
constexpr std::string_view kRescale =
    "_ZN2at6native45_GLOBAL__N__d52b9d35_12_attention_cu_b3bc5ed233transform_bias_rescale_qkv_"
    "kernelIN3c104HalfEfLb0EEEvN5torch10headeronly6detail";
constexpr std::string_view kRescalePadded =
    "_ZN2at6native45_GLOBAL__N__d52b9d35_12_attention_cu_b3bc5ed245transform_bias_rescale_qkv_add_"
    "padding_kernelIN3c104HalfEfLb1EEEvN5torch10headeronly6detail";
constexpr std::string_view kSoftmax =
    "_ZN43_GLOBAL__N__b6de9c8c_10_SoftMax_cu_9f978f6320softmax_warp_forwardIN3c104HalfES2_fLi6ELb0E"
    "Lb0EEEvPT0_PKT_iiiPKbib";
constexpr std::string_view kMaskedSoftmax =
    "_ZN43_GLOBAL__N__b6de9c8c_10_SoftMax_cu_9f978f6320softmax_warp_forwardIN3c104HalfES2_fLi6ELb0E"
    "Lb1EEEvPT0_PKT_iiiPKbib";
constexpr std::string_view kLongSoftmax =
    "_ZN2at6native43_GLOBAL__N__b6de9c8c_10_SoftMax_cu_9f978f63L22cunn_SoftMaxForwardRegIN3c104Half"
    "EfS4_NS1_22SoftMaxForwardEpilogueElLi9EEEvPT1_PKT_T3_";
constexpr std::string_view kProduct = "nvjet_hsh_128x64_64x7_2x1_v_bz_TNT";
constexpr std::string_view kOlderProduct =
    "sm90_xmma_gemm_f16f16_f16f32_f32_tn_n_tilesize128x128x64_warpgroupsize1x1x1_execute_segment_k_"
    "off_kernel__5x_cublas";
constexpr std::string_view kCopy =
    "_ZN2at6native29vectorized_elementwise_kernelILi4ENS0_15CUDAFunctor_addIfEESt5arrayIPcLm2EEEEvi"
    "T0_T1_";

struct Case {
  std::string name;
  std::vector<std::string_view> kernels;
  std::optional<Backend> backend;
};

// As gtest prints it in place of its bytes.
void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

class BackendTest : public ::testing::TestWithParam<Case> {};

TEST_P(BackendTest, IsToldByItsKernels) {
  EXPECT_EQ(backend_of(GetParam().kernels), GetParam().backend);
}

TEST_P(BackendTest, IsToldByTheirDemangledNames) {
  std::vector<std::string> plain;
  for (const std::string_view kernel : GetParam().kernels) {
    plain.push_back(demangled(std::string(kernel)));
  }
  EXPECT_EQ(backend_of({plain.begin(), plain.end()}), GetParam().backend);
}

TEST_P(BackendTest, IsTheSameInWhateverOrderTheyRan) {
  std::vector<std::string_view> kernels = GetParam().kernels;
  std::reverse(kernels.begin(), kernels.end());
  EXPECT_EQ(backend_of(kernels), GetParam().backend);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BackendTest,
    ::testing::Values(
        Case{"nested", {kProduct, kCopy, kFlash, kProduct}, Backend::flash},
        Case{"nested_split", {kProduct, kFlashSplit, kProduct}, Backend::flash},
        Case{"masked_fp32", {kCopy, kProduct, kCopy, kEfficient, kProduct}, Backend::efficient},
        Case{"masked_fp16", {kCopy, kProduct, kCopy, kCudnn, kCopy, kProduct}, Backend::cudnn},
        Case{"frontend_of_cudnn", {kCudnnOpenSource}, Backend::cudnn},
        Case{"dense_with_mask",
             {kProduct, kRescale, kProduct, kMaskedSoftmax, kProduct, kProduct},
             Backend::legacy},
        Case{"nested_unfused",
             {kProduct, kRescalePadded, kProduct, kSoftmax, kProduct, kProduct},
             Backend::legacy},
        Case{"frontend",
             {kOlderProduct, kCopy, kOlderProduct, kSoftmax, kOlderProduct},
             Backend::math},
        Case{"frontend_long", {kProduct, kProduct, kLongSoftmax, kProduct}, Backend::math},
        Case{"flash_beside_a_softmax", {kSoftmax, kFlash}, Backend::flash},
        Case{"products_alone", {kProduct, kOlderProduct, kCopy}, std::nullopt},
        Case{"nothing", {}, std::nullopt}),
    [](const auto& test) { return test.param.name; });

TEST(BackendTest, HasTheNameOfTheResults) {
  EXPECT_EQ(name_of(Backend::flash), "flash");
  EXPECT_EQ(name_of(Backend::efficient), "efficient");
  EXPECT_EQ(name_of(Backend::cudnn), "cudnn");
  EXPECT_EQ(name_of(Backend::legacy), "legacy");
  EXPECT_EQ(name_of(Backend::math), "math");
}

TEST(DemangledTest, KernelsReadAsTheirSource) {
  EXPECT_EQ(demangled("_ZN2at4cuda40_GLOBAL__N__758183f4_8_Sleep_cu_088d913f11spin_kernelEl"),
            "at::cuda::(anonymous namespace)::spin_kernel(long)");
  const std::string flash = demangled(std::string(kFlash));
  EXPECT_TRUE(flash.starts_with("void pytorch_flash::flash_fwd_kernel<Flash_fwd_kernel_traits<64,"))
      << flash;
}

TEST(DemangledTest, PlainNamesStayAsTheyAre) {
  for (const std::string name : {"", "f", "i", "nvjet_hsh_128x64", "memcpy HtoD", "_Znonsense"}) {
    EXPECT_EQ(demangled(name), name);
  }
}

}  // namespace
}  // namespace mhabench
