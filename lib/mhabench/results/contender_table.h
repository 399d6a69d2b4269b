#pragma once

#include <cstddef>
#include <string>

#include "mhabench/results/contenders.h"

namespace mhabench {

/// The width where there is no terminal to ask.
inline constexpr std::size_t kDefaultTableWidth = 120;

/// All paths for people: a line a configuration, a column a path with its time in us, the winner
/// marked by '*', and behind the time its speed-up over slow where slow was run; a wrong result is
/// marked by '!' and wins nothing. Where a line would be wider than `width` columns a list of the
/// winners instead: the configuration, the winner and its time, the second and the winner's
/// speed-up over it, and over slow. The first line says by which clock. Below, a line a path:
/// configurations with a right time, wins, and its speed-ups over slow and fast (geometric means).
std::string contender_table(const Contenders& contenders, std::size_t width);

}  // namespace mhabench
