#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "mhabench/config/config.h"
#include "mhabench/inputs/tensors.h"
#include "mhabench/work/work.h"

namespace mhabench {

/// A path found out only while it was made ready that it cannot run a configuration: what() is the
/// reason, as Path::unsupported gives it. The row is skipped, not failed.
class Unsupported : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A path made ready for one configuration. pack() and the calls after it share state: one call of
/// any of these at a time.
struct PreparedCall {
  /// One call of the layer, enqueued on the current stream; what is timed.
  std::function<at::Tensor()> run;
  /// A call's output as (tokens, embed_dim), in the order of the batch's tokens; not timed.
  std::function<at::Tensor(const at::Tensor& output)> to_packed;
  /// Makes what run() reads out of another batch: `padded` (batch, seq_len, embed_dim) on the
  /// device, zero where padding is, and lengths that the host knows. Enqueued without waiting;
  /// timed by itself. `padded` may be read by the calls that follow.
  std::function<void(const at::Tensor& padded, const std::vector<std::int64_t>& lengths)> pack = {};
  /// A call's output as (batch, seq_len, embed_dim), anything where padding is; timed by itself.
  std::function<at::Tensor(const at::Tensor& output)> unpack = {};
  /// Set where run() is bound to shapes of its own, as a CUDA graph is: pack() takes batches of as
  /// many sequences and at most this many tokens. 0: pack() takes any.
  std::int64_t token_capacity = 0;
  /// To be added to the device memory that stays allocated by making the call ready, in bytes: what
  /// the nodes of a CUDA graph leave to one another, less what libraries took for its stream once.
  std::int64_t graph_bytes = 0;
};

/// A way to run the layer: a name, one sentence on what it stands for, what it supports, and how to
/// prepare a call. The whole of a path is its file, its line in path_table() and its tests.
struct Path {
  using Unsupports = std::function<std::optional<std::string>(const MhaConfig&, c10::Device)>;
  using Prepare = std::function<PreparedCall(const MhaConfig&, const Inputs&, const Weights&)>;

  std::string name;
  std::string summary;
  /// Why this path cannot run the configuration there; nothing where it can.
  Unsupports unsupported;
  /// Inputs and weights must outlive the call. Runs under the caller's inference mode. May throw
  /// Unsupported.
  Prepare prepare;
  /// prepare() with shapes and addresses that stay whatever is packed, for capture in a CUDA graph;
  /// sets token_capacity. Empty where no graph is to be tried.
  Prepare prepare_fixed = {};
  /// Why the path cannot run the configuration with SDPA's back end pinned to config.sdpa; empty
  /// where the path does not go through SDPA at all.
  Unsupports refuses_sdpa = {};
  /// Which positions it works on; where absent, rows do not tell the FLOPs that it executes.
  std::optional<Executes> executes = std::nullopt;
};

/// Every path, in the order of rows and columns.
const std::vector<Path>& path_table();

std::vector<std::string> path_names();

/// The path of that name. Throws InputError that lists the names.
const Path& find_path(std::string_view name);

/// Path::unsupported, and the reasons that config.sdpa adds.
std::optional<std::string> why_unsupported(const Path& path, const MhaConfig& config,
                                           c10::Device device);

/// Path::prepare with SDPA's back end pinned to config.sdpa, where that is given, then and in each
/// run().
PreparedCall prepare_call(const Path& path, const MhaConfig& config, const Inputs& inputs,
                          const Weights& weights);

}  // namespace mhabench
