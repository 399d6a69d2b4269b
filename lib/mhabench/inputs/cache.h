#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <vector>

#include <c10/core/Device.h>

#include "mhabench/config/config.h"
#include "mhabench/inputs/tensors.h"

namespace mhabench {

/// Makes inputs and weights once and hands the same tensors to every path and to configurations
/// that differ in heads alone. Keeps what was used last within a budget of device memory; what is
/// handed out lives on while it is held.
class InputCache {
 public:
  /// `budget` in bytes of device memory for inputs and weights that nobody holds.
  InputCache(c10::Device device, std::uint64_t seed, std::size_t budget);
  ~InputCache();
  InputCache(const InputCache&) = delete;
  InputCache& operator=(const InputCache&) = delete;

  /// The lengths of `config`'s batch, by make_lengths; those of the last configuration asked for
  /// are remembered, since drawing them takes about 0.2 ms. Throws InputError where they cannot be
  /// drawn.
  const std::vector<std::int64_t>& lengths(const MhaConfig& config);

  /// The batch of `config`, lengths as above. Throws InputError where its lengths
  /// cannot be drawn and c10::Error where memory runs out.
  std::shared_ptr<const Inputs> inputs(const MhaConfig& config);

  /// The parameters for config.dtype and config.embed_dim.
  std::shared_ptr<const Weights> weights(const MhaConfig& config);

  /// Lets go of everything that nobody holds.
  void clear();

  c10::Device device() const { return device_; }
  std::uint64_t seed() const { return seed_; }

 private:
  struct Entry;

  template <typename Matches, typename Make>
  const Entry& find_or_make(Matches matches, Make make);
  void make_room();

  c10::Device device_;
  std::uint64_t seed_;
  std::size_t budget_;
  std::list<Entry> entries_;  // last used first
  MhaConfig drawn_for_;
  std::vector<std::int64_t> drawn_;  // empty: none yet
};

}  // namespace mhabench
