#include <utility>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "mhabench/paths/path_table.h"

namespace mhabench {
namespace {

// What `prepare` makes ready, outside of inference mode then and in each call. variable_data()
// detaches as no operator that a call would have to pay for.
Path::Prepare recording(const Path::Prepare& prepare) {
  return [prepare](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
    const c10::InferenceMode records(false);
    PreparedCall call = prepare(config, inputs, weights);
    call.run = [run = std::move(call.run)] {
      const c10::InferenceMode call_records(false);
      return at::Tensor(run().variable_data());
    };
    return call;
  };
}

}  // namespace

Path slow_autograd_path() {
  Path path = slow_path();
  path.name = "slow_autograd";
  path.summary = "the slow path as PyTorch's script times it, with gradients recorded";
  path.prepare = recording(path.prepare);
  path.prepare_fixed = recording(path.prepare_fixed);
  return path;
}

}  // namespace mhabench
