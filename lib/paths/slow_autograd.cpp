#include "mhabench/paths/slow_autograd.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "mhabench/paths/kernels.h"
#include "mhabench/paths/padded.h"
#include "mhabench/paths/slow.h"

namespace mhabench {
namespace {

using PreparePadded = PreparedCall (*)(const Inputs&, Masking,
                                       std::function<at::Tensor(const PaddedBatch&)>);

// The same memory as a tensor that autograd may keep, which one made in inference mode is not.
at::Tensor recordable(const at::Tensor& tensor) {
  const c10::InferenceMode recording(false);
  return at::from_blob(
      tensor.data_ptr(), tensor.sizes(), tensor.strides(), [tensor](void*) {}, tensor.options());
}

}  // namespace

Weights as_parameters(const Weights& weights) {
  const auto parameter = [](const at::Tensor& tensor) {
    return recordable(tensor).requires_grad_(true);
  };
  return {parameter(weights.in_proj_weight), parameter(weights.in_proj_bias),
          parameter(weights.out_proj_weight), parameter(weights.out_proj_bias)};
}

namespace {

PreparedCall prepare_with(PreparePadded prepare_batch, const MhaConfig& config,
                          const Inputs& inputs, const Weights& weights) {
  const c10::InferenceMode recording(false);
  Inputs batch = inputs;
  batch.padded = recordable(inputs.padded);
  batch.key_padding_mask = recordable(inputs.key_padding_mask);
  PreparedCall call = prepare_batch(
      batch, Masking::key_padding,
      [parameters = as_parameters(weights), heads = config.heads](const PaddedBatch& b) {
        return slow_mha(b.padded, b.key_padding_mask, parameters, heads).detach();
      });
  call.run = [run = std::move(call.run)] {
    const c10::InferenceMode recording_call(false);
    return run();
  };
  call.pack = [pack = std::move(call.pack)](const at::Tensor& padded,
                                            const std::vector<std::int64_t>& lengths) {
    const c10::InferenceMode recording_call(false);
    pack(recordable(padded), lengths);
  };
  return call;
}

std::optional<std::string> unsupported(const MhaConfig&, c10::Device) { return std::nullopt; }

PreparedCall prepare(const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
  return prepare_with(prepare_padded, config, inputs, weights);
}

PreparedCall prepare_fixed(const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
  return prepare_with(prepare_padded_fixed, config, inputs, weights);
}

std::optional<std::string> refuses_sdpa(const MhaConfig& config, c10::Device device) {
  return sdpa_refuses(config, device, /*masked=*/true);
}

}  // namespace

Path slow_autograd_path() {
  return {"slow_autograd", "the slow path as PyTorch's script times it, with gradients recorded",
          unsupported,     prepare,
          prepare_fixed,   refuses_sdpa,
          Executes::padded};
}

}  // namespace mhabench
