#include <exception>
#include <limits>
#include <memory>
#include <utility>

#include <ATen/ATen.h>

#if MHABENCH_WITH_CUDA
#include <ATen/cuda/MemPool.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include "mhabench/device/memory.h"
#endif

#include "mhabench/base/text.h"
#include "mhabench/paths/path_table.h"

namespace mhabench {
namespace {

#if MHABENCH_WITH_CUDA

using Call = std::function<at::Tensor()>;

// One for all graphs: the libraries keep a workspace, and the allocator free blocks, for each
// stream.
c10::cuda::CUDAStream side_stream(c10::DeviceIndex device) {
  static std::vector<std::pair<c10::DeviceIndex, c10::cuda::CUDAStream>> streams;
  for (const auto& [index, stream] : streams) {
    if (index == device) return stream;
  }
  return streams.emplace_back(device, c10::cuda::getStreamFromPool(false, device)).second;
}

// A private pool of the allocator: what a graph writes between its nodes and gives back stays where
// it was captured. Freed for good once nothing lies in it.
class GraphMemory {
 public:
  explicit GraphMemory(c10::DeviceIndex device) : device_(device) {}
  // Giving memory back fails on a lost device, where it is lost too; the row that found that out is
  // to be kept, and an exception out of here would end the process.
  ~GraphMemory() {
    if (!used_) return;
    try {
      c10::cuda::CUDACachingAllocator::releasePool(device_, id_);
      c10::cuda::CUDACachingAllocator::emptyCache(id_);
    } catch (const std::exception& error) {
      TORCH_WARN("a CUDA graph's memory is not given back: ", first_line(error.what()));
    }
  }
  GraphMemory(const GraphMemory&) = delete;
  GraphMemory& operator=(const GraphMemory&) = delete;

  void begin(cudaStream_t stream) {
    c10::cuda::CUDACachingAllocator::beginAllocateToPool(
        device_, id_, [stream](cudaStream_t asking) { return asking == stream; });
    used_ = true;
  }
  void end() { c10::cuda::CUDACachingAllocator::endAllocateToPool(device_, id_); }

 private:
  c10::DeviceIndex device_;
  c10::MempoolId_t id_ = at::cuda::MemPool::graph_pool_handle();
  bool used_ = false;
};

// The capture of a stream; ended, and what it left in CUDA's error state dropped, whatever happens.
class Capture {
 public:
  Capture(cudaStream_t stream, GraphMemory& memory) : stream_(stream), memory_(memory) {
    memory_.begin(stream);
    const cudaError_t begun = cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal);
    if (begun != cudaSuccess) {
      memory_.end();
      C10_CUDA_CHECK(begun);
    }
  }
  ~Capture() {
    if (!open_) return;
    cudaGraph_t graph = nullptr;
    end(graph);
    if (graph != nullptr) cudaGraphDestroy(graph);
    static_cast<void>(cudaGetLastError());
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  cudaGraph_t finish() {
    cudaGraph_t graph = nullptr;
    C10_CUDA_CHECK(end(graph));
    return graph;
  }

 private:
  cudaError_t end(cudaGraph_t& graph) {
    open_ = false;
    const cudaError_t ended = cudaStreamEndCapture(stream_, &graph);
    memory_.end();
    return ended;
  }

  cudaStream_t stream_;
  GraphMemory& memory_;
  bool open_ = true;
};

// A call as a graph, and the output that each replay writes.
class CapturedCall {
 public:
  CapturedCall(c10::DeviceIndex device, const Call& call) : memory_(device) {
    const c10::cuda::CUDAGuard on_device(device);
    const MemoryPeak peak_of_warm_up(c10::Device(c10::kCUDA, device));
    warm_up(device, call);  // a call that fails of itself fails as the eager path does
    bytes_ -= peak_of_warm_up.kept_bytes().value();
    capture_or_say_why_not(device, call);
    // An output that no node writes is then found by the check.
    output_.fill_(std::numeric_limits<double>::quiet_NaN());
  }
  ~CapturedCall() {
    if (graph_ != nullptr) C10_CUDA_CHECK_WARN(cudaGraphExecDestroy(graph_));
    output_.reset();
  }
  CapturedCall(const CapturedCall&) = delete;
  CapturedCall& operator=(const CapturedCall&) = delete;

