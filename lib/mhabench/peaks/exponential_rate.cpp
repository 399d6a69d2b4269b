#include "mhabench/peaks/exponential_rate.h"

#include <algorithm>
#include <stdexcept>

#if MHABENCH_WITH_CUDA
#include <array>
#include <dlfcn.h>

#include <ATen/ATen.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda.h>
#include <cuda_runtime_api.h>

#include "mhabench/clocks/event_clock.h"
#endif

namespace mhabench {
namespace {

// Enough chains to cover the latency of an exponential, and enough of them a round to make the
// loop's own instructions few.
constexpr int kChains = 8;
constexpr int kPerChain = 4;

std::string chain(int index) { return "%x" + std::to_string(index); }

// x becomes 2^-x, which stays finite from whatever it starts. The sign is part of the instruction.
std::string round_of_exponentials() {
  std::string text;
  for (int i = 0; i < kPerChain; ++i) {
    for (int c = 0; c < kChains; ++c) {
      text += "neg.f32 " + chain(c) + ", " + chain(c) + ";\n";
      text += "ex2.approx.ftz.f32 " + chain(c) + ", " + chain(c) + ";\n";
    }
  }
  return text;
}

// Every chain starts at another value, or the compiler would make one of them.
std::string start_of_chains() {
  std::string text;
  for (int c = 0; c < kChains; ++c) {
    text += "add.u32 %start, %index, " + std::to_string(c) + ";\n";
    text += "cvt.rn.f32.u32 " + chain(c) + ", %start;\n";
  }
  return text;
}

// What nobody reads the compiler would leave out.
std::string sum_of_chains() {
  std::string text;
  for (int c = 1; c < kChains; ++c) {
    text += "add.f32 " + chain(0) + ", " + chain(0) + ", " + chain(c) + ";\n";
  }
  return text;
}

}  // namespace

std::string exponential_ptx() {
  return R"(.version 7.0
.target sm_70
.address_size 64
.visible .entry exponentials(.param .u64 out, .param .u32 rounds)
{
.reg .pred %more;
.reg .b32 %left, %index, %block, %width, %start;
.reg .b64 %to, %offset;
.reg .f32 %x<)" +
         std::to_string(kChains) + R"(>;
ld.param.u64 %to, [out];
cvta.to.global.u64 %to, %to;
ld.param.u32 %left, [rounds];
mov.u32 %index, %tid.x;
mov.u32 %block, %ctaid.x;
mov.u32 %width, %ntid.x;
mad.lo.u32 %index, %block, %width, %index;
)" + start_of_chains() +
         "again:\n" + round_of_exponentials() + R"(sub.u32 %left, %left, 1;
setp.ne.u32 %more, %left, 0;
@%more bra again;
)" + sum_of_chains() +
         R"(mul.wide.u32 %offset, %index, 4;
add.u64 %to, %to, %offset;
st.global.f32 [%to], %x0;
ret;
}
)";
}

#if MHABENCH_WITH_CUDA

namespace {

void check_driver(CUresult status, const char* what) {
  if (status == CUDA_SUCCESS) return;
  throw std::runtime_error(std::string(what) + ": CUDA error " + std::to_string(status));
}

// A function of the driver, which is loaded with the runtime and is linked by nobody.
template <typename Function>
Function* driver_function(const char* name) {
  static void* const library = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
  void* const found = library == nullptr ? nullptr : dlsym(library, name);
  if (found == nullptr) throw std::runtime_error(std::string("the driver has no ") + name);
  return reinterpret_cast<Function*>(found);
}

// The kernel, compiled for the current device.
class ExponentialKernel {
 public:
  ExponentialKernel()
      : launch_(driver_function<decltype(cuLaunchKernel)>("cuLaunchKernel")),
        unload_(driver_function<decltype(cuModuleUnload)>("cuModuleUnload")) {
    const auto load = driver_function<decltype(cuModuleLoadData)>("cuModuleLoadData");
    const auto find = driver_function<decltype(cuModuleGetFunction)>("cuModuleGetFunction");
    check_driver(load(&module_, exponential_ptx().c_str()), "cuModuleLoadData");
    const CUresult found = find(&function_, module_, "exponentials");
    if (found != CUDA_SUCCESS) unload_(module_);
    check_driver(found, "cuModuleGetFunction");
  }
  ~ExponentialKernel() { unload_(module_); }
  ExponentialKernel(const ExponentialKernel&) = delete;
  ExponentialKernel& operator=(const ExponentialKernel&) = delete;

  // `out` holds a float for each of blocks * threads.
  void launch(float* out, unsigned blocks, unsigned threads, unsigned rounds) const {
    std::array<void*, 2> arguments{&out, &rounds};
    check_driver(launch_(function_, blocks, 1, 1, threads, 1, 1, 0,
                         c10::cuda::getCurrentCUDAStream().stream(), arguments.data(), nullptr),
                 "cuLaunchKernel");
  }

 private:
  decltype(cuLaunchKernel)* launch_;
  decltype(cuModuleUnload)* unload_;
  CUmodule module_ = nullptr;
  CUfunction function_ = nullptr;
};

unsigned multiprocessors(c10::Device device) {
  int count = 0;
  C10_CUDA_CHECK(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device.index()));
  return static_cast<unsigned>(count);
}

}  // namespace

double measured_exponential_rate(c10::Device device) {
  constexpr unsigned kThreads = 256;
  constexpr unsigned kBlocksPerMultiprocessor = 8;  // all the threads that one holds
  constexpr unsigned kRounds = 512;                 // 1 ms at 16 a clock and multiprocessor
  constexpr int kLaunches = 10;
  constexpr double kMicroseconds = 1e6;
  if (!device.is_cuda()) throw std::runtime_error("the device is no GPU");
  const unsigned blocks = kBlocksPerMultiprocessor * multiprocessors(device);
  const at::Tensor out = at::empty({static_cast<std::int64_t>(blocks) * kThreads},
                                   at::device(device).dtype(at::kFloat));
  const ExponentialKernel kernel;
  const auto launch = [&] {
    kernel.launch(out.data_ptr<float>(), blocks, kThreads, kRounds);
    return out;
  };
  time_batch(device, launch, 1);  // to load it
  const TimedBatch batch = time_batch(device, launch, kLaunches, kLaunches);
  const double exponentials = static_cast<double>(out.numel()) * kRounds * kChains * kPerChain;
  return exponentials / *std::ranges::min_element(batch.sample_us) * kMicroseconds;
}

#else

double measured_exponential_rate(c10::Device) {
  throw std::runtime_error("this LibTorch was built without CUDA");
}

#endif

}  // namespace mhabench
