#include "mhabench/config/lengths_file.h"

#include <algorithm>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "mhabench/base/error.h"
#include "mhabench/base/text.h"
#include "mhabench/base/text_file.h"
#include "mhabench/config/lengths.h"
#include "mhabench/config/names.h"

namespace mhabench {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kHead = "batch seq_len embed_dim heads beta";
constexpr std::size_t kHeadValues = 5;

// Text of unknown origin as part of a one-line message.
std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  std::string result(text.substr(0, kLongest));
  std::ranges::replace_if(
      result, [](char c) { return c < ' ' || c > '~'; }, '?');
  return "'" + result + (text.size() > kLongest ? "...'" : "'");
}

// Where a message points: the file, and the line unless it is about the file as a whole.
struct Place {
  std::string file;
  int line = 0;

  [[noreturn]] void fail(const std::string& what) const {
    throw InputError("lengths file '" + file + "'" +
                     (line > 0 ? ", line " + std::to_string(line) : "") + ": " + what);
  }
};

Place place_of(const std::filesystem::path& file) {
  std::string name = file.string();
  std::ranges::replace_if(
      name, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, '?');
  return {name, 0};
}

std::string content_of(const std::filesystem::path& file, const Place& place) {
  try {
    return read_text(file, kMaxLengthsFileBytes);
  } catch (const InputError& error) {
    place.fail(error.what());
  }
}

// Cuts the next blank-separated value off `rest`; empty where there is none.
std::string_view next_value(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
  const std::string_view value = rest.substr(0, rest.find_first_of(kBlanks));
  rest.remove_prefix(value.size());
  return value;
}

std::int64_t integer_of(std::string_view text, const std::string& noun, const Place& place) {
  try {
    return parse_positive(text);
  } catch (const InputError&) {
    place.fail(noun + ' ' + shown(text) + " is not an integer from 1 to 2147483647");
  }
}

std::optional<Decimal> beta_of(std::string_view text, const Place& place) {
  if (text == "-") return std::nullopt;
  try {
    const Decimal beta = Decimal::parse(text);
    check_beta(beta);
    return beta;
  } catch (const InputError&) {
    place.fail("beta " + shown(text) + " is neither '-' nor a decimal number from " +
               kMinBeta.str() + " to " + kMaxBeta.str());
  }
}

std::vector<std::int64_t> lengths_of(std::string_view text, const Place& place) {
  std::vector<std::int64_t> lengths;
  for (std::string_view value = next_value(text); !value.empty(); value = next_value(text)) {
    if (lengths.size() == kMaxLengthsPerBatch) {
      place.fail("more than " + std::to_string(kMaxLengthsPerBatch) + " lengths in one batch");
    }
    lengths.push_back(integer_of(value, "length", place));
  }
  return lengths;
}

// The axes of a dumped line.
struct Head {
  std::int64_t batch = 0;
  LengthsLine::Fixed fixed;
};

Head head_of(std::string_view text, const Place& place) {
  std::vector<std::string_view> values;
  for (std::string_view value = next_value(text); !value.empty() && values.size() <= kHeadValues;
       value = next_value(text)) {
    values.push_back(value);
  }
  if (values.size() != kHeadValues) {
    place.fail("a ':' follows the five values '" + std::string(kHead) + "', but " +
               (values.size() > kHeadValues ? "more" : std::to_string(values.size())) +
               " stand before it");
  }
  Head head;
  head.batch = integer_of(values[0], "batch", place);
  head.fixed.seq_len = integer_of(values[1], "seq_len", place);
  head.fixed.embed_dim = integer_of(values[2], "embed_dim", place);
  head.fixed.heads = integer_of(values[3], "heads", place);
  head.fixed.beta = beta_of(values[4], place);
  return head;
}

