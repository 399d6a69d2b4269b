#include "mhabench/check/poison.h"

#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/batches.h"
#include "support/devices.h"

namespace mhabench::test {
namespace {

class PoisonOnDevice : public DeviceTest {};

TEST_P(PoisonOnDevice, ShowsInMemoryThatIsNotWritten) {
  for (const Dtype dtype : all_dtypes()) {
    const auto options = at::TensorOptions().device(GetParam()).dtype(scalar_type(dtype));
    for (const std::int64_t elements : {64, 100'000, 4'000'000}) {
      { const at::Tensor primes_the_allocator = at::zeros({elements}, options); }
      const PoisonedMemory poisoned(GetParam());
      const at::Tensor unwritten = at::empty({elements}, options);
      EXPECT_GE(unwritten.isnan().sum().item<std::int64_t>(), elements / 2) << elements;
    }
  }
}

TEST_P(PoisonOnDevice, LeavesWhatIsHeldAlone) {
  const at::Tensor held = at::ones({100'000}, at::TensorOptions().device(GetParam()));
  { const at::Tensor primes_the_allocator = at::zeros_like(held); }
  { const PoisonedMemory poisoned(GetParam()); }
  EXPECT_TRUE(held.eq(1).all().item<bool>());
}

TEST_P(PoisonOnDevice, ShowsInAllThatIsAllocatedWithinItsBound) {
  constexpr std::int64_t kBytes = 8 << 20;
  const auto options = at::TensorOptions().device(GetParam()).dtype(at::kFloat);
  const auto unwritten = [&](std::int64_t bytes) { return at::empty({bytes / 4}, options); };
  { const at::Tensor primes_the_allocator = unwritten(16 * kBytes); }
  const PoisonedMemory poisoned(GetParam(), 7 * kBytes);
  at::Tensor first = unwritten(kBytes);
  const at::Tensor second = unwritten(2 * kBytes);
  first.reset();
  const at::Tensor third = unwritten(4 * kBytes);  // does not fit where the first was
  EXPECT_TRUE(second.isnan().all().item<bool>());
  EXPECT_TRUE(third.isnan().all().item<bool>());
}

// Whichever of several free blocks the allocator takes.
TEST_P(PoisonOnDevice, ShowsWhateverFreeBlockIsTaken) {
  constexpr std::int64_t kBytes = 4 << 20;
  const auto options = at::TensorOptions().device(GetParam()).dtype(at::kFloat);
  const auto unwritten = [&](std::int64_t bytes) { return at::empty({bytes / 4}, options); };
  {
    std::vector<at::Tensor> primes_the_allocator;
    for (const std::int64_t times : {40, 3, 12, 5, 30, 8}) {
      primes_the_allocator.push_back(unwritten(times * kBytes).zero_());
    }
  }
  const PoisonedMemory poisoned(GetParam(), 20 * kBytes);
  std::vector<at::Tensor> held;
  for (const std::int64_t times : {2, 7, 1, 5, 4}) held.push_back(unwritten(times * kBytes));
  // Looking at one allocates, so all come first.
  for (const at::Tensor& tensor : held) {
    EXPECT_TRUE(tensor.isnan().all().item<bool>()) << tensor.nbytes();
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, PoisonOnDevice, ::testing::ValuesIn(all_devices()),
                         device_test_name);

}  // namespace
}  // namespace mhabench::test
