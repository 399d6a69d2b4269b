#include "mhabench/clocks/canary.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <c10/core/InferenceMode.h>

#include "mhabench/base/statistics.h"
#include "mhabench/clocks/event_clock.h"

namespace mhabench {
namespace {

constexpr std::int64_t kGpuOrder = 4096;
constexpr std::int64_t kCpuOrder = 512;
constexpr std::int64_t kGpuProducts = 25;
constexpr std::int64_t kCpuProducts = 5;

// As inputs have them: a GPU draws less power on constants and then clocks higher.
at::Tensor values(std::int64_t order, c10::Device device) {
  at::Generator generator = at::globalContext().defaultGenerator(device).clone();
  const at::ScalarType type = device.is_cpu() ? at::kFloat : at::kHalf;
  return at::empty({order, order}, at::device(device).dtype(type)).normal_(0, 1, generator);
}

}  // namespace

Canary::Canary(c10::Device device)
    : device_(device), products_(device.is_cpu() ? kCpuProducts : kGpuProducts) {
  const c10::InferenceMode inference;
  const std::int64_t order = device.is_cpu() ? kCpuOrder : kGpuOrder;
  a_ = values(order, device);
  b_ = values(order, device);
  out_ = at::empty_like(a_);
}

double Canary::time_us() {
  const c10::InferenceMode inference;
  const auto product = [this] { return at::mm_out(out_, a_, b_); };
  time_batch(device_, product, products_);
  return median(time_batch(device_, product, products_, products_).sample_us);
}

}  // namespace mhabench
