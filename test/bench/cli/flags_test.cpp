#include "bench/cli/flags.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "bench/cli/grid_choice.h"
#include "mhabench/base/error.h"
#include "mhabench/base/text.h"
#include "support/environment.h"
#include "support/errors.h"

namespace mhabench::bench {
namespace {

using test::message_of;
using Arguments = std::vector<std::string>;
using Names = std::vector<std::string>;
using Context = std::map<std::string, std::string>;

class Flags : public ::testing::Test {
 protected:
  static FlagContext context() { return {{"slow", "fast", "packed_flash"}, "LibTorch 2.0"}; }
  static Options parse(const Arguments& arguments) { return parse_flags(arguments, context()); }
  static std::string help_text() { return parse({"--help"}).answer; }
  static std::string error_of(const Arguments& arguments) {
    return message_of<InputError>([&] { parse(arguments); });
  }

  test::BenchmarkVariables variables_;
};

std::vector<Decimal> decimals(std::string_view text) { return parse_decimals(text); }

TEST_F(Flags, NothingGivenIsTheDefaults) {
  const Options options = parse({});
  EXPECT_EQ(options.paths, (Names{"slow", "fast"}));
  EXPECT_EQ(options.seed, 26214u);
  EXPECT_EQ(options.device, (DeviceRequest{DeviceRequest::Kind::automatic, std::nullopt}));
  EXPECT_EQ(options.threads, std::nullopt);
  EXPECT_EQ(options.save_path + options.error_save_path + options.dump_lengths, "");
  EXPECT_FALSE(options.list);
  EXPECT_EQ(options.answer, "");
  EXPECT_EQ(options.grid.name, std::nullopt);
  EXPECT_EQ(options.grid.dtypes, std::nullopt);
  EXPECT_EQ(options.grid.batches, std::nullopt);
  EXPECT_EQ(options.grid.seq_lens, std::nullopt);
  EXPECT_EQ(options.grid.embed_dims, std::nullopt);
  EXPECT_EQ(options.grid.heads, std::nullopt);
  EXPECT_EQ(options.grid.betas, std::nullopt);
  EXPECT_EQ(options.grid.lengths, std::nullopt);
  EXPECT_EQ(options.grid.lengths_file, "");
}

TEST_F(Flags, NothingGivenIsTheDefaultsOfGoogleBenchmarkToo) {
  const BenchmarkOptions options = parse({}).benchmark;
  EXPECT_EQ(options.filter, "");
  EXPECT_EQ(options.format, std::nullopt);
  EXPECT_EQ(options.out, "");
  EXPECT_EQ(options.out_format, Format::json);
  EXPECT_EQ(options.min_time_s, std::nullopt);
  EXPECT_EQ(options.iterations, std::nullopt);
  EXPECT_EQ(options.min_warmup_time_s, 0);
  EXPECT_EQ(options.repetitions, 1);
  EXPECT_FALSE(options.dry_run || options.random_interleaving || options.list_tests);
  EXPECT_FALSE(options.report_aggregates_only || options.display_aggregates_only);
  EXPECT_FALSE(options.counters_tabular);
  EXPECT_EQ(options.color, Color::automatic);
  EXPECT_TRUE(options.context.empty());
  EXPECT_EQ(options.perf_counters + options.time_unit, "");
  EXPECT_EQ(options.verbosity, 0);
}

TEST_F(Flags, SelectPathsByPatternInTheTablesOrder) {
  EXPECT_EQ(parse({"--path=all"}).paths, (Names{"slow", "fast", "packed_flash"}));
  EXPECT_EQ(parse({"--path=*a*"}).paths, (Names{"fast", "packed_flash"}));
  EXPECT_EQ(parse({"--path=packed_*,slow"}).paths, (Names{"packed_flash", "slow"}));
  EXPECT_EQ(parse({"--path=?l?w,all"}).paths, (Names{"slow", "fast", "packed_flash"}));
}

TEST_F(Flags, PinABackEndWhereAsked) {
  EXPECT_EQ(parse({}).sdpa, std::nullopt);
  EXPECT_EQ(parse({"--sdpa=efficient"}).sdpa, SdpaBackend::efficient);
}

TEST_F(Flags, KeepACanaryWhereAsked) {
  EXPECT_EQ(parse({}).canary_s, std::nullopt);
  EXPECT_EQ(parse({"--canary=30"}).canary_s, 30);
  EXPECT_EQ(parse({"--canary=0s"}).canary_s, 0);
}

TEST_F(Flags, SelectPathsDeviceAndFiles) {
  const Options options = parse({"--path=fast,slow,fast", "--seed=18446744073709551615",
                                 "--device=cuda:3", "--threads=2", "--save_path=a.csv",
                                 "--error_save_path=b.json", "--dump_lengths=c", "--list"});
  EXPECT_EQ(options.paths, (Names{"fast", "slow"}));
  EXPECT_EQ(options.seed, 18446744073709551615u);
  EXPECT_EQ(options.device, (DeviceRequest{DeviceRequest::Kind::cuda, 3}));
  EXPECT_EQ(options.threads, 2);
  EXPECT_EQ(options.save_path, "a.csv");
  EXPECT_EQ(options.error_save_path, "b.json");
  EXPECT_EQ(options.dump_lengths, "c");
  EXPECT_TRUE(options.list);
}

TEST_F(Flags, NameDevices) {
  EXPECT_EQ(parse({"--device=auto"}).device, DeviceRequest{});
  EXPECT_EQ(parse({"--device=cpu"}).device,
            (DeviceRequest{DeviceRequest::Kind::cpu, std::nullopt}));
  EXPECT_EQ(parse({"--device=cuda"}).device,
            (DeviceRequest{DeviceRequest::Kind::cuda, std::nullopt}));
  EXPECT_EQ(parse({"--device=cuda:0"}).device, (DeviceRequest{DeviceRequest::Kind::cuda, 0}));
}

TEST_F(Flags, TakeListsAndRangesForAxesWithoutRepeatedValues) {
  const GridChoice grid =
      parse({"--grid=cpu", "--dtype=bf16,fp32,bf16", "--batch=3,1:5:2", "--seq_len=64",
             "--embed_dim=512,512", "--heads=8,16", "--beta=0.05:0.45:0.2,3"})
          .grid;
  EXPECT_EQ(grid.name, "cpu");
  EXPECT_EQ(grid.dtypes, (std::vector{Dtype::bf16, Dtype::fp32}));
  EXPECT_EQ(grid.batches, (std::vector<std::int64_t>{3, 1, 5}));
  EXPECT_EQ(grid.seq_lens, (std::vector<std::int64_t>{64}));
  EXPECT_EQ(grid.embed_dims, (std::vector<std::int64_t>{512}));
  EXPECT_EQ(grid.heads, (std::vector<std::int64_t>{8, 16}));
  EXPECT_EQ(grid.betas, decimals("0.05,0.25,0.45,3"));
  EXPECT_EQ(parse({"--lengths=numpy"}).grid.lengths, LengthsKind::script);
  EXPECT_EQ(parse({"--lengths_file=served.txt"}).grid.lengths_file, "served.txt");
}

TEST_F(Flags, ReadGoogleBenchmarksOwn) {
  const BenchmarkOptions options =
      parse({"--benchmark_filter=-fast/.*heads:8/", "--benchmark_format=csv",
             "--benchmark_out=rows.json", "--benchmark_out_format=console",
             "--benchmark_min_warmup_time=0.25", "--benchmark_repetitions=9", "--benchmark_dry_run",
             "--benchmark_enable_random_interleaving=true",
             "--benchmark_report_aggregates_only=yes", "--benchmark_display_aggregates_only=T",
             "--benchmark_color=false", "--benchmark_counters_tabular=1",
             "--benchmark_context=a=1,b=", "--benchmark_perf_counters=CYCLES",
             "--benchmark_time_unit=ms", "--v=2", "--benchmark_list_tests=ON"})
          .benchmark;
  EXPECT_EQ(options.filter, "-fast/.*heads:8/");
  EXPECT_EQ(options.format, Format::csv);
  EXPECT_EQ(options.out, "rows.json");
  EXPECT_EQ(options.out_format, Format::console);
  EXPECT_EQ(options.min_warmup_time_s, 0.25);
  EXPECT_EQ(options.repetitions, 9);
  EXPECT_TRUE(options.dry_run && options.random_interleaving && options.list_tests);
  EXPECT_TRUE(options.report_aggregates_only && options.display_aggregates_only);
  EXPECT_TRUE(options.counters_tabular);
  EXPECT_EQ(options.color, Color::never);
  EXPECT_EQ(options.context, (Context{{"a", "1"}, {"b", ""}}));
  EXPECT_EQ(options.perf_counters, "CYCLES");
  EXPECT_EQ(options.time_unit, "ms");
  EXPECT_EQ(options.verbosity, 2);
}

TEST_F(Flags, TakeMinTimeAsSecondsOrCalls) {
  const struct {
    const char* text;
    std::optional<double> seconds;
    std::optional<std::int64_t> calls;
  } cases[] = {
      {"0.5", 0.5, std::nullopt},    {"0.5s", 0.5, std::nullopt}, {"2s", 2.0, std::nullopt},
      {"1e-3s", 1e-3, std::nullopt}, {"0", 0.0, std::nullopt},    {"20x", std::nullopt, 20},
  };
  for (const auto& [text, seconds, calls] : cases) {
    const BenchmarkOptions options = parse({std::string("--benchmark_min_time=") + text}).benchmark;
    EXPECT_EQ(options.min_time_s, seconds) << text;
    EXPECT_EQ(options.iterations, calls) << text;
  }
}

TEST_F(Flags, TakePeaksInTheirUnits) {
  EXPECT_FALSE(parse({}).peaks);
  const std::optional<PeakRates> peaks = parse({"--peaks=750,4.3,4.125"}).peaks;
  ASSERT_TRUE(peaks);
  EXPECT_EQ(peaks->flops, 750e12);
  EXPECT_EQ(peaks->bytes, 4.3e12);
  EXPECT_EQ(peaks->exponentials, 4.125e12);
  const std::string allowed =
      " is not MATRIX_TFLOPS,COPY_TBS,EXP_TERA: three numbers above 0 and at most 1e9, such as "
      "750,4.3,4.1";
  for (const char* const wrong : {"750", "750,4.3", "750,4.3,4.1,1", "750,4.3,0", "-1,4,4",
                                  "nan,1,1", "inf,1,1", "1,2,3x", "1,,3", "1, 2,3", "1e10,1,1"}) {
    EXPECT_EQ(error_of({"--peaks=" + std::string(wrong)}),
              "--peaks: '" + std::string(wrong) + "'" + allowed);
  }
}

TEST_F(Flags, KeepTheLastOfAFlagGivenTwice) {
  EXPECT_EQ(parse({"--seed=1", "--seed=2"}).seed, 2u);
  EXPECT_EQ(parse({"--seed=nonsense", "--seed=2"}).seed, 2u);
  EXPECT_FALSE(parse({"--list", "--list=false"}).list);
  EXPECT_EQ(parse({"--path=slow", "--path=fast"}).paths, (Names{"fast"}));
  EXPECT_EQ(parse({"--benchmark_context=a=1,b=2", "--benchmark_context=b=3,c=4"}).benchmark.context,
            (Context{{"a", "1"}, {"b", "3"}, {"c", "4"}}));
}

TEST_F(Flags, AreSpelledInMoreThanOneWay) {
  const Options options =
      parse({"--seq-len", "64,128", "--save-path", "my-rows_1.csv", "--benchmark-filter=a-b",
             "--benchmark_color", "no", "--benchmark-dry-run=off", "--beta", ".5"});
  EXPECT_EQ(options.grid.seq_lens, (std::vector<std::int64_t>{64, 128}));
  EXPECT_EQ(options.save_path, "my-rows_1.csv");
  EXPECT_EQ(options.benchmark.filter, "a-b");
  EXPECT_EQ(options.benchmark.color, Color::never);
  EXPECT_FALSE(options.benchmark.dry_run);
  EXPECT_EQ(options.grid.betas, decimals("0.5"));
}

TEST_F(Flags, LeaveValuesAlone) {
  EXPECT_EQ(parse({"--benchmark_filter", "-slow"}).benchmark.filter, "-slow");
  EXPECT_EQ(parse({"--benchmark_filter=--slow"}).benchmark.filter, "--slow");
  EXPECT_EQ(parse({"--benchmark_filter=[sf]"}).benchmark.filter, "[sf]");
  EXPECT_EQ(parse({"--benchmark_filter=a=b,c d"}).benchmark.filter, "a=b,c d");
  EXPECT_EQ(parse({"--benchmark_out=\"x\""}).benchmark.out, "\"x\"");
  EXPECT_EQ(parse({"--save_path=--x"}).save_path, "--x");
}

TEST_F(Flags, TakeAnEmptyValueForNoneWhereGoogleBenchmarkDoes) {
  const Options options = parse({"--benchmark_out=", "--list", "--benchmark_filter", ""});
  EXPECT_EQ(options.benchmark.out, "");
  EXPECT_EQ(options.benchmark.filter, "");
  EXPECT_TRUE(options.list);
}

TEST_F(Flags, AnswerHelpAndVersionBeforeAnythingElse) {
  variables_.set("BENCHMARK_FORMAT", "xml");
  for (const char* flag : {"--help", "-h"}) {
    EXPECT_EQ(parse({"--seed=nonsense", flag, "--unknown"}).answer, help_text());
  }
  EXPECT_TRUE(parse({"--version", "--seed=nonsense"}).answer.ends_with("), LibTorch 2.0\n"));
}

TEST_F(Flags, SayWhatIsWrong) {
  const struct {
    Arguments arguments;
    const char* message;
  } cases[] = {
      // No such flag.
      {{"--bacth=16"}, "unknown flag '--bacth' (--help lists all), did you mean '--batch'?"},
      {{"--seqlen", "64"}, "unknown flag '--seqlen' (--help lists all), did you mean '--seq_len'?"},
      {{"--filter=x"},
       "unknown flag '--filter' (--help lists all), did you mean '--benchmark_filter'?"},
      {{"--min-time=1"},
       "unknown flag '--min-time' (--help lists all), did you mean '--benchmark_min_time'?"},
      {{"--vers"}, "unknown flag '--vers' (--help lists all), did you mean '--version'?"},
      {{"--frobnicate"}, "unknown flag '--frobnicate' (--help lists all)"},
      {{"-batch=16"}, "unknown flag '-batch' (--help lists all), did you mean '--batch'?"},
      {{"-heads=16"}, "unknown flag '-heads' (--help lists all), did you mean '--heads'?"},
      {{"16"}, "unexpected argument '16' (allowed: flags alone, as --flag=value)"},
      {{"--list", "true"}, "unexpected argument 'true' (allowed: flags alone, as --flag=value)"},
      {{"--", "--list"}, "unexpected argument '--list' (allowed: flags alone, as --flag=value)"},
      {{""}, "unexpected argument '' (allowed: flags alone, as --flag=value)"},
      // No value.
      {{"--batch"}, "--batch needs a value: --batch=LIST"},
      {{"--batch", "--list"}, "--batch needs a value: --batch=LIST"},
      {{"--batch="}, "--batch needs a value: --batch=LIST"},
      {{"--batch=", "16"}, "--batch needs a value: --batch=LIST"},
      {{"--save-path="}, "--save_path needs a value: --save_path=FILE"},
      {{"--lengths_file", ""}, "--lengths_file needs a value: --lengths_file=FILE"},
      {{"--benchmark_out"}, "--benchmark_out needs a value: --benchmark_out=FILE"},
      // Names.
      {{"--path=slow,fats"},
       "--path: unknown path 'fats' (allowed: slow, fast, packed_flash), did you mean 'fast'?"},
      {{"--path=x*"}, "--path: no path matches 'x*' (there are: slow, fast, packed_flash)"},
      {{"--sdpa=falsh"},
       "--sdpa: unknown SDPA back end 'falsh' (allowed: flash, efficient, cudnn, math), did you "
       "mean 'flash'?"},
      {{"--path=slow,"}, "--path: unknown path '' (allowed: slow, fast, packed_flash)"},
      {{"--path=packed"},
       "--path: unknown path 'packed' (allowed: slow, fast, packed_flash), did you mean "
       "'packed_flash'?"},
      {{"--dtype=fp61"},
       "--dtype: unknown dtype 'fp61' (allowed: fp32, fp16, bf16), did you mean 'fp16'?"},
      {{"--dtype=float"}, "--dtype: unknown dtype 'float' (allowed: fp32, fp16, bf16)"},
      {{"--grid=scirpt"},
       "--grid: unknown grid 'scirpt' (allowed: script, quick, cpu), did you mean 'script'?"},
      {{"--lengths=ful"},
       "--lengths: unknown source of lengths 'ful' (allowed: script, beta, full, uniform), did you "
       "mean 'full'?"},
      {{"--lengths=replayed"},
       "--lengths: unknown source of lengths 'replayed' (allowed: script, beta, full, uniform)"},
      {{"--device=gpu"},
       "--device: unknown device 'gpu' (allowed: auto, cpu, cuda, cuda:N), did you mean 'cuda'?"},
      {{"--device=cdua"},
       "--device: unknown device 'cdua' (allowed: auto, cpu, cuda, cuda:N), did you mean 'cuda'?"},
      {{"--device=cuda:x"}, "--device: 'cuda:x' names no GPU: 'x' is not an integer from 0 to 127"},
      {{"--device=cuda:"}, "--device: 'cuda:' names no GPU: '' is not an integer from 0 to 127"},
      {{"--device=cuda:128"},
       "--device: 'cuda:128' names no GPU: '128' is not an integer from 0 to 127"},
      {{"--benchmark_format=jsn"},
       "--benchmark_format: unknown format 'jsn' (allowed: console, json, csv), did you mean "
       "'json'?"},
      {{"--benchmark_out_format=xml"},
       "--benchmark_out_format: unknown format 'xml' (allowed: console, json, csv)"},
      {{"--benchmark_color=blue"},
       "--benchmark_color: unknown choice of color 'blue' (allowed: auto, true, false)"},
      {{"--benchmark_time_unit=min"},
       "--benchmark_time_unit: unknown time unit 'min' (allowed: ns, us, ms, s)"},
      // Numbers, lists and ranges.
      {{"--batch=0"}, "--batch: '0' is not a positive integer"},
      {{"--batch=-3"}, "--batch: '-3' is not a positive integer"},
      {{"--batch=2147483648"}, "--batch: '2147483648' is above 2147483647"},
      {{"--batch=99999999999999999999"}, "--batch: '99999999999999999999' is above 2147483647"},
      {{"--heads=8.0"}, "--heads: '8.0' is not a positive integer"},
      {{"--heads=8,,16"}, "--heads: '' is not a positive integer"},
      {{"--seq_len=64:512"}, "--seq_len: '64:512' is neither a value nor a range first:last:step"},
      {{"--seq_len=512:64:64"}, "--seq_len: '512:64:64' ends below its start"},
      {{"--seq_len=64:512:0"}, "--seq_len: '0' is not a positive integer"},
      {{"--embed_dim=1:1000000:1"}, "--embed_dim: '1:1000000:1' gives more than 100000 values"},
      {{"--beta=0"}, "--beta: '0' is not above 0"},
      {{"--beta=-0.05"}, "--beta: '-0.05' is not above 0"},
      {{"--beta=0.0000001"}, "--beta: '0.0000001' is not from 0.000001 to 1000000"},
      {{"--beta=1000001"}, "--beta: '1000001' is not from 0.000001 to 1000000"},
      {{"--beta=1e-2"},
       "--beta: '1e-2' is not a decimal number (at most nine digits before and after a point, such "
       "as 0.85)"},
      {{"--seed=-1"}, "--seed: '-1' is not an integer from 0 to 18446744073709551615"},
      {{"--seed", "-1"}, "--seed: '-1' is not an integer from 0 to 18446744073709551615"},
      {{"--seed=18446744073709551616"},
       "--seed: '18446744073709551616' is not an integer from 0 to 18446744073709551615"},
      {{"--precision=0.02s"},
       "--precision: '0.02s' is no share above 0 and below 1 (such as 0.02)"},
      {{"--precision=nan"}, "--precision: 'nan' is no share above 0 and below 1 (such as 0.02)"},
      {{"--rounds=6x"}, "--rounds: '6x' is not an integer from 1 to 1000"},
      {{"--threads=4s"}, "--threads: '4s' is not an integer from 1 to 4096"},
      {{"--peaks=750,4.3s,4.1"},
       "--peaks: '750,4.3s,4.1' is not MATRIX_TFLOPS,COPY_TBS,EXP_TERA: three numbers above 0 and "
       "at most 1e9, such as 750,4.3,4.1"},
      {{"--max_row_time=0.5m"},
       "--max_row_time: '0.5m' is no number of seconds (0 or more, such as 0.5)"},
      {{"--threads=0"}, "--threads: '0' is not an integer from 1 to 4096"},
      {{"--list=perhaps"}, "--list: 'perhaps' is neither true nor false"},
      // Google Benchmark's.
      {{"--benchmark_filter=(slow"},
       "--benchmark_filter: '(slow' is not a regular expression: Unmatched ( or \\("},
      {{"--benchmark_min_time=long"},
       "--benchmark_min_time: 'long' is neither seconds (0 or more, such as 0.5 or 0.5s) nor a "
       "number of calls (from 1 to 2147483647, such as 20x)"},
      {{"--benchmark_min_time=-1s"},
       "--benchmark_min_time: '-1s' is neither seconds (0 or more, such as 0.5 or 0.5s) nor a "
       "number of calls (from 1 to 2147483647, such as 20x)"},
      {{"--benchmark_min_time=0x"},
       "--benchmark_min_time: '0x' is neither seconds (0 or more, such as 0.5 or 0.5s) nor a "
       "number of calls (from 1 to 2147483647, such as 20x)"},
      {{"--benchmark_min_time=nan"},
       "--benchmark_min_time: 'nan' is neither seconds (0 or more, such as 0.5 or 0.5s) nor a "
       "number of calls (from 1 to 2147483647, such as 20x)"},
      {{"--benchmark_min_time="},
       "--benchmark_min_time: '' is neither seconds (0 or more, such as 0.5 or 0.5s) nor a "
       "number of calls (from 1 to 2147483647, such as 20x)"},
      {{"--benchmark_min_warmup_time=1e999"},
       "--benchmark_min_warmup_time: '1e999' is no number of seconds (0 or more, such as 0.5)"},
      {{"--benchmark_repetitions=0"},
       "--benchmark_repetitions: '0' is not an integer from 1 to 2147483647"},
      {{"--benchmark_counters_tabular=2"},
       "--benchmark_counters_tabular: '2' is neither true nor false"},
      {{"--benchmark_context=gpu"}, "--benchmark_context: 'gpu' is not of the form key=value"},
      {{"--benchmark_context=a=b=c"}, "--benchmark_context: 'a=b=c' is not of the form key=value"},
      {{"--benchmark_context==1"}, "--benchmark_context: '=1' is not of the form key=value"},
      {{"--benchmark_context=note=x,peaks=1"},
       "--benchmark_context: 'peaks' is a key of the file's own; choose another name"},
      {{"--benchmark_context=date=x"},
       "--benchmark_context: 'date' is a key of the file's own; choose another name"},
      {{"--benchmark_context=a=1,a=2"}, "--benchmark_context: 'a=1,a=2' gives 'a' twice"},
      {{"--v=loud"}, "--v: 'loud' is not an integer from 0 to 2147483647"},
  };
  for (const auto& [arguments, message] : cases) {
    EXPECT_EQ(error_of(arguments), message) << ::testing::PrintToString(arguments);
  }
}

TEST_F(Flags, ReadTheEnvironmentThroughTheSameParser) {
  variables_.set("BENCHMARK_FILTER", "heads:8/");
  variables_.set("BENCHMARK_FORMAT", "json");
  variables_.set("BENCHMARK_OUT", "env.json");
  variables_.set("BENCHMARK_REPETITIONS", "3");
  variables_.set("BENCHMARK_MIN_TIME", "20x");
  variables_.set("BENCHMARK_COUNTERS_TABULAR", "true");
  variables_.set("BENCHMARK_DRY_RUN", "0");
  variables_.set("BENCHMARK_CONTEXT", "a=1,b=2");
  const BenchmarkOptions options = parse({}).benchmark;
  EXPECT_EQ(options.filter, "heads:8/");
  EXPECT_EQ(options.format, Format::json);
  EXPECT_EQ(options.out, "env.json");
  EXPECT_EQ(options.repetitions, 3);
  EXPECT_EQ(options.iterations, 20);
  EXPECT_TRUE(options.counters_tabular);
  EXPECT_FALSE(options.dry_run);
  EXPECT_EQ(options.context, (Context{{"a", "1"}, {"b", "2"}}));
}

TEST_F(Flags, WinOverTheEnvironment) {
  variables_.set("BENCHMARK_OUT", "env.json");
  variables_.set("BENCHMARK_REPETITIONS", "nonsense");
  const BenchmarkOptions options =
      parse({"--benchmark_out=", "--benchmark_repetitions=2"}).benchmark;
  EXPECT_EQ(options.out, "");
  EXPECT_EQ(options.repetitions, 2);
}

TEST_F(Flags, NameTheVariableWithABadValue) {
  const struct {
    const char* variable;
    const char* value;
    const char* message;
  } cases[] = {
      {"BENCHMARK_FORMAT", "xml",
       "BENCHMARK_FORMAT in the environment: unknown format 'xml' (allowed: console, json, csv)"},
      {"BENCHMARK_FILTER", "[8",
       "BENCHMARK_FILTER in the environment: '[8' is not a regular expression: Unmatched [, [^, "
       "[:, [., or [="},
      {"BENCHMARK_REPETITIONS", "many",
       "BENCHMARK_REPETITIONS in the environment: 'many' is not an integer from 1 to 2147483647"},
      {"BENCHMARK_LIST_TESTS", "perhaps",
       "BENCHMARK_LIST_TESTS in the environment: 'perhaps' is neither true nor false"},
  };
  for (const auto& [variable, value, message] : cases) {
    test::BenchmarkVariables only_this;
    only_this.set(variable, value);
    EXPECT_EQ(error_of({}), message);
  }
}

TEST_F(Flags, TakeNothingFromOtherVariables) {
  variables_.set("BENCHMARK_GRID", "nonsense");
  variables_.set("BENCHMARK_FILTER", "");
  ASSERT_EQ(::setenv("V", "9", 1), 0);
  const Options options = parse({});
  ::unsetenv("V");
  EXPECT_EQ(options.benchmark.verbosity, 0);
  EXPECT_EQ(options.benchmark.filter, "");
}

TEST_F(Flags, HelpFitsATerminalAndListsEveryFlagOnce) {
  const std::string help = help_text();
  for (const std::string_view line : split(help, '\n')) {
    EXPECT_LE(line.size(), 100u) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
  for (const char* flag : {"--grid=NAME",
                           "--path=LIST",
                           "--dtype=LIST",
                           "--batch=LIST",
                           "--seq_len=LIST",
                           "--embed_dim=LIST",
                           "--heads=LIST",
                           "--beta=LIST",
                           "--lengths=NAME",
                           "--lengths_file=FILE",
                           "--seed=N",
                           "--device=NAME",
                           "--threads=N",
                           "--save_path=FILE",
                           "--error_save_path=FILE",
                           "--list",
                           "--dump_lengths=FILE",
                           "--help",
                           "--version",
                           "--benchmark_filter=REGEX",
                           "--benchmark_list_tests",
                           "--benchmark_dry_run",
                           "--benchmark_min_time=TIME",
                           "--benchmark_min_warmup_time=SECONDS",
                           "--benchmark_repetitions=N",
                           "--benchmark_enable_random_interleaving",
                           "--benchmark_perf_counters=LIST",
                           "--benchmark_format=NAME",
                           "--benchmark_out=FILE",
                           "--benchmark_out_format=NAME",
                           "--benchmark_context=KEY=VALUE,...",
                           "--benchmark_report_aggregates_only",
                           "--benchmark_display_aggregates_only",
                           "--benchmark_counters_tabular",
                           "--benchmark_color=BOOL",
                           "--benchmark_time_unit=UNIT",
                           "--v=N"}) {
    const std::string entry = std::string("\n  ") + flag;
    const std::size_t at = help.find(entry);
    ASSERT_NE(at, std::string::npos) << flag;
    EXPECT_EQ(help.find_first_of(" \n", at + entry.size()), at + entry.size()) << flag;
  }
}

// The text without its breaks into lines.
std::string unwrapped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const bool is_blank = c == ' ' || c == '\n';
    if (!is_blank) result += c;
    if (is_blank && !result.ends_with(' ')) result += ' ';
  }
  return result;
}

TEST_F(Flags, HelpShowsDefaultsFromWhereTheyStand) {
  const std::string help = unwrapped(help_text());
  for (const char* text :
       {"--path=LIST paths to measure, all, or patterns such as packed_*: slow, fast, packed_flash "
        "(default: slow,fast) ",
        "(default: 26214) ", "(default: script 512,1024; quick 512,1024; cpu 64,256) ",
        "(default: script 0.05:3.05:0.2; quick 0.05,0.85,3.05; cpu 0.05,0.85,3.05) "}) {
    EXPECT_NE(help.find(text), std::string::npos) << text;
  }
}

TEST_F(Flags, HelpPutsTheSuitesFlagsFirstAndExamplesLast) {
  const std::string help = help_text();
  std::vector<std::size_t> places;
  for (const char* text :
       {"Usage: mha_bench [--flag=value ...]\n", "\nWhat to run:\n", "\nWhere:\n", "\nResults:\n",
        "\nInstead of a run:\n", "\nGoogle Benchmark's flags", "\nExamples:\n  mha_bench "}) {
    places.push_back(help.find(text));
    EXPECT_NE(places.back(), std::string::npos) << text;
  }
  EXPECT_TRUE(std::ranges::is_sorted(places));
}

TEST_F(Flags, TheExamplesOfTheHelpAreTaken) {
  const auto count = [](const Arguments& arguments) {
    const Options options = parse(arguments);
    return expansion_of(grid_of(options, "script"), options.seed).configs.size();
  };
  EXPECT_EQ(count({"--grid=quick", "--save_path=rows.csv"}), 48u);
  EXPECT_EQ(count({"--batch=32", "--seq_len=128:512:128", "--embed_dim=768", "--heads=12",
                   "--beta=0.85"}),
            4u);
  EXPECT_EQ(
      parse({"--benchmark_filter=/fast/.*heads:8/", "--benchmark_out=fast.json"}).benchmark.filter,
      "/fast/.*heads:8/");
}

}  // namespace
}  // namespace mhabench::bench
