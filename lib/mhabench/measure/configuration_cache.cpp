#include "mhabench/measure/configuration_cache.h"

#include <utility>

#include "mhabench/device/device.h"
#include "mhabench/device/memory.h"
#include "mhabench/measure/second_batch.h"

namespace mhabench {
namespace {

// Inputs that nobody holds may keep this share of what is free at the start.
constexpr std::size_t kCacheShare = 8;

}  // namespace

ConfigurationCache::ConfigurationCache(c10::Device device, std::uint64_t seed, std::size_t l2_bytes,
                                       ScratchMemory& scratch)
    : cache_(device, seed, free_memory(device) / kCacheShare),
      l2_bytes_(l2_bytes),
      scratch_(scratch) {}

std::shared_ptr<ConfigurationState> ConfigurationCache::state_of(const MhaConfig& config,
                                                                 PhaseTimes& phases) {
  if (has(config)) return current_;
  current_.reset();  // its reference makes room for the next one
  auto state = std::make_shared<ConfigurationState>();
  state->config = config;
  {
    const PhaseTimes::Scope phase(phases, Phase::inputs);
    state->inputs = cache_.inputs(config);
    state->weights = cache_.weights(config);
    if (config.l2 == L2Mode::rotate) state->copies = copies(*state);
    synchronize(cache_.device());
  }
  const PhaseTimes::Scope phase(phases, Phase::reference);
  const ScratchMemory::Scope scratch(scratch_);
  state->reference =
      make_reference(config, *state->inputs, *state->weights, default_chunk_bytes(cache_.device()));
  state->bounds = make_bounds(config, state->reference);
  current_ = std::move(state);
  return current_;
}

// Besides the originals, which are a set of their own.
std::vector<Operands> ConfigurationCache::copies(const ConfigurationState& state) const {
  const std::size_t bytes = least_bytes_read(*state.inputs, *state.weights);
  return copies_of(*state.inputs, *state.weights, sets_to_rotate(bytes, l2_bytes_) - 1);
}

std::shared_ptr<const ConfigurationState::SecondBatch> ConfigurationCache::second_batch(
    ConfigurationState& state, std::int64_t capacity) {
  if (state.second && state.second_capacity == capacity) return state.second;
  state.second.reset();
  auto second = std::make_shared<ConfigurationState::SecondBatch>();
  second->inputs = make_inputs(state.config, second_lengths(state.config, seed(), capacity),
                               cache_.device(), seed() + 1);
  const ScratchMemory::Scope scratch(scratch_);
  second->reference = make_reference(state.config, second->inputs, *state.weights,
                                     default_chunk_bytes(cache_.device()));
  second->bounds = make_bounds(state.config, second->reference);
  state.second_capacity = capacity;
  state.second = std::move(second);
  return state.second;
}

}  // namespace mhabench
