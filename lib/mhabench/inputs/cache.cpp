#include "mhabench/inputs/cache.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "mhabench/config/lengths.h"

namespace mhabench {

struct InputCache::Entry {
  Dtype dtype;
  std::int64_t embed_dim;
  std::shared_ptr<const Inputs> inputs;    // either this
  std::shared_ptr<const Weights> weights;  // or that

  std::size_t bytes() const { return inputs ? inputs->bytes() : weights->bytes(); }
};

InputCache::InputCache(c10::Device device, std::uint64_t seed, std::size_t budget)
    : device_(device), seed_(seed), budget_(budget) {}

InputCache::~InputCache() = default;

template <typename Matches, typename Make>
const InputCache::Entry& InputCache::find_or_make(Matches matches, Make make) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), matches);
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
  } else {
    entries_.push_front(make());
    make_room();
  }
  return entries_.front();
}

void InputCache::make_room() {
  std::size_t held = 0;
  auto entry = entries_.begin();
  for (; entry != entries_.end(); ++entry) {
    held += entry->bytes();
    if (held > budget_ && entry != entries_.begin()) break;
  }
  entries_.erase(entry, entries_.end());
}

void InputCache::clear() { entries_.clear(); }

const std::vector<std::int64_t>& InputCache::lengths(const MhaConfig& config) {
  if (drawn_.empty() || drawn_for_ != config) {
    drawn_ = make_lengths(config, seed_);
    drawn_for_ = config;
  }
  return drawn_;
}

std::shared_ptr<const Inputs> InputCache::inputs(const MhaConfig& config) {
  std::vector<std::int64_t> lengths = this->lengths(config);
  const auto matches = [&](const Entry& entry) {
    return entry.inputs && entry.dtype == config.dtype && entry.embed_dim == config.embed_dim &&
           entry.inputs->seq_len == config.seq_len && entry.inputs->lengths == lengths;
  };
  const auto make = [&] {
    auto inputs = std::make_shared<Inputs>(make_inputs(config, std::move(lengths), device_, seed_));
    return Entry{config.dtype, config.embed_dim, std::move(inputs), nullptr};
  };
  return find_or_make(matches, make).inputs;
}

std::shared_ptr<const Weights> InputCache::weights(const MhaConfig& config) {
  const auto matches = [&](const Entry& entry) {
    return entry.weights && entry.dtype == config.dtype && entry.embed_dim == config.embed_dim;
  };
  const auto make = [&] {
    auto weights = std::make_shared<Weights>(make_weights(config, device_, seed_));
    return Entry{config.dtype, config.embed_dim, nullptr, std::move(weights)};
  };
  return find_or_make(matches, make).weights;
}

}  // namespace mhabench