  /// As PreparedCall::graph_bytes.
  std::int64_t bytes() const { return bytes_; }

  at::Tensor replay() const {
    C10_CUDA_CHECK(cudaGraphLaunch(graph_, c10::cuda::getCurrentCUDAStream().stream()));
    return output_;
  }

 private:
  // What libraries make once for a shape or a stream they may not make during a capture.
  static void warm_up(c10::DeviceIndex device, const Call& call) {
    constexpr int kCalls = 2;
    c10::cuda::device_synchronize();
    {
      const c10::cuda::CUDAStreamGuard on_side(side_stream(device));
      for (int i = 0; i < kCalls; ++i) call();
    }
    c10::cuda::device_synchronize();
  }

  // What has just run and cannot now is what a graph cannot hold, unless memory ran out.
  void capture_or_say_why_not(c10::DeviceIndex device, const Call& call) {
    try {
      instantiate(capture(device, call));
    } catch (const c10::OutOfMemoryError&) {
      throw;
    } catch (const c10::Error& error) {
      throw Unsupported("no CUDA graph can hold it: " + first_line(error.what_without_backtrace()));
    }
  }

  void instantiate(cudaGraph_t graph) {
    const cudaError_t made = cudaGraphInstantiate(&graph_, graph, 0);
    C10_CUDA_CHECK_WARN(cudaGraphDestroy(graph));
    C10_CUDA_CHECK(made);
  }

  cudaGraph_t capture(c10::DeviceIndex device, const Call& call) {
    const c10::cuda::CUDAStreamGuard on_side(side_stream(device));
    const MemoryPeak peak(c10::Device(c10::kCUDA, device));
    Capture capture(side_stream(device).stream(), memory_);
    output_ = call();
    cudaGraph_t graph = capture.finish();
    bytes_ += peak.bytes().value() - peak.kept_bytes().value();
    return graph;
  }

  GraphMemory memory_;  // outlives what lies in it
  cudaGraphExec_t graph_ = nullptr;
  at::Tensor output_;
  std::int64_t bytes_ = 0;
};

PreparedCall prepare_graph(const Path::Prepare& prepare_fixed, const MhaConfig& config,
                           const Inputs& inputs, const Weights& weights) {
  PreparedCall call = prepare_fixed(config, inputs, weights);
  const auto graph = std::make_shared<CapturedCall>(inputs.packed.device().index(), call.run);
  // The graph reads what belongs to the call that it was captured from.
  call.graph_bytes = graph->bytes();
  call.run = [graph, eager = std::move(call.run)] { return graph->replay(); };
  return call;
}

#else

PreparedCall prepare_graph(const Path::Prepare&, const MhaConfig&, const Inputs&, const Weights&) {
  throw Unsupported("this LibTorch has no CUDA");
}

#endif

std::optional<Executes> executes_in_graph(std::optional<Executes> eager) {
  return eager == Executes::packed ? Executes::packed_room : eager;
}

}  // namespace

Path graph_path(const Path& eager) {
  Path path;
  path.name = eager.name + "_graph";
  path.summary = eager.name + " captured in a CUDA graph: the GPU's part of it alone";
  path.unsupported = [unsupported = eager.unsupported](
                         const MhaConfig& config,
                         c10::Device device) -> std::optional<std::string> {
    if (!device.is_cuda()) return "a CUDA graph needs a GPU";
    return unsupported(config, device);
  };
  path.prepare = [prepare_fixed = eager.prepare_fixed](
                     const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
    return prepare_graph(prepare_fixed, config, inputs, weights);
  };
  path.refuses_sdpa = eager.refuses_sdpa;
  path.executes = executes_in_graph(eager.executes);
  return path;
}

}  // namespace mhabench
