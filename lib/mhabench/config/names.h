#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mhabench/config/config.h"

namespace mhabench {

/// "fp32", "fp16", "bf16".
std::string_view name_of(Dtype dtype);
/// Reads such a name. Throws InputError that lists the allowed ones.
Dtype parse_dtype(std::string_view text);
std::vector<std::string> dtype_names();

/// "script", "beta", "full", "uniform"; "replayed" for lengths out of a file.
std::string_view name_of(LengthsKind kind);
/// The word of today for a source of lengths that a file names: "script" for "numpy".
std::string current_lengths_name(std::string_view name);
/// Reads one of the first four, or "numpy", the older word for script. Throws InputError that lists
/// them.
LengthsKind parse_lengths_kind(std::string_view text);

/// "warm", "rotate".
std::string_view name_of(L2Mode mode);
/// Reads such a name. Throws InputError that lists the allowed ones.
L2Mode parse_l2_mode(std::string_view text);
/// "flash", "efficient", "cudnn", "math".
std::string_view name_of(SdpaBackend backend);
/// Reads such a name. Throws InputError that lists the allowed ones.
SdpaBackend parse_sdpa(std::string_view text);
std::vector<std::string> sdpa_names();

/// A row's name: the path and every axis of its configuration,
/// "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85". Sources of lengths without
/// a beta stand in its place ("lengths:full", "lengths:<stem>.<line>"); "lengths:beta" follows it.
/// Modes stand at the end where they are not the default: "sdpa:flash", "l2:rotate".
struct RowName {
  std::string path;
  MhaConfig config;

  friend bool operator==(const RowName&, const RowName&) = default;
};

std::string row_name(std::string_view path, const MhaConfig& config);

/// The name without path: what the paths of one configuration have in common.
std::string config_name(const MhaConfig& config);

/// Reads a row's name, with or without Google Benchmark's suffixes such as "/manual_time". A
/// replayed batch comes back without its lengths, which no name holds. Throws InputError.
RowName parse_row_name(std::string_view name);

/// The name that a row of a results file has today. `lengths` is its field of that name, "" where
/// it has none. Files of schema 1 call the script's lengths "lengths:numpy", and draws by
/// Boost.Math's quantile nothing at all.
std::string current_row_name(std::string_view name, std::string_view lengths);

}  // namespace mhabench
