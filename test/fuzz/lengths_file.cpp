#include "mhabench/config/lengths_file.h"

#include <cstdint>

#include "fuzz/targets.h"
#include "mhabench/base/error.h"

namespace mhabench::fuzz {
namespace {

// As a file would hold it.
std::string text_of(const LengthsLine& line) {
  std::string text;
  if (line.fixed) {
    const LengthsLine::Fixed& fixed = *line.fixed;
    text = std::to_string(line.lengths.size()) + ' ' + std::to_string(fixed.seq_len) + ' ' +
           std::to_string(fixed.embed_dim) + ' ' + std::to_string(fixed.heads) + ' ' +
           (fixed.beta ? fixed.beta->str() : "-") + " : ";
  }
  for (const std::int64_t length : line.lengths) text += std::to_string(length) + ' ';
  return text;
}

void check(const LengthsLine& line) {
  require(line.stem == "fuzz" && line.line > 0, "a line without its place");
  require(!line.lengths.empty(), "a batch without lengths");
  for (const std::int64_t length : line.lengths) {
    require(length > 0 && length <= 2147483647, "a length out of range");
    require(!line.fixed || length <= line.fixed->seq_len, "a length above seq_len");
  }
  const std::vector<LengthsLine> again = parse_lengths(text_of(line), "fuzz.txt");
  require(again.size() == 1 && again[0].lengths == line.lengths && again[0].fixed == line.fixed,
          "a line is read back as another");
}

}  // namespace

void lengths_file(std::string_view input) {
  try {
    const std::vector<LengthsLine> lines = parse_lengths(input, "fuzz.txt");
    require(!lines.empty(), "no batch");
    for (const LengthsLine& line : lines) check(line);
  } catch (const InputError& error) {
    require_one_line(error.what());
  }
}

}  // namespace mhabench::fuzz
