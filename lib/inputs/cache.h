#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>

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

  /// The batch of `config`, lengths drawn by make_lengths. Throws InputError where its lengths
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
};

}  // namespace mhabench
