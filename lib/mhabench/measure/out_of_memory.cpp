#include "mhabench/measure/out_of_memory.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace mhabench {

std::optional<double> bytes_asked(std::string_view message) {
  constexpr std::string_view kWords = "ried to allocate ";
  constexpr std::array<std::pair<std::string_view, double>, 4> kUnits{
      {{" bytes", 1}, {" KiB", 0x1p10}, {" MiB", 0x1p20}, {" GiB", 0x1p30}}};
  const std::size_t words = message.find(kWords);
  if (words == std::string_view::npos) return std::nullopt;
  message.remove_prefix(words + kWords.size());
  double amount = 0;
  const auto [end, error] =
      std::from_chars(message.data(), message.data() + message.size(), amount);
  if (error != std::errc{} || !(amount >= 0)) return std::nullopt;
  message.remove_prefix(static_cast<std::size_t>(end - message.data()));
  for (const auto& [unit, bytes] : kUnits) {
    if (message.starts_with(unit)) return std::round(amount * bytes);
  }
  return std::nullopt;
}

}  // namespace mhabench
