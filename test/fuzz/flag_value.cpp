#include <array>
#include <cmath>

#include "bench/cli/filter.h"
#include "bench/cli/flag_values.h"
#include "fuzz/targets.h"
#include "mhabench/base/error.h"
#include "mhabench/config/lengths.h"
#include "mhabench/shards/shard.h"

namespace mhabench::fuzz {
namespace {

using Reader = void (*)(std::string_view);

void read_betas(std::string_view text) {
  for (const Decimal beta : bench::parse_betas(text)) {
    require(kMinBeta <= beta && beta <= kMaxBeta, "a beta out of range");
    require(Decimal::parse(beta.str()) == beta, "a decimal is read back as another");
  }
}

void read_axis(std::string_view text) {
  for (const std::int64_t value : bench::parse_axis(text)) {
    require(value > 0 && value <= 2147483647, "a value out of range");
  }
}

void read_seconds(std::string_view text) {
  const double seconds = bench::parse_seconds(text);
  require(std::isfinite(seconds) && seconds >= 0, "seconds out of range");
}

void read_share(std::string_view text) {
  const double share = bench::parse_share(text);
  require(share > 0 && share < 1, "a share out of range");
}

void read_shard(std::string_view text) {
  const Shard shard = parse_shard(text);
  require(1 <= shard.index && shard.index <= shard.of, "a shard out of range");
  require(parse_shard(text_of(shard)) == shard, "a shard is read back as another");
}

void read_indices(std::string_view text) {
  const std::vector<std::size_t> indices = parse_indices(text, 1000);
  require(parse_indices(text_of_indices(indices), 1000) == indices,
          "indices are read back as others");
}

constexpr std::array<Reader, 14> kReaders{
    read_betas,
    read_axis,
    read_seconds,
    read_share,
    read_shard,
    read_indices,
    [](std::string_view text) { bench::parse_switch(text); },
    [](std::string_view text) { bench::parse_seed(text); },
    [](std::string_view text) { bench::parse_min_time(text); },
    [](std::string_view text) { bench::parse_device(text); },
    [](std::string_view text) { bench::parse_context(text); },
    [](std::string_view text) { bench::parse_dtypes(text); },
    [](std::string_view text) {
      bench::parse_paths(text, {"slow", "fast", "packed_flash"});
    },
    [](std::string_view text) { bench::RowFilter{text}; },
};

}  // namespace

// The first character says whose value the rest is: 'a' for the first reader.
void flag_value(std::string_view input) {
  if (input.empty()) return;
  const std::size_t reader = static_cast<unsigned char>(input.front() - 'a') % kReaders.size();
  try {
    kReaders[reader](input.substr(1));
  } catch (const InputError& error) {
    require(error.what()[0] != '\0', "an empty message");  // parse_flags makes it one line
  }
}

}  // namespace mhabench::fuzz
