#include "bench/cli/flag_values.h"

#include <algorithm>
#include <cmath>
#include <fnmatch.h>
#include <limits>
#include <set>

#include "mhabench/base/text.h"
#include "mhabench/config/lengths.h"
#include "mhabench/config/names.h"
#include "mhabench/results/context_keys.h"

namespace mhabench::bench {
namespace {

// c10::DeviceIndex is a signed byte.
constexpr std::int64_t kMaxDeviceIndex = 127;

const std::vector<std::pair<std::string, Format>>& formats() {
  static const std::vector<std::pair<std::string, Format>> all{
      {"console", Format::console}, {"json", Format::json}, {"csv", Format::csv}};
  return all;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

std::optional<bool> switch_of(std::string_view text) {
  const std::string word = lower(text);
  for (const char* yes : {"true", "yes", "on", "1", "t", "y"}) {
    if (word == yes) return true;
  }
  for (const char* no : {"false", "no", "off", "0", "f", "n"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

std::optional<double> seconds_of(std::string_view text) {
  if (text.ends_with('s')) text.remove_suffix(1);
  const std::optional<double> seconds = number_of<double>(text);
  return seconds && std::isfinite(*seconds) && *seconds >= 0 ? seconds : std::nullopt;
}

// The first of equal values stays where it is.
template <typename Value>
std::vector<Value> unique(std::vector<Value> values) {
  std::set<Value> seen;
  std::erase_if(values, [&](const Value& value) { return !seen.insert(value).second; });
  return values;
}

std::string name_among(std::string_view noun, std::string_view text,
                       const std::vector<std::string>& allowed) {
  if (std::ranges::find(allowed, text) != allowed.end()) return std::string(text);
  throw InputError(unknown_word(noun, text, allowed));
}

std::vector<std::string> matching_names(const std::string& pattern,
                                        const std::vector<std::string>& known) {
  std::vector<std::string> names;
  for (const std::string& name : known) {
    if (::fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0) names.push_back(name);
  }
  if (!names.empty()) return names;
  throw InputError("no path matches " + quoted(pattern) + " (there are: " + join(known, ", ") +
                   ")");
}

DeviceRequest cuda_device(std::string_view device, std::string_view index) {
  try {
    return {DeviceRequest::Kind::cuda, static_cast<int>(parse_integer(index, 0, kMaxDeviceIndex))};
  } catch (const InputError& error) {
    throw InputError(quoted(device) + " names no GPU: " + error.what());
  }
}

}  // namespace

bool parse_switch(std::string_view text) {
  if (const std::optional<bool> is_on = switch_of(text)) return *is_on;
  throw InputError(quoted(text) + " is neither true nor false");
}

Resume parse_resume(std::string_view text) {
  if (lower(text) == "force") return Resume::force;
  if (const std::optional<bool> is_on = switch_of(text)) return *is_on ? Resume::yes : Resume::no;
  throw InputError(unknown_word("way to resume", text, {"true", "false", "force"}));
}

std::int64_t parse_integer(std::string_view text, std::int64_t lowest, std::int64_t highest) {
  const std::optional<std::int64_t> value = number_of<std::int64_t>(text);
  if (value && *value >= lowest && *value <= highest) return *value;
  throw InputError(quoted(text) + " is not an integer from " + std::to_string(lowest) + " to " +
                   std::to_string(highest));
}

std::uint64_t parse_seed(std::string_view text) {
  if (const std::optional<std::uint64_t> value = number_of<std::uint64_t>(text)) return *value;
  throw InputError(quoted(text) + " is not an integer from 0 to " +
                   std::to_string(std::numeric_limits<std::uint64_t>::max()));
}

double parse_seconds(std::string_view text) {
  if (const std::optional<double> seconds = seconds_of(text)) return *seconds;
  throw InputError(quoted(text) + " is no number of seconds (0 or more, such as 0.5)");
}

double parse_row_timeout(std::string_view text) {
  const double seconds = parse_seconds(text);
  if (seconds <= 0) throw InputError(quoted(text) + " is not above 0");
  return seconds;
}

double parse_share(std::string_view text) {
  const std::optional<double> share = number_of<double>(text);
  if (share && *share > 0 && *share < 1) return *share;
  throw InputError(quoted(text) + " is no share above 0 and below 1 (such as 0.02)");
}

PeakRates parse_peaks(std::string_view text) {
  constexpr double kTera = 1e12;
  constexpr double kHighest = 1e9;  // 10^21 a second, beyond which a digit was lost
  std::vector<double> rates;
  for (const std::string_view part : split(text, ',')) {
    const std::optional<double> rate = number_of<double>(part);
    if (rate && *rate > 0 && *rate <= kHighest) rates.push_back(*rate * kTera);
  }
  if (rates.size() == 3 && split(text, ',').size() == 3) return {rates[0], rates[1], rates[2]};
  throw InputError(quoted(text) +
                   " is not MATRIX_TFLOPS,COPY_TBS,EXP_TERA: three numbers above 0 and at most "
                   "1e9, such as 750,4.3,4.1");
}

std::variant<double, Calls> parse_min_time(std::string_view text) {
  if (text.ends_with('x')) {
    const auto count = number_of<std::int64_t>(text.substr(0, text.size() - 1));
    if (count && *count >= 1 && *count <= std::numeric_limits<std::int32_t>::max()) {
      return Calls{*count};
    }
  } else if (const std::optional<double> seconds = seconds_of(text)) {
    return *seconds;
  }
  throw InputError(quoted(text) +
                   " is neither seconds (0 or more, such as 0.5 or 0.5s) nor a "
                   "number of calls (from 1 to 2147483647, such as 20x)");
}

DeviceRequest parse_device(std::string_view text) {
  if (text == "auto") return {};
  if (text == "cpu") return {DeviceRequest::Kind::cpu, std::nullopt};
  if (text == "cuda") return {DeviceRequest::Kind::cuda, std::nullopt};
  constexpr std::string_view kIndexed = "cuda:";
  if (text.starts_with(kIndexed)) return cuda_device(text, text.substr(kIndexed.size()));
  const std::vector<std::string> allowed{"auto", "cpu", "cuda", "cuda:N"};
  // By its letters it is nearest to "cpu".
  const std::string_view meant = text.starts_with("gpu") ? "cuda" : text;
  throw InputError("unknown device " + quoted(text) + " (allowed: " + join(allowed, ", ") + ")" +
                   did_you_mean(meant, allowed));
}

std::vector<std::string> parse_devices(std::string_view text) {
  if (text == "all") return {};
  std::vector<std::string> devices;
  for (const std::string_view item : split(text, ',')) {
    const bool is_index = !item.empty() && item.find_first_not_of("0123456789") == item.npos;
    const std::string name = (is_index ? "cuda:" : "") + std::string(item);
    const DeviceRequest device = parse_device(name);
    if (device.kind != DeviceRequest::Kind::cpu && !device.index) {
      throw InputError(quoted(item) + " is no single device (all, or a list such as 0,1)");
    }
    if (device.index && std::ranges::find(devices, name) != devices.end()) {
      throw InputError(quoted(item) + " is there twice");
    }
    devices.push_back(name);
  }
  return devices;
}

Format parse_format(std::string_view text) { return parse_name("format", text, formats()); }

std::string_view name_of(Format format) {
  return std::ranges::find(formats(), format, &std::pair<std::string, Format>::second)->first;
}

Color parse_color(std::string_view text) {
  if (lower(text) == "auto") return Color::automatic;
  if (const std::optional<bool> is_on = switch_of(text)) {
    return *is_on ? Color::always : Color::never;
  }
  throw InputError(unknown_word("choice of color", text, {"auto", "true", "false"}));
}

std::string parse_time_unit(std::string_view text) {
  return text.empty() ? "" : name_among("time unit", text, {"ns", "us", "ms", "s"});
}

std::vector<std::string> parse_paths(std::string_view text, const std::vector<std::string>& known) {
  std::vector<std::string> paths;
  for (const std::string_view name : split(text, ',')) {
    if (name.find_first_of("*?") == std::string_view::npos && name != "all") {
      paths.push_back(name_among("path", name, known));
      continue;
    }
    const std::vector<std::string> matching =
        name == "all" ? known : matching_names(std::string(name), known);
    paths.insert(paths.end(), matching.begin(), matching.end());
  }
  return unique(std::move(paths));
}

std::vector<Dtype> parse_dtypes(std::string_view text) {
  std::vector<Dtype> dtypes;
  for (const std::string_view name : split(text, ',')) dtypes.push_back(parse_dtype(name));
  return unique(std::move(dtypes));
}

std::vector<std::int64_t> parse_axis(std::string_view text) { return unique(parse_integers(text)); }

std::vector<Decimal> parse_betas(std::string_view text) {
  std::vector<Decimal> betas = unique(parse_decimals(text));
  for (const Decimal beta : betas) {
    if (beta < kMinBeta || beta > kMaxBeta) {
      throw InputError("'" + beta.str() + "'" + " is not from " + kMinBeta.str() + " to " +
                       kMaxBeta.str());
    }
  }
  return betas;
}

std::map<std::string, std::string> parse_context(std::string_view text) {
  std::map<std::string, std::string> context;
  for (const std::string_view item : split(text, ',')) {
    const std::vector<std::string_view> parts = split(item, '=');
    if (parts.size() != 2 || parts.front().empty()) {
      throw InputError(quoted(item) + " is not of the form key=value");
    }
    if (find_context_key(parts.front()) != nullptr) {
      throw InputError(quoted(parts.front()) + " is a key of the file's own; choose another name");
    }
    if (!context.emplace(parts[0], parts[1]).second) {
      throw InputError(quoted(text) + " gives '" + std::string(parts[0]) + "' twice");
    }
  }
  return context;
}

}  // namespace mhabench::bench
