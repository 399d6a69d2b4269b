#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/process.h"
#include "support/temp_dir.h"

namespace mhabench::test {

using Arguments = std::vector<std::string>;
using Environment = std::map<std::string, std::string>;

/// One of the arguments after the other.
Arguments operator+(Arguments a, const Arguments& b);

/// One configuration on the CPU that takes next to no time: two rows of three calls.
Arguments tiny_run();

/// The configuration of tiny_run() as it stands in names, after "MHA/slow/".
inline constexpr std::string_view kTinyName =
    "fp32/batch:2/seq_len:8/embed_dim:16/heads:2/beta:1/manual_time";

/// The lines of a text whose last one ends, as all do, in '\n'.
std::vector<std::string> lines_of(std::string_view text);

/// How often `part` stands in `text`.
int count_of(std::string_view part, std::string_view text);

/// Reads JSON as its standard has it, and refuses a key that an object holds twice. Throws
/// std::runtime_error or nlohmann's errors.
nlohmann::json strict_json(const std::string& text);

/// The objects of a results file without what differs from one run to the next: times and what
/// follows from them.
nlohmann::json without_times(nlohmann::json rows);

/// A program, mha_bench unless another is named, run in a directory of its own.
class ProgramTest : public ::testing::Test {
 protected:
  explicit ProgramTest(std::string program = MHABENCH_BENCH_PROGRAM)
      : program_(std::move(program)) {}

  Command command(const Arguments& arguments, const Environment& environment = {}) const;
  /// The same for the program with paths that fail, each in its own way (faulty_paths.cpp).
  Command faulty(const Arguments& arguments, const Environment& environment = {}) const;
  Outcome run(const Arguments& arguments, const Environment& environment = {}) const;

  /// Runs it, and fails the test where its exit status is another.
  Outcome run_to(int status, const Arguments& arguments, const Environment& environment = {}) const;

  void write(std::string_view name, std::string_view text) const { write_text(dir_ / name, text); }
  std::string read(std::string_view name) const { return read_text(dir_ / name); }
  nlohmann::json read_json(std::string_view name) const { return strict_json(read(name)); }
  /// The rows of a file of --benchmark_out.
  nlohmann::json read_rows(std::string_view name) const { return read_json(name).at("benchmarks"); }
  std::vector<std::string> files() const { return names_in(dir_.path()); }

  TempDir dir_;

 private:
  std::string program_;
};

}  // namespace mhabench::test
