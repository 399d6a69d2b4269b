#pragma once

#include <cstdint>
#include <optional>
#include <random>

namespace mhabench {

/// NumPy's legacy generator, as np.random.seed(seed) and np.random.RandomState(seed) start it: the
/// same doubles, bit for bit, in the same order. Its stream is frozen by NumPy's policy (NEP 19).
/// The transcendental functions are the C library's, as they are NumPy's.
///
/// Engine: MT19937 (Matsumoto and Nishimura 1998), seeded by Knuth's linear recurrence (TAOCP 2,
/// 3.3.4), which is std::mt19937's own.
class NumpyLegacyStream {
 public:
  explicit NumpyLegacyStream(std::uint32_t seed) : engine_(seed) {}

  /// A multiple of 2^-53 from [0, 1): the upper 27 and 26 bits of two words.
  double uniform();

  /// Mean 1, by inversion.
  double exponential();

  /// Mean 0, variance 1: Marsaglia's polar method (1964). It yields pairs, so every second call
  /// returns the deviate kept by the call before.
  double gauss();

  /// Scale 1, `shape` > 0. Shape 1 is the exponential; above, Marsaglia and Tsang (2000); below,
  /// rejection for a log-concave density (Devroye 1986, chapter VII).
  double gamma(double shape);

  /// On [0, 1], `a` > 0 and `b` > 0. Both at most 1: Johnk (1964); else a ratio of gammas.
  double beta(double a, double b);

 private:
  double johnk_beta(double a, double b);
  double gamma_below_one(double shape);
  double gamma_above_one(double shape);

  std::mt19937 engine_;
  std::optional<double> kept_gauss_;
};

/// Python's random.Random(seed) for an integer seed: the same integers in the same order. Engine:
/// MT19937, seeded by its authors' init_by_array (2002).
class PythonStream {
 public:
  explicit PythonStream(std::uint64_t seed);

  /// random.getrandbits(bits): the upper bits of one word. `bits` from 1 to 32, else
  /// std::invalid_argument.
  std::uint32_t getrandbits(int bits);

  /// random.randint(lo, hi): both ends included, by rejection of values beyond the range. Throws
  /// std::invalid_argument where hi < lo or the range holds 2^32 values or more.
  std::int64_t randint(std::int64_t lo, std::int64_t hi);

 private:
  std::mt19937 engine_;
};

}  // namespace mhabench
