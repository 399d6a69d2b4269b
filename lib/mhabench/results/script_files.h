#pragma once

#include <string>
#include <vector>

#include "mhabench/results/contenders.h"
#include "mhabench/results/pairs.h"

namespace mhabench {

/// The CSV that PyTorch's script saves: its columns, spelling, digits and line ends. A time that
/// was not measured is an empty field.
std::string script_csv(const std::vector<Pair>& pairs);

/// The same where other paths were run: a line for each configuration of `contenders`, and after
/// the script's columns
/// - for each other path its time and its speed-up over slow: "time_<path> (µs)",
///   "speedup <path> v slow"
/// - for every path, as far as some row has them: the GPU's busy time "busy_<path> (µs)", the
///   times of packing and unpacking "pack_<path> (µs)" and "unpack_<path> (µs)", and
///   layer totals "total_1_<path> (µs)" and "total_12_<path> (µs)"
/// Times of wrong results stand there as those of slow and fast do; totals of such are empty.
std::string script_csv(const std::vector<Pair>& pairs, const Contenders& contenders);

/// The JSON object that the script saves: for each configuration where fast and slow differ by more
/// than the script allows, its key (without beta, so that betas add up) and how often; blanks as in
/// the script's file.
std::string script_error_json(const std::vector<Pair>& pairs);

}  // namespace mhabench
