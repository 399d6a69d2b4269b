#include "mhabench/config/lengths.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <string>

#include <boost/math/distributions/beta.hpp>

#include "mhabench/base/error.h"
#include "mhabench/config/numpy_stream.h"

namespace mhabench {
namespace {

using Lengths = std::vector<std::int64_t>;

// The script's block_size.
constexpr std::int64_t kBlock = 2;

// In the reals the quantile stays below 1.
constexpr double kBelowOne = 1 - 0x1p-53;

constexpr std::uint64_t kMostNumpySeed = std::numeric_limits<std::uint32_t>::max();

// Numbers that are the same with every standard library, which leaves the algorithms of
// std::uniform_real_distribution and std::uniform_int_distribution open.
class PortableStream {
 public:
  explicit PortableStream(std::uint64_t seed) : engine_(seed) {}

  // A multiple of 2^-53 from [0, 1).
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

  // From [0, count), each as likely: values beyond the last whole multiple of count are drawn anew.
  std::int64_t below(std::int64_t count) {
    const auto divisor = static_cast<std::uint64_t>(count);
    constexpr std::uint64_t kTop = std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t end = kTop - kTop % divisor;
    for (;;) {
      if (const std::uint64_t value = engine_(); value < end) {
        return static_cast<std::int64_t>(value % divisor);
      }
    }
  }

 private:
  std::mt19937_64 engine_;
};

std::string text_of(std::int64_t value) { return std::to_string(value); }

void check_positive(const std::string& axis, std::int64_t value) {
  if (value < 1) throw InputError(axis + ": " + text_of(value) + " is not a positive integer");
}

void check_beta(const std::optional<Decimal>& beta) {
  if (!beta) throw InputError("beta: this source of lengths needs one");
  mhabench::check_beta(*beta);
}

void check_replayed(const MhaConfig& config) {
  const Lengths& lengths = config.lengths.replayed;
  if (std::ssize(lengths) != config.batch) {
    throw InputError("lengths: " + text_of(std::ssize(lengths)) + " given for batch " +
                     text_of(config.batch));
  }
  const auto [shortest, longest] = std::ranges::minmax(lengths);
  if (shortest < 1 || longest > config.seq_len) {
    throw InputError("lengths: " + text_of(shortest < 1 ? shortest : longest) +
                     " is outside 1 to seq_len " + text_of(config.seq_len));
  }
}

// The script's rule. X may round to 1 (15 % do at beta 0.05), which overruns an odd seq_len there.
std::int64_t length_of(double x, std::int64_t seq_len) {
  const double blocks = std::floor(x * static_cast<double>(seq_len + kBlock - 1) / kBlock);
  return std::min(std::max(static_cast<std::int64_t>(blocks), std::int64_t{1}) * kBlock, seq_len);
}

Lengths draw_beta(const MhaConfig& config, std::uint64_t seed) {
  PortableStream stream(seed);
  const boost::math::beta_distribution<double> distribution(1.0, config.lengths.beta->value());
  Lengths lengths(static_cast<std::size_t>(config.batch));
  for (std::int64_t& length : lengths) {
    const double x = boost::math::quantile(distribution, stream.uniform());
    length = length_of(std::min(x, kBelowOne), config.seq_len);
  }
  lengths[static_cast<std::size_t>(stream.below(config.batch))] = config.seq_len;
  return lengths;
}

// The script steps through k * 0.05 in doubles: its 0.85 is 17 * 0.05, one bit above 0.85.
double script_beta(Decimal beta) {
  constexpr std::int64_t kStep = 50'000'000;  // 0.05
  if (beta.units() % kStep != 0) return beta.value();
  return static_cast<double>(beta.units() / kStep) * 0.05;
}

void check_numpy_seed(std::uint64_t seed) {
  if (seed <= kMostNumpySeed) return;
  throw InputError("seed: " + std::to_string(seed) + " is above " + std::to_string(kMostNumpySeed) +
                   ", NumPy's largest, and --lengths=script draws with NumPy");
}

Lengths draw_script(const MhaConfig& config, std::uint64_t seed) {
  NumpyLegacyStream numpy(static_cast<std::uint32_t>(seed));
  PythonStream python(seed);
  const double b = script_beta(*config.lengths.beta);
  Lengths lengths(static_cast<std::size_t>(config.batch));
  for (std::int64_t& length : lengths) length = length_of(numpy.beta(1.0, b), config.seq_len);
  lengths[static_cast<std::size_t>(python.randint(0, config.batch - 1))] = config.seq_len;
  return lengths;
}

Lengths draw_uniform(const MhaConfig& config, std::uint64_t seed) {
  PortableStream stream(seed);
  Lengths lengths(static_cast<std::size_t>(config.batch));
  for (std::int64_t& length : lengths) length = 1 + stream.below(config.seq_len);
  lengths[static_cast<std::size_t>(stream.below(config.batch))] = config.seq_len;
  return lengths;
}

}  // namespace

void check_beta(Decimal beta) {
  if (beta < kMinBeta || beta > kMaxBeta) {
    throw InputError("beta: " + beta.str() + " is outside " + kMinBeta.str() + " to " +
                     kMaxBeta.str());
  }
}

void check_lengths(const MhaConfig& config, std::uint64_t seed) {
  check_positive("batch", config.batch);
  check_positive("seq_len", config.seq_len);
  switch (config.lengths.kind) {
    case LengthsKind::script:
      check_numpy_seed(seed);
      return check_beta(config.lengths.beta);
    case LengthsKind::beta:
      return check_beta(config.lengths.beta);
    case LengthsKind::replayed:
      return check_replayed(config);
    case LengthsKind::full:
    case LengthsKind::uniform:
      return;
  }
}

Lengths make_lengths(const MhaConfig& config, std::uint64_t seed) {
  check_lengths(config, seed);
  switch (config.lengths.kind) {
    case LengthsKind::script:
      return draw_script(config, seed);
    case LengthsKind::beta:
      return draw_beta(config, seed);
    case LengthsKind::full:
      return Lengths(static_cast<std::size_t>(config.batch), config.seq_len);
    case LengthsKind::uniform:
      return draw_uniform(config, seed);
    case LengthsKind::replayed:
      return config.lengths.replayed;
  }
  return {};
}

LengthStats stats_of(std::span<const std::int64_t> lengths, std::int64_t seq_len) {
  LengthStats stats;
  for (const std::int64_t length : lengths) {
    stats.tokens += length;
    stats.sum_len_sq += static_cast<double>(length) * static_cast<double>(length);
  }
  const std::int64_t positions = std::ssize(lengths) * seq_len;
  stats.padding = static_cast<double>(positions - stats.tokens) / static_cast<double>(positions);
  return stats;
}

}  // namespace mhabench
