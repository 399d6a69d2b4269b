#include "mhabench/config/names.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "support/errors.h"

namespace mhabench {
namespace {

using test::message_of;

MhaConfig config_with(Dtype dtype, LengthsSource lengths) {
  return {dtype, 16, 64, 512, 8, std::move(lengths)};
}

LengthsSource drawn(LengthsKind kind, const char* beta) {
  return {kind, Decimal::parse(beta), {}, 0, {}};
}

LengthsSource without_beta(LengthsKind kind) { return {kind, std::nullopt, {}, 0, {}}; }

LengthsSource line_of(const char* stem, int line) {
  return {LengthsKind::replayed, std::nullopt, stem, line, {}};
}

MhaConfig rotated(MhaConfig config) {
  config.l2 = L2Mode::rotate;
  return config;
}

MhaConfig pinned(MhaConfig config) {
  config.sdpa = SdpaBackend::flash;
  return config;
}

struct Named {
  RowName row;
  const char* name;
};

std::vector<Named> every_kind() {
  return {
      {{"fast", config_with(Dtype::fp16, drawn(LengthsKind::script, "0.85"))},
       "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85"},
      {{"slow", config_with(Dtype::fp32, drawn(LengthsKind::script, "3"))},
       "MHA/slow/fp32/batch:16/seq_len:64/embed_dim:512/heads:8/beta:3"},
      {{"packed_flash", config_with(Dtype::bf16, drawn(LengthsKind::script, "0.000001"))},
       "MHA/packed_flash/bf16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.000001"},
      {{"fast", config_with(Dtype::fp16, drawn(LengthsKind::beta, "0.05"))},
       "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.05/lengths:beta"},
      {{"fast", config_with(Dtype::fp16, without_beta(LengthsKind::full))},
       "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/lengths:full"},
      {{"fast", config_with(Dtype::fp16, without_beta(LengthsKind::uniform))},
       "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/lengths:uniform"},
      {{"fast", config_with(Dtype::fp16, line_of("served", 12))},
       "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/lengths:served.12"},
      {{"fast", config_with(Dtype::fp16, line_of("full", 1))},
       "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/lengths:full.1"},
      {{"fast", rotated(config_with(Dtype::fp16, drawn(LengthsKind::script, "0.85")))},
       "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85/l2:rotate"},
      {{"fast", rotated(config_with(Dtype::fp16, drawn(LengthsKind::beta, "0.85")))},
       "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85/lengths:beta/l2:rotate"},
      {{"slow", pinned(config_with(Dtype::fp16, drawn(LengthsKind::script, "0.85")))},
       "MHA/slow/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85/sdpa:flash"},
      {{"slow", rotated(pinned(config_with(Dtype::fp16, without_beta(LengthsKind::full))))},
       "MHA/slow/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/lengths:full/sdpa:flash/l2:rotate"},
  };
}

TEST(RowNames, HoldEveryAxis) {
  for (const auto& [row, name] : every_kind()) EXPECT_EQ(row_name(row.path, row.config), name);
}

TEST(RowNames, AreReadBack) {
  for (const auto& [row, name] : every_kind()) EXPECT_EQ(parse_row_name(name), row) << name;
}

TEST(RowNames, AreReadBackWithWhatGoogleBenchmarkAppends) {
  for (const auto& [row, name] : every_kind()) {
    for (const char* suffix : {"/manual_time", "/repeats:3/manual_time", "/manual_time_mean"}) {
      EXPECT_EQ(parse_row_name(name + std::string(suffix)), row) << name << suffix;
    }
  }
}

TEST(RowNames, ComeBackWithoutTheReplayedLengths) {
  LengthsSource lengths = line_of("served", 3);
  lengths.replayed = {64, 3};
  lengths.beta = Decimal::parse("0.85");
  const MhaConfig config = config_with(Dtype::fp16, lengths);
  EXPECT_EQ(row_name("fast", config),
            "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/lengths:served.3");
  EXPECT_EQ(parse_row_name(row_name("fast", config)).config.lengths, line_of("served", 3));
}

TEST(RowNames, ShareTheirConfigurationsName) {
  const MhaConfig config = config_with(Dtype::fp16, drawn(LengthsKind::script, "0.85"));
  EXPECT_EQ(config_name(config), "fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85");
  EXPECT_EQ(row_name("slow", config), "MHA/slow/" + config_name(config));
}

TEST(RowNames, AreRefusedWithThePartThatIsOff) {
  const struct {
    std::string name;
    std::string reason;
  } cases[] = {
      {"", "expected 'MHA' as part 1"},
      {"MHB/fast", "expected 'MHA' as part 1"},
      {"MHA", "expected 'a path' as part 2"},
      {"MHA/fast", "expected 'a dtype' as part 3"},
      {"MHA/fast/fp8", "unknown dtype 'fp8' (allowed: fp32, fp16, bf16)"},
      {"MHA/fast/fp16", "expected 'batch:' as part 4"},
      {"MHA/fast/fp16/seq_len:64", "expected 'batch:' as part 4"},
      {"MHA/fast/fp16/batch:0", "'0' is not a positive integer"},
      {"MHA/fast/fp16/batch:16/seq_len:64/heads:8", "expected 'embed_dim:' as part 6"},
      {"MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8", "expected 'lengths:' as part 8"},
      {"MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/manual_time",
       "expected 'lengths:' as part 8"},
      {"MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:x",
       "'x' is not a decimal number (at most nine digits before and after a point, such as 0.85)"},
      {"MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:-1",
       "beta '-1' is not above 0"},
      {"MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/lengths:beta",
       "lengths 'beta' stand after a beta"},
      {"MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/lengths:beta",
       "lengths 'beta' stand after a beta"},
      {"MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/lengths:ful",
       "unknown source of lengths 'ful' (allowed: script, beta, full, uniform), did you mean "
       "'full'?"},
      {"MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/lengths:served.x",
       "'x' is not a positive integer"},
  };
  for (const auto& [name, reason] : cases) {
    EXPECT_EQ(message_of<InputError>([name = name] { return parse_row_name(name); }),
              "'" + name + "' is not the name of a row: " + reason);
  }
}

TEST(L2ModeNames, RoundTrip) {
  for (const L2Mode mode : {L2Mode::warm, L2Mode::rotate}) {
    EXPECT_EQ(parse_l2_mode(name_of(mode)), mode);
  }
  EXPECT_EQ(message_of<InputError>([] { return parse_l2_mode("cold"); }),
            "unknown L2 mode 'cold' (allowed: warm, rotate)");
}

TEST(DtypeNames, RoundTrip) {
  EXPECT_EQ(dtype_names(), (std::vector<std::string>{"fp32", "fp16", "bf16"}));
  for (const Dtype dtype : {Dtype::fp32, Dtype::fp16, Dtype::bf16}) {
    EXPECT_EQ(parse_dtype(name_of(dtype)), dtype);
  }
  EXPECT_EQ(message_of<InputError>([] { return parse_dtype("fp61"); }),
            "unknown dtype 'fp61' (allowed: fp32, fp16, bf16), did you mean 'fp16'?");
}

TEST(LengthsNames, RoundTripButForReplayed) {
  for (const LengthsKind kind :
       {LengthsKind::script, LengthsKind::beta, LengthsKind::full, LengthsKind::uniform}) {
    EXPECT_EQ(parse_lengths_kind(name_of(kind)), kind);
  }
  EXPECT_EQ(name_of(LengthsKind::replayed), "replayed");
  EXPECT_EQ(message_of<InputError>([] { return parse_lengths_kind("replayed"); }),
            "unknown source of lengths 'replayed' (allowed: script, beta, full, uniform)");
}

constexpr const char* kAxes = "MHA/fast/fp16/batch:16/seq_len:64/embed_dim:512/heads:8/beta:0.85";

TEST(CurrentRowName, SaysWhatFilesOfSchema1LeftUnsaid) {
  const std::string axes = kAxes;
  EXPECT_EQ(current_row_name(axes + "/manual_time", "beta"), axes + "/lengths:beta/manual_time");
  EXPECT_EQ(current_row_name(axes + "/l2:rotate/manual_time_median", "beta"),
            axes + "/lengths:beta/l2:rotate/manual_time_median");
  EXPECT_EQ(current_row_name(axes + "/lengths:numpy/manual_time", "numpy"), axes + "/manual_time");
}

TEST(CurrentRowName, LeavesNamesOfToday) {
  const std::string axes = kAxes;
  for (const auto& [name, lengths] : std::vector<std::pair<std::string, std::string>>{
           {axes + "/manual_time", "script"},
           {axes + "/lengths:beta/manual_time", "beta"},
           {"MHA/slow/fp16/batch:1/seq_len:2/embed_dim:8/heads:1/lengths:full", "full"},
           {"BM_other/8", ""}}) {
    EXPECT_EQ(current_row_name(name, lengths), name);
  }
}

TEST(ParseLengthsKind, TakesTheOlderWordForTheScripts) {
  EXPECT_EQ(parse_lengths_kind("numpy"), LengthsKind::script);
  EXPECT_EQ(parse_row_name(std::string(kAxes) + "/lengths:numpy").config.lengths,
            parse_row_name(kAxes).config.lengths);
}

}  // namespace
}  // namespace mhabench
