#include "mhabench/config/numpy_stream.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace mhabench {
namespace {

constexpr std::size_t kStateWords = std::mt19937::state_size;
using State = std::array<std::uint32_t, kStateWords>;

// What both seedings of MT19937 feed into their multiplication.
std::uint32_t folded(std::uint32_t word) { return word ^ (word >> 30); }

State knuth_state(std::uint32_t seed) {
  State state{seed};
  for (std::size_t i = 1; i < kStateWords; ++i) {
    state[i] = 1812433253U * folded(state[i - 1]) + static_cast<std::uint32_t>(i);
  }
  return state;
}

// Walks over the words 1 .. 623 in a circle. Word 0 stands for the last one while it is the
// predecessor of word 1.
class Walk {
 public:
  explicit Walk(State& state) : state_(state) {}

  std::uint32_t index() const { return static_cast<std::uint32_t>(at_); }

  // Mixes the predecessor into the word at hand, adds to it and goes on to the next.
  void step(std::uint32_t multiplier, std::uint32_t addend) {
    state_[at_] = (state_[at_] ^ (multiplier * folded(state_[at_ - 1]))) + addend;
    if (++at_ == kStateWords) {
      state_[0] = state_[kStateWords - 1];
      at_ = 1;
    }
  }

 private:
  State& state_;
  std::size_t at_ = 1;
};

// `key` is not empty.
State keyed_state(const std::vector<std::uint32_t>& key) {
  State state = knuth_state(19650218U);
  Walk walk(state);
  for (std::size_t i = 0; i < std::max(kStateWords, key.size()); ++i) {
    const std::size_t j = i % key.size();
    walk.step(1664525U, key[j] + static_cast<std::uint32_t>(j));
  }
  for (std::size_t i = 1; i < kStateWords; ++i) walk.step(1566083941U, 0U - walk.index());
  state[0] = 0x80000000U;  // so that no state is all zeros
  return state;
}

// Hands a state that is already worked out to the standard engine, which asks a seed sequence for
// exactly its words.
class ReadyState {
 public:
  using result_type = std::uint32_t;

  explicit ReadyState(const State& state) : state_(state) {}

  template <typename Iterator>
  void generate(Iterator first, Iterator last) const {
    std::copy_n(state_.begin(), last - first, first);
  }

 private:
  const State& state_;
};

std::mt19937 keyed_engine(std::uint64_t seed) {
  std::vector<std::uint32_t> key{static_cast<std::uint32_t>(seed)};
  if (const auto high = static_cast<std::uint32_t>(seed >> 32); high != 0) key.push_back(high);
  const State state = keyed_state(key);
  ReadyState sequence(state);
  return std::mt19937(sequence);
}

}  // namespace

double NumpyLegacyStream::uniform() {
  const auto high = static_cast<double>(engine_() >> 5);
  const auto low = static_cast<double>(engine_() >> 6);
  return (high * 0x1p26 + low) * 0x1p-53;
}

double NumpyLegacyStream::exponential() { return -std::log(1.0 - uniform()); }

double NumpyLegacyStream::gauss() {
  if (kept_gauss_) {
    const double kept = *kept_gauss_;
    kept_gauss_.reset();
    return kept;
  }
  double x = 0;
  double y = 0;
  double square = 0;
  do {
    x = 2.0 * uniform() - 1.0;
    y = 2.0 * uniform() - 1.0;
    square = x * x + y * y;
  } while (square >= 1.0 || square == 0.0);
  const double scale = std::sqrt(-2.0 * std::log(square) / square);
  kept_gauss_ = scale * x;
  return scale * y;
}

double NumpyLegacyStream::gamma(double shape) {
  if (shape == 1.0) return exponential();
  return shape < 1.0 ? gamma_below_one(shape) : gamma_above_one(shape);
}

// Y = X^shape has the log-concave density exp(-y^(1/shape)), up to a constant: it lies under 1 up
// to 1 - shape, and under the tangent to its logarithm at y = 1, exp(-(y - (1 - shape)) / shape),
// from there on. Both parts together have area 1; a candidate x stays where x is at most the
// exponential deviate, shifted by what the tangent has already paid.
double NumpyLegacyStream::gamma_below_one(double shape) {
  for (;;) {
    const double u = uniform();
    const double limit = exponential();
    if (u <= 1.0 - shape) {
      const double x = std::pow(u, 1.0 / shape);
      if (x <= limit) return x;
    } else {
      const double tail = -std::log((1.0 - u) / shape);
      const double x = std::pow(1.0 - shape + shape * tail, 1.0 / shape);
      if (x <= limit + tail) return x;
    }
  }
}

// d (1 + c Z)^3 with Z normal is nearly gamma; the squeeze spares most of the logarithms.
double NumpyLegacyStream::gamma_above_one(double shape) {
  const double d = shape - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    double z = 0;
    double v = 0;
    do {
      z = gauss();
      v = 1.0 + c * z;
    } while (v <= 0.0);
    v = v * v * v;
    const double u = uniform();
    if (u < 1.0 - 0.0331 * (z * z) * (z * z)) return d * v;
    if (std::log(u) < 0.5 * z * z + d * (1.0 - v + std::log(v))) return d * v;
  }
}

double NumpyLegacyStream::beta(double a, double b) {
  if (a <= 1.0 && b <= 1.0) return johnk_beta(a, b);
  const double first = gamma(a);
  const double second = gamma(b);
  return first / (first + second);
}

double NumpyLegacyStream::johnk_beta(double a, double b) {
  for (;;) {
    const double u = uniform();
    const double v = uniform();
    const double x = std::pow(u, 1.0 / a);
    const double y = std::pow(v, 1.0 / b);
    if (x + y > 1.0) continue;
    if (x + y > 0.0) return x / (x + y);
    // Both powers have vanished: the same ratio by logarithms, the larger brought to 0.
    const double log_x = std::log(u) / a;
    const double log_y = std::log(v) / b;
    const double larger = std::max(log_x, log_y);
    const double rest_x = log_x - larger;
    const double rest_y = log_y - larger;
    return std::exp(rest_x - std::log(std::exp(rest_x) + std::exp(rest_y)));
  }
}

PythonStream::PythonStream(std::uint64_t seed) : engine_(keyed_engine(seed)) {}

std::uint32_t PythonStream::getrandbits(int bits) {
  if (bits < 1 || bits > 32) throw std::invalid_argument("getrandbits: bits outside 1 to 32");
  return static_cast<std::uint32_t>(engine_() >> (32 - bits));
}

std::int64_t PythonStream::randint(std::int64_t lo, std::int64_t hi) {
  // Unsigned, so that ends far apart do not overflow.
  const auto span = static_cast<std::uint64_t>(hi) - static_cast<std::uint64_t>(lo);
  if (hi < lo || span >= 0xFFFFFFFFU) throw std::invalid_argument("randint: bad range");
  const auto width = static_cast<std::uint32_t>(span + 1);
  const auto bits = static_cast<int>(std::bit_width(width));
  for (;;) {
    if (const std::uint32_t value = getrandbits(bits); value < width) return lo + value;
  }
}

}  // namespace mhabench
