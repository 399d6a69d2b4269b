#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace mhabench {

/// A decimal number, exact to nine digits after the point. Axes such as beta are written, stepped
/// and compared in decimal, so that 0.05:3.05:0.2 reaches 0.85 and not 0.8500000000000001.
class Decimal {
 public:
  constexpr Decimal() = default;

  /// `units` of 1e-9.
  static constexpr Decimal from_units(std::int64_t units) {
    Decimal d;
    d.units_ = units;
    return d;
  }

  /// Reads plain notation ("3", "0.85", ".5", "-1"). Throws InputError on anything else and on more
  /// than nine digits before or after the point.
  static Decimal parse(std::string_view text);

  constexpr std::int64_t units() const { return units_; }

  /// The nearest double, as a correctly rounded reading of str() gives it.
  double value() const;

  /// Shortest plain notation: "0.85", "3", "-0.5".
  std::string str() const;

  friend constexpr auto operator<=>(const Decimal&, const Decimal&) = default;
  friend constexpr Decimal operator+(Decimal a, Decimal b) {
    return from_units(a.units_ + b.units_);
  }

 private:
  std::int64_t units_ = 0;
};

}  // namespace mhabench
