#include "mhabench/clocks/kernel_trace.h"

#include <exception>
#include <utility>

#include <ATen/ATen.h>

#include "mhabench/clocks/cupti.h"
#include "mhabench/device/device.h"

#if MHABENCH_WITH_CUDA
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#endif

namespace mhabench {

#if MHABENCH_WITH_CUDA
namespace {

// A call that throws leaves those before it at work, whose records would be the next trace's.
class IdleInTheEnd {
 public:
  explicit IdleInTheEnd(c10::Device device) : device_(device) {}
  ~IdleInTheEnd() {
    try {
      synchronize(device_);
    } catch (const std::exception&) {
      // A lost device, which the exception on its way tells of.
    }
  }
  IdleInTheEnd(const IdleInTheEnd&) = delete;
  IdleInTheEnd& operator=(const IdleInTheEnd&) = delete;

 private:
  c10::Device device_;
};

}  // namespace

KernelTracer::KernelTracer(c10::Device device) : device_(device) {
  if (!device.is_cuda()) {
    unavailable_ = "the CPU runs no kernels";
    return;
  }
  unavailable_ = cupti::unavailable();
  if (unavailable_) return;
  marker_ = at::empty({static_cast<std::int64_t>(cupti::kMarkerBytes)},
                      at::TensorOptions().device(device).dtype(at::kByte));
  KernelTrace nothing = trace_once({}, 0, Between::nothing);
  if (!nothing.problem.empty()) unavailable_ = std::move(nothing.problem);
}

KernelTrace KernelTracer::trace_once(const std::function<at::Tensor()>& call, std::int64_t calls,
                                     Between between) {
  const c10::cuda::CUDAGuard guard(device_);
  synchronize(device_);
  try {
    cupti::Collection collection;
    const IdleInTheEnd idle(device_);
    mark(between);
    for (std::int64_t i = 0; i < calls; ++i) {
      call();
      mark(between);
    }
    synchronize(device_);
    return tell_calls_apart(collection.finish(), calls);
  } catch (const cupti::Error& error) {
    return {{}, error.what()};
  }
}

// A memory set on the current stream.
void KernelTracer::mark(Between between) {
  if (between == Between::idleness) synchronize(device_);
  const auto stream = c10::cuda::getCurrentCUDAStream(device_.index());
  C10_CUDA_CHECK(cudaMemsetAsync(marker_.data_ptr(), 0, cupti::kMarkerBytes, stream));
  if (between == Between::idleness) synchronize(device_);
}

#else

KernelTracer::KernelTracer(c10::Device device) : device_(device) {
  unavailable_ = "the CPU runs no kernels";
}

KernelTrace KernelTracer::trace_once(const std::function<at::Tensor()>&, std::int64_t, Between) {
  return {};
}

#endif

KernelTrace KernelTracer::trace(const std::function<at::Tensor()>& call, std::int64_t calls) {
  if (unavailable_) return {{}, *unavailable_};
  KernelTrace first = trace_once(call, calls, Between::nothing);
  return first.problem.empty() ? first : trace_once(call, calls, Between::idleness);
}

}  // namespace mhabench