void check_dumped(const Head& head, const std::vector<std::int64_t>& lengths, const Place& place) {
  if (std::ssize(lengths) != head.batch) {
    place.fail("batch is " + std::to_string(head.batch) + ", but " +
               std::to_string(lengths.size()) + " lengths follow the ':'");
  }
  const std::int64_t longest = std::ranges::max(lengths);
  if (longest > head.fixed.seq_len) {
    place.fail("length " + std::to_string(longest) + " is above seq_len " +
               std::to_string(head.fixed.seq_len));
  }
  if (head.fixed.embed_dim % head.fixed.heads != 0) {
    place.fail("embed_dim " + std::to_string(head.fixed.embed_dim) +
               " is not a multiple of heads " + std::to_string(head.fixed.heads));
  }
}

// What is left of a line without its comment and the CR of a CRLF.
std::string_view data_of(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line.substr(0, line.find('#'));
}

// The batch of one line, or nothing where the line holds no data.
std::optional<LengthsLine> batch_of(std::string_view text, const std::string& stem,
                                    const Place& place) {
  if (text.find('\0') != std::string_view::npos) {
    place.fail("holds a NUL byte, so this is not a text file");
  }
  const std::string_view data = data_of(text);
  const std::size_t colon = data.find(':');
  if (colon == std::string_view::npos) {
    std::vector<std::int64_t> lengths = lengths_of(data, place);
    if (lengths.empty()) return std::nullopt;
    return LengthsLine{stem, place.line, std::move(lengths), std::nullopt};
  }
  const Head head = head_of(data.substr(0, colon), place);
  std::vector<std::int64_t> lengths = lengths_of(data.substr(colon + 1), place);
  check_dumped(head, lengths, place);
  return LengthsLine{stem, place.line, std::move(lengths), head.fixed};
}

std::string stem_of(const std::filesystem::path& file) {
  std::string stem = file.stem().string();
  const auto is_kept = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  std::ranges::replace_if(
      stem, [&](char c) { return !is_kept(c); }, '_');
  return stem;
}

std::string dump_line(const MhaConfig& config, std::uint64_t seed) {
  // std::to_string, because a stream's locale may group digits.
  std::string line = std::to_string(config.batch) + ' ' + std::to_string(config.seq_len) + ' ' +
                     std::to_string(config.embed_dim) + ' ' + std::to_string(config.heads) + ' ' +
                     (config.lengths.beta ? config.lengths.beta->str() : "-") + " :";
  for (const std::int64_t length : make_lengths(config, seed)) {
    line += ' ' + std::to_string(length);
  }
  return line + '\n';
}

// Tells whether a configuration is the first of those that differ in dtype alone.
class FirstOfDtypes {
 public:
  bool operator()(MhaConfig config) {
    const Dtype dtype = std::exchange(config.dtype, Dtype{});
    return dtypes_.try_emplace(config_name(config), dtype).first->second == dtype;
  }

 private:
  std::map<std::string, Dtype> dtypes_;
};

}  // namespace

std::vector<LengthsLine> read_lengths_file(const std::filesystem::path& file) {
  return parse_lengths(content_of(file, place_of(file)), file);
}

std::vector<LengthsLine> parse_lengths(std::string_view rest, const std::filesystem::path& file) {
  Place place = place_of(file);
  if (constexpr std::string_view kMark = "\xEF\xBB\xBF"; rest.starts_with(kMark)) {
    rest.remove_prefix(kMark.size());
  }
  const std::string stem = stem_of(file);
  std::vector<LengthsLine> batches;
  while (!rest.empty()) {
    ++place.line;
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    std::optional<LengthsLine> batch = batch_of(line, stem, place);
    if (!batch) continue;
    if (batches.size() == kMaxLengthsFileBatches) {
      place.fail("more than " + std::to_string(kMaxLengthsFileBatches) + " batches in one file");
    }
    batches.push_back(std::move(*batch));
  }
  place.line = 0;
  if (batches.empty()) {
    place.fail("holds no batch (one a line: blank-separated lengths from 1 to 2147483647)");
  }
  return batches;
}

void write_lengths_dump(std::ostream& out, const std::vector<MhaConfig>& configs,
                        std::uint64_t seed) {
  for (const MhaConfig& config : configs) check_lengths(config, seed);
  FirstOfDtypes is_first;
  for (const MhaConfig& config : configs) {
    if (is_first(config)) out << dump_line(config, seed);
  }
}

}  // namespace mhabench
