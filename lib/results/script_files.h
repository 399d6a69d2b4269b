#pragma once

#include <string>
#include <vector>

#include "mhabench/results/pairs.h"

namespace mhabench {

/// The CSV that PyTorch's script saves: its columns, spelling, digits and line ends. A time that
/// was not measured is an empty field.
std::string script_csv(const std::vector<Pair>& pairs);

/// The JSON object that the script saves: for each configuration where fast and slow differ by more
/// than the script allows, its key (without beta, so that betas add up) and how often; blanks as in
/// the script's file.
std::string script_error_json(const std::vector<Pair>& pairs);

}  // namespace mhabench
