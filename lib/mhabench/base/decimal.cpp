#include "mhabench/base/decimal.h"

#include <algorithm>
#include <charconv>

#include "mhabench/base/error.h"

namespace mhabench {
namespace {

constexpr int kDigits = 9;
constexpr std::int64_t kOne = 1'000'000'000;
constexpr std::size_t kMaxWholeDigits = 9;

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::int64_t to_integer(std::string_view digits) {
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

}  // namespace

Decimal Decimal::parse(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);

  const std::size_t point = rest.find('.');
  std::string_view whole = rest.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view{} : rest.substr(point + 1);
  while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);

  const bool any = !whole.empty() || !fraction.empty();
  if (!any || !all_digits(whole) || !all_digits(fraction) || fraction.size() > kDigits ||
      whole.size() > kMaxWholeDigits) {
    throw InputError("'" + std::string(text) +
                     "' is not a decimal number (at most nine digits before and after a "
                     "point, such as 0.85)");
  }

  std::string padded(fraction);
  padded.resize(kDigits, '0');
  const std::int64_t units = to_integer(whole) * kOne + to_integer(padded);
  return from_units(negative ? -units : units);
}

double Decimal::value() const {
  // Not strtod, which takes the point to be what the process's locale says.
  const std::string text = str();
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string Decimal::str() const {
  const std::int64_t magnitude = units_ < 0 ? -units_ : units_;
  std::string text = std::to_string(magnitude / kOne);
  if (const std::int64_t fraction = magnitude % kOne; fraction != 0) {
    std::string digits = std::to_string(fraction);
    digits.insert(0, kDigits - digits.size(), '0');
    digits.erase(digits.find_last_not_of('0') + 1);
    text += '.' + digits;
  }
  return units_ < 0 ? '-' + text : text;
}

}  // namespace mhabench
