#include "mhabench/results/journal.h"

#include <array>
#include <cstdio>
#include <set>
#include <string>

#include <boost/crc.hpp>
#include <nlohmann/json.hpp>

#include "fuzz/targets.h"
#include "mhabench/base/error.h"
#include "mhabench/base/text.h"

namespace mhabench::fuzz {
namespace {

// A line with the checksum of its fields, so that what stands behind it is met too.
std::string signed_line(std::string_view fields) {
  boost::crc_32_type crc;
  crc.process_bytes(fields.data(), fields.size());
  std::array<char, 9> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x", static_cast<unsigned>(crc.checksum()));
  return R"({"crc32":")" + std::string(digits.data()) + "\"," + std::string(fields) + '\n';
}

void check(std::string_view text) {
  try {
    const JournalContent content = parse_journal(text, "rows.json.journal");
    require(content.bytes <= text.size(), "more than there is");
    require(content.torn == (content.bytes < text.size()), "torn, or whole");
    std::set<std::string> names;
    for (const FinishedRow& row : content.rows) {
      require(names.insert(row.name).second, "a row stands twice");
      for (const auto& report : row.reports) require(report.is_object(), "a report is no object");
    }
  } catch (const InputError& error) {
    require_one_line(error.what());
  }
}

}  // namespace

void journal(std::string_view input) {
  check(input);
  std::string text;
  for (const std::string_view line : split(input, '\n')) text += signed_line(line);
  check(text);
}

}  // namespace mhabench::fuzz
