#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "bench/cli/options.h"
#include "mhabench/base/error.h"
#include "mhabench/base/text.h"

namespace mhabench::bench {

// From the text of a flag's value to the value. Each throws InputError, one line that quotes the
// text and says what is allowed; the caller adds the flag.

/// The value of that name. `noun` is what the message calls it.
template <typename Value>
Value parse_name(std::string_view noun, std::string_view text,
                 const std::vector<std::pair<std::string, Value>>& named) {
  std::vector<std::string> names;
  for (const auto& [name, value] : named) {
    if (name == text) return value;
    names.push_back(name);
  }
  throw InputError(unknown_word(noun, text, names));
}

/// "true", "yes", "on", "1" and "false", "no", "off", "0", and their first letters, in either case.
bool parse_switch(std::string_view text);

/// What parse_switch takes, or "force".
Resume parse_resume(std::string_view text);

/// An integer from `lowest` to `highest`.
std::int64_t parse_integer(std::string_view text, std::int64_t lowest, std::int64_t highest);

/// From 0 to 2^64 - 1.
std::uint64_t parse_seed(std::string_view text);

/// Seconds, 0 or more: "0.5" or "0.5s".
double parse_seconds(std::string_view text);

/// Seconds, above 0.
double parse_row_timeout(std::string_view text);

/// A share above 0 and below 1, such as 0.02.
double parse_share(std::string_view text);

/// Three rates above 0 in 10^12 a second, "MATRIX_TFLOPS,COPY_TBS,EXP_TERA".
PeakRates parse_peaks(std::string_view text);

/// Seconds, or a number of calls: "20x".
struct Calls {
  std::int64_t count;
};
std::variant<double, Calls> parse_min_time(std::string_view text);

/// "auto", "cpu", "cuda", "cuda:N".
DeviceRequest parse_device(std::string_view text);

/// "all", or a list of GPUs, as "0" or "cuda:0", each once, and of "cpu"; as --device takes them.
/// "all" is the empty list.
std::vector<std::string> parse_devices(std::string_view text);

Format parse_format(std::string_view text);
std::string_view name_of(Format format);

/// "auto" or what parse_switch takes.
Color parse_color(std::string_view text);

/// "ns", "us", "ms", "s", or "": the rows' own.
std::string parse_time_unit(std::string_view text);

/// Lists, with repeated values removed. Among paths "all" and patterns ('*', '?') stand for those
/// of `known` that they match, in its order.
std::vector<std::string> parse_paths(std::string_view text, const std::vector<std::string>& known);
std::vector<Dtype> parse_dtypes(std::string_view text);
std::vector<std::int64_t> parse_axis(std::string_view text);
/// Betas from kMinBeta to kMaxBeta.
std::vector<Decimal> parse_betas(std::string_view text);

/// "key=value,key=value", each key once.
std::map<std::string, std::string> parse_context(std::string_view text);

}  // namespace mhabench::bench
