#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <string_view>
#include <vector>

#include "mhabench/config/config.h"
#include "mhabench/config/grid.h"

namespace mhabench {

/// What a lengths file may hold, so that no input takes more than about a gigabyte to read.
inline constexpr std::size_t kMaxLengthsFileBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxLengthsFileBatches = 100'000;
inline constexpr std::size_t kMaxLengthsPerBatch = 1'000'000;

/// Reads the batches of a lengths file, one a line, in the file's order. A line holds the lengths
/// of one batch in tokens, blank-separated,
///
///     512 37 128 9     # a comment
///
/// or, as write_lengths_dump writes it, one whole configuration ('-' where there is no beta):
///
///     batch seq_len embed_dim heads beta : lengths...
///
/// '#' starts a comment; empty lines are skipped but counted. Lines end in LF or CRLF, the last one
/// at will; a UTF-8 byte order mark is skipped. All integers are from 1 to 2^31 - 1. The stem of
/// every batch is the file's name without its last extension, with '_' for each byte outside
/// [A-Za-z0-9_-]. Takes time linear in the file's size.
///
/// Throws InputError, one line with file, line number and what is allowed: a file that cannot be
/// read, holds no batch or exceeds the limits above; NUL bytes; a value that is malformed or out of
/// range; in a dumped line also a number of lengths other than batch, a length above seq_len, heads
/// that do not divide embed_dim, and a beta outside kMinBeta to kMaxBeta.
std::vector<LengthsLine> read_lengths_file(const std::filesystem::path& file);

/// The same for the content of a file, whose name gives the stem and stands in messages.
std::vector<LengthsLine> parse_lengths(std::string_view content, const std::filesystem::path& file);

/// Writes each configuration with its lengths as a line that read_lengths_file reads back, in the
/// order given. The line holds no dtype, so configurations that differ in it alone share the line
/// of the first: read back for the same dtypes, they are the same configurations again.
///
/// Throws InputError as make_lengths does, before anything is written. The state of `out` is the
/// caller's to check.
void write_lengths_dump(std::ostream& out, const std::vector<MhaConfig>& configs,
                        std::uint64_t seed);

}  // namespace mhabench
