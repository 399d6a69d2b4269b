#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "mhabench/base/decimal.h"

namespace mhabench {

/// The parts of `text` between `separator`s; at least one, possibly empty.
std::vector<std::string_view> split(std::string_view text, char separator);

/// `parts` with `separator` between them.
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// The whole of `text` as a number in decimal, whatever the locale; nothing where it is none, is
/// out of the type's range, or anything stands before or behind it.
template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

/// Reads a whole positive integer. Throws InputError on anything else and beyond 2^31 - 1.
std::int64_t parse_positive(std::string_view text);

/// Reads a comma-separated list of positive integers and ranges first:last:step (last included
/// where a step meets it), e.g. "16,32" or "64:512:64". Throws InputError, also beyond 100,000
/// values.
std::vector<std::int64_t> parse_integers(std::string_view text);

/// The same for positive decimals, stepped exactly: "0.05:3.05:0.2".
std::vector<Decimal> parse_decimals(std::string_view text);

/// What `word` may have been meant to be: the one candidate that begins with it, or the nearest by
/// edit distance (two letters swapped count as one edit) if it is near enough; else "".
std::string closest(std::string_view word, const std::vector<std::string>& candidates);

/// ", did you mean 'x'?" for the closest candidate, or "" where none is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// The message for a word that is none of `allowed`:
/// "unknown grid 'scirpt' (allowed: script, quick), did you mean 'script'?".
std::string unknown_word(std::string_view noun, std::string_view word,
                         const std::vector<std::string>& allowed);

/// The text up to its first line end.
std::string first_line(std::string_view text);

/// 'text', in single quotes.
std::string quoted(std::string_view text);

/// "1 row", "3 rows".
std::string counted(std::size_t count, std::string_view noun);

/// With so many digits after the point.
std::string fixed(double value, int digits);

/// With so many significant digits, without zeros at the end: "0.0123", "1.2e+09".
std::string general(double value, int digits);

/// The shortest text that reads back as the same number.
std::string shortest(double value);

/// `text` with '?' for each control character, so that a message which quotes it stays one line.
std::string one_line(std::string_view text);

}  // namespace mhabench
