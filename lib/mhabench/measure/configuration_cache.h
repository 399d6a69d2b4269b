#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <ATen/core/Tensor.h>

#include "mhabench/check/reference.h"
#include "mhabench/check/scratch.h"
#include "mhabench/check/tolerance.h"
#include "mhabench/config/config.h"
#include "mhabench/inputs/cache.h"
#include "mhabench/inputs/rotation.h"
#include "mhabench/measure/phases.h"

namespace mhabench {

/// What the paths of one configuration share: the batch, the parameters, the reference, and the
/// first checked output of slow and fast, which are held against each other.
struct ConfigurationState {
  MhaConfig config;
  std::shared_ptr<const Inputs> inputs;
  std::shared_ptr<const Weights> weights;
  std::vector<Operands> copies;  ///< that calls cycle through besides; empty if the L2 stays warm
  Reference reference;
  Bounds bounds;
  at::Tensor slow_output, fast_output;  ///< (tokens, embed_dim); undefined until known

  /// A batch that calls bound to their shapes take after the first, made when one asks for it.
  struct SecondBatch {
    Inputs inputs;
    Reference reference;
    Bounds bounds;
  };
  std::int64_t second_capacity = 0;  ///< that it was drawn for
  std::shared_ptr<const SecondBatch> second;
};

/// Hands out the state of one configuration after the other. Only the last one is kept whole:
/// rows of a configuration stand side by side, and a reference is as large as all its inputs.
class ConfigurationCache {
 public:
  /// `scratch` outlives this, and the states that lie in it. Copies of the operands are made so
  /// that they fill `l2_bytes`.
  ConfigurationCache(c10::Device device, std::uint64_t seed, std::size_t l2_bytes,
                     ScratchMemory& scratch);

  std::uint64_t seed() const { return cache_.seed(); }
  const std::vector<std::int64_t>& lengths(const MhaConfig& config) {
    return cache_.lengths(config);
  }

  bool has(const MhaConfig& config) const { return current_ && current_->config == config; }

  /// Its time goes to the phases. Throws c10::Error if memory runs out.
  std::shared_ptr<ConfigurationState> state_of(const MhaConfig& config, PhaseTimes& phases);

  /// Another batch of the state's configuration of at most `capacity` tokens.
  std::shared_ptr<const ConfigurationState::SecondBatch> second_batch(ConfigurationState& state,
                                                                      std::int64_t capacity);

  void drop_state() { current_.reset(); }
  void drop_inputs() { cache_.clear(); }

 private:
  std::vector<Operands> copies(const ConfigurationState& state) const;

  InputCache cache_;
  std::size_t l2_bytes_;
  ScratchMemory& scratch_;
  std::shared_ptr<ConfigurationState> current_;
};

}  // namespace mhabench
