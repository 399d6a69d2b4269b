#include "mhabench/device/device.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>
#include <regex>
#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/version.h>

#include "mhabench/base/error.h"
#include "support/devices.h"
#include "support/errors.h"

namespace mhabench {
namespace {

using Kind = DeviceRequest::Kind;

constexpr DeviceRequest kAutomatic{Kind::automatic, std::nullopt};
constexpr DeviceRequest kCpu{Kind::cpu, std::nullopt};
constexpr DeviceRequest kCuda{Kind::cuda, std::nullopt};

const CudaState kNone{0, false, "no NVIDIA GPU is seen"};
const CudaState kBroken{0, true, "its driver supports CUDA 11.4, LibTorch needs 13.0"};
const CudaState kTwo{2, true, ""};

DeviceRequest cuda_at(int index) { return {Kind::cuda, index}; }

std::string refusal(const DeviceRequest& request, const CudaState& cuda) {
  return test::message_of<InputError>([&] { return choose_device(request, cuda); });
}

TEST(ChooseDeviceTest, AutomaticTakesTheFirstGpuWithoutAWord) {
  const DeviceChoice choice = choose_device(kAutomatic, kTwo);
  EXPECT_EQ(choice.device, c10::Device(c10::kCUDA, 0));
  EXPECT_EQ(choice.notice, "");
}

TEST(ChooseDeviceTest, AutomaticWithoutAGpuTakesTheCpuAndSaysSo) {
  const DeviceChoice choice = choose_device(kAutomatic, kNone);
  EXPECT_EQ(choice.device, c10::Device(c10::kCPU));
  EXPECT_EQ(choice.notice, "no NVIDIA GPU is seen; running on the CPU");
}

TEST(ChooseDeviceTest, AutomaticWithAGpuThatCannotBeUsedTellsTheReason) {
  const DeviceChoice choice = choose_device(kAutomatic, kBroken);
  EXPECT_EQ(choice.device, c10::Device(c10::kCPU));
  EXPECT_EQ(choice.notice,
            "a GPU is seen but cannot be used: its driver supports CUDA 11.4, LibTorch needs 13.0; "
            "running on the CPU");
}

TEST(ChooseDeviceTest, TheCpuThatWasAskedForNeedsNoWord) {
  for (const CudaState& cuda : {kNone, kBroken, kTwo}) {
    const DeviceChoice choice = choose_device(kCpu, cuda);
    EXPECT_EQ(choice.device, c10::Device(c10::kCPU));
    EXPECT_EQ(choice.notice, "");
  }
}

TEST(ChooseDeviceTest, AGpuThatWasAskedForIsTaken) {
  EXPECT_EQ(choose_device(kCuda, kTwo).device, c10::Device(c10::kCUDA, 0));
  EXPECT_EQ(choose_device(cuda_at(0), kTwo).device, c10::Device(c10::kCUDA, 0));
  EXPECT_EQ(choose_device(cuda_at(1), kTwo).device, c10::Device(c10::kCUDA, 1));
  EXPECT_EQ(choose_device(cuda_at(1), kTwo).notice, "");
}

TEST(ChooseDeviceTest, AGpuThatWasAskedForNeverBecomesTheCpu) {
  EXPECT_EQ(refusal(kCuda, kNone), "--device=cuda: no NVIDIA GPU is seen");
  EXPECT_EQ(refusal(cuda_at(1), kBroken),
            "--device=cuda: a GPU is seen but cannot be used: its driver supports CUDA 11.4, "
            "LibTorch needs 13.0");
}

TEST(ChooseDeviceTest, AnIndexBeyondTheLastIsRefused) {
  EXPECT_EQ(refusal(cuda_at(2), kTwo),
            "--device=cuda:2: there is no such device (0 to 1 can be used)");
}

// What this machine has is not known here, but the parts of the answer must fit.
TEST(ProbeCudaTest, TheAnswerFitsItself) {
  const CudaState cuda = probe_cuda();
  EXPECT_GE(cuda.devices, 0);
  EXPECT_EQ(cuda.reason.empty(), cuda.devices > 0) << cuda.reason;
  EXPECT_TRUE(cuda.gpu_seen || cuda.devices == 0);
  EXPECT_EQ(cuda.reason.find('\n'), std::string::npos) << cuda.reason;
  EXPECT_TRUE(cuda.gpu_seen || !cuda.reason.empty());
}

// LibTorch must find CUDA as usable, or as unusable, as the probe says.
TEST(ProbeCudaTest, AgreesWithLibTorch) { EXPECT_EQ(probe_cuda().devices > 0, at::hasCUDA()); }

TEST(DeviceNameTest, IsTheRows) {
  EXPECT_EQ(device_name(c10::Device(c10::kCPU)), "cpu");
  EXPECT_EQ(device_name(c10::Device(c10::kCUDA, 3)), "cuda:3");
}

TEST(DescribeTest, ACpuHasANameAndNothingOfAGpu) {
  const DeviceInfo info = describe(c10::Device(c10::kCPU));
  EXPECT_EQ(info.name, cpu_model());
  EXPECT_FALSE(info.uuid || info.driver || info.compute_capability || info.index ||
               info.multiprocessors || info.memory_bytes || info.l2_bytes ||
               info.power_limit_watts);
}

TEST(DescribeTest, TheCpusNameIsOneLineOfText) {
  const std::string model = cpu_model();
  EXPECT_FALSE(model.empty());
  EXPECT_TRUE(std::all_of(model.begin(), model.end(), [](unsigned char c) {
    return std::isprint(c) != 0;
  })) << model;
}

TEST(DescribeTest, AGovernorThatIsKnownIsAWord) {
  const auto governor = cpu_governor();
  if (!governor) GTEST_SKIP() << "the kernel does not tell the governor";
  EXPECT_TRUE(std::regex_match(*governor, std::regex("[a-z_]+"))) << *governor;
}

TEST(DescribeTest, AGpuHasAllThatCudaTells) {
  const c10::Device cuda = test::all_devices().back();
  if (const auto reason = test::cannot_use(cuda)) GTEST_SKIP() << *reason;
  const DeviceInfo info = describe(cuda);
  EXPECT_NE(info.name, "");
  EXPECT_TRUE(std::regex_match(
      info.uuid.value(),
      std::regex("GPU-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")))
      << *info.uuid;
  EXPECT_TRUE(std::regex_match(info.compute_capability.value(), std::regex("[0-9]+\\.[0-9]")))
      << *info.compute_capability;
  EXPECT_EQ(info.index, 0);
  EXPECT_GT(info.multiprocessors.value(), 0);
  EXPECT_GT(info.memory_bytes.value(), std::int64_t{1} << 30);
  EXPECT_GT(info.l2_bytes.value(), 0);
}

TEST(VersionsTest, AreDigitsAndDots) {
  const Versions found = versions();
  EXPECT_EQ(found.torch, TORCH_VERSION);
  const std::regex version("[0-9]+(\\.[0-9]+)+");
  for (const auto& text : {found.cuda, found.cublas, found.cudnn}) {
    EXPECT_TRUE(!text || std::regex_match(*text, version)) << *text;
  }
  EXPECT_EQ(found.cuda.has_value(), MHABENCH_WITH_CUDA == 1);
}

using DeviceStateTest = test::DeviceTest;

TEST_P(DeviceStateTest, HasMemoryLeft) { EXPECT_GT(free_memory(GetParam()), 1U << 20); }

TEST_P(DeviceStateTest, MemoryThatIsTakenIsNotFree) {
  if (GetParam().is_cpu()) GTEST_SKIP() << "other programs take and free the CPU's memory too";
  constexpr std::int64_t kBytes = std::int64_t{256} << 20;
  const std::size_t before = free_memory(GetParam());
  if (before < 4 * static_cast<std::size_t>(kBytes)) GTEST_SKIP() << "too little memory is free";
  const at::Tensor taken =
      at::ones({kBytes}, at::TensorOptions().device(GetParam()).dtype(at::kByte));
  const std::size_t after = free_memory(GetParam());
  // Half, since the allocator may have held some of it already.
  EXPECT_LT(after + static_cast<std::size_t>(taken.numel()) / 2, before);
}

TEST_P(DeviceStateTest, WorkIsDoneAfterSynchronizing) {
  use_device(GetParam());
  const at::Tensor ones = at::ones({64, 64}, at::TensorOptions().device(GetParam()));
  const at::Tensor product = ones.mm(ones);
  ASSERT_NO_THROW(synchronize(GetParam()));
  EXPECT_EQ(product.sum().item<float>(), 64 * 64 * 64);
}

INSTANTIATE_TEST_SUITE_P(Devices, DeviceStateTest, ::testing::ValuesIn(test::all_devices()),
                         test::device_test_name);

}  // namespace
}  // namespace mhabench
