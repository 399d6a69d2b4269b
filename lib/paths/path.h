#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "mhabench/config/config.h"
#include "mhabench/inputs/tensors.h"
#include "mhabench/limits/work.h"

namespace mhabench {

/// A path made ready for one configuration.
struct PreparedCall {
  /// One call of the layer, enqueued on the current stream; what is timed.
  std::function<at::Tensor()> run;
  /// A call's output as (tokens, embed_dim), in the order of Inputs::packed; not timed.
  std::function<at::Tensor(const at::Tensor& output)> to_packed;
};

/// A way to run the layer: a name, one sentence on what it stands for, what it supports, and how to
/// prepare a call. The whole of a path is its file, its line in path_table() and its tests.
struct Path {
  std::string_view name;
  std::string_view summary;
  /// Why this path cannot run the configuration there; nothing where it can.
  std::optional<std::string> (*unsupported)(const MhaConfig& config, c10::Device device);
  /// Inputs and weights must outlive the call. Runs under the caller's inference mode.
  PreparedCall (*prepare)(const MhaConfig& config, const Inputs& inputs, const Weights& weights);
  /// Which positions it works on; where absent, rows do not tell the FLOPs that it executes.
  std::optional<Executes> executes = std::nullopt;
};

/// Every path, in the order of rows and columns.
const std::vector<Path>& path_table();

std::vector<std::string> path_names();

/// The path of that name. Throws InputError that lists the names.
const Path& find_path(std::string_view name);

}  // namespace mhabench
