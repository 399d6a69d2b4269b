#include "mhabench/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <limits>
#include <numeric>
#include <utility>

#include "mhabench/base/error.h"

namespace mhabench {
namespace {

constexpr std::size_t kMaxValues = 100'000;
constexpr std::int64_t kMaxInteger = std::numeric_limits<std::int32_t>::max();

Decimal parse_positive_decimal(std::string_view text) {
  const Decimal value = Decimal::parse(text);
  if (value <= Decimal{}) throw InputError(quoted(text) + " is not above 0");
  return value;
}

// Integers and decimals share the grammar of lists and ranges; `Parse` reads one value.
template <typename Value, typename Parse>
std::vector<Value> parse_list(std::string_view text, Parse parse) {
  std::vector<Value> values;
  const auto append = [&](Value value) {
    if (values.size() == kMaxValues) {
      throw InputError(quoted(text) + " gives more than 100000 values");
    }
    values.push_back(value);
  };
  for (const std::string_view item : split(text, ',')) {
    const auto bounds = split(item, ':');
    if (bounds.size() == 1) {
      append(parse(item));
    } else if (bounds.size() == 3) {
      const Value first = parse(bounds[0]);
      const Value last = parse(bounds[1]);
      const Value step = parse(bounds[2]);
      if (last < first) throw InputError(quoted(item) + " ends below its start");
      for (Value value = first; value <= last; value = value + step) append(value);
    } else {
      throw InputError(quoted(item) + " is neither a value nor a range first:last:step");
    }
  }
  return values;
}

// Insertions, removals, replacements and swaps of neighbours, each of which counts one (the
// "optimal string alignment"): a swap is the commonest slip of the fingers.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last = std::move(last);
    last = std::move(row);
  }
  return last.back();
}

// "" where none or several do. One letter says too little.
std::string only_one_beginning_with(std::string_view word,
                                    const std::vector<std::string>& candidates) {
  if (word.size() < 2) return "";
  const auto begins = [&](const std::string& candidate) { return candidate.starts_with(word); };
  if (std::ranges::count_if(candidates, begins) != 1) return "";
  return *std::ranges::find_if(candidates, begins);
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Of the letter that `text` begins with in UTF-8; 1 for a byte that begins none.
std::size_t letter_bytes(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1;
  if (bytes > text.size()) return 1;
  return std::ranges::all_of(text.substr(1, bytes - 1), is_continuation) ? bytes : 1;
}

// Controls (C0, DEL, C1, the latter as bytes of their own too), separators of lines, and marks that
// turn the direction of what stands beside them.
bool is_unprintable(std::string_view letter) {
  const auto first = static_cast<unsigned char>(letter.front());
  if (letter.size() == 1) return first < 0x20 || first == 0x7F || (first >= 0x80 && first < 0xA0);
  if (letter.size() == 2) return letter == "\u061C" || (letter >= "\xC2\x80" && letter < "\u00A0");
  return (letter >= "\u200E" && letter <= "\u200F") || (letter >= "\u2028" && letter <= "\u202E") ||
         (letter >= "\u2066" && letter <= "\u2069");
}

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0;;) {
    const std::size_t end = text.find(separator, start);
    parts.push_back(text.substr(start, end - start));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += separator;
    text += parts[i];
  }
  return text;
}

std::int64_t parse_positive(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  const bool too_large = error == std::errc::result_out_of_range && !text.starts_with('-');
  if (stop != end || (error != std::errc{} && !too_large) || (value < 1 && !too_large)) {
    throw InputError(quoted(text) + " is not a positive integer");
  }
  if (too_large || value > kMaxInteger) {
    throw InputError(quoted(text) + " is above " + std::to_string(kMaxInteger));
  }
  return value;
}

std::vector<std::int64_t> parse_integers(std::string_view text) {
  return parse_list<std::int64_t>(text, parse_positive);
}

std::vector<Decimal> parse_decimals(std::string_view text) {
  return parse_list<Decimal>(text, parse_positive_decimal);
}

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
  if (const std::string only = only_one_beginning_with(word, candidates); !only.empty()) {
    return only;
  }
  // About one slip in three letters, and never all of them.
  const std::size_t limit = (word.size() + 1) / 3;
  std::string best;
  std::size_t best_distance = std::min(limit + 1, word.size());
  for (const std::string& candidate : candidates) {
    if (const std::size_t distance = edit_distance(word, candidate); distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string best = closest(word, candidates);
  return best.empty() ? "" : ", did you mean '" + best + "'?";
}

std::string unknown_word(std::string_view noun, std::string_view word,
                         const std::vector<std::string>& allowed) {
  return "unknown " + std::string(noun) + " '" + std::string(word) +
         "' (allowed: " + join(allowed, ", ") + ")" + did_you_mean(word, allowed);
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : "s");
}

std::string fixed(double value, int digits) {
  std::array<char, 400> text{};  // the largest double has 309 digits before the point
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string general(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*g", digits, value);
  return text.data();
}

std::string shortest(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}

std::string one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) {
    const std::string_view letter = text.substr(0, letter_bytes(text));
    if (is_unprintable(letter)) {
      line += '?';
    } else {
      line += letter;
    }
    text.remove_prefix(letter.size());
  }
  return line;
}

}  // namespace mhabench
