#include "mhabench/measure/measurement.h"

#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "mhabench/base/error.h"
#include "mhabench/device/device.h"
#include "support/devices.h"
#include "support/errors.h"
#include "support/paths.h"

namespace mhabench {
namespace {

using test::path_script;
using test::scripted_path;
using test::supports_all;
using test::unsupported_path;
using test::wrong_path;

constexpr std::uint64_t kSeed = 7;

// prepare() makes two: to prime the allocator, and to be checked over poison.
constexpr int kCallsBefore = 2;
constexpr int kCheckedCall = 2;

MhaConfig small_config() {
  return {Dtype::fp32, 3, 8, 16, 2, {LengthsKind::replayed, std::nullopt, "small", 1, {8, 3, 1}}};
}

MhaConfig other_config() {
  return {Dtype::fp32, 2, 5, 16, 2, {LengthsKind::replayed, std::nullopt, "other", 1, {5, 2}}};
}

class MeasurementTest : public test::DeviceTest {
 protected:
  void SetUp() override {
    test::DeviceTest::SetUp();
    if (IsSkipped()) return;
    path_script() = {};
    ClockSettings clocks;
    clocks.peaks = PeakRates{1e12, 1e12, 1e12};  // measuring them takes longer than a test
    bench_ = std::make_unique<Workbench>(GetParam(), kSeed, clocks);
  }

  // A row from beginning to end.
  Row measured(const Path& path, std::int64_t calls = 3) {
    Measurement measurement(*bench_, path, small_config());
    EXPECT_TRUE(measurement.prepare());
    measurement.finish(measurement.time(calls));
    return measurement.row();
  }

  // A row that was prepared only.
  Row checked(const Path& path, const MhaConfig& config = small_config()) {
    Measurement measurement(*bench_, path, config);
    EXPECT_TRUE(measurement.prepare());
    return measurement.row();
  }

  // The row of a path whose preparation throws.
  Row failed(const Path& path) {
    Measurement measurement(*bench_, path, small_config());
    try {
      measurement.prepare();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::exception& error) {
      measurement.fail(error);
    }
    return measurement.row();
  }

  // That keep a GPU at work while the batch begins.
  int leading_calls() const { return GetParam().is_cuda() ? 1 : 0; }

  std::unique_ptr<Workbench> bench_;
};

TEST_P(MeasurementTest, ARightRowHasAllItsFields) {
  const Row row = measured(find_path("fast"), 5);
  EXPECT_EQ(row.path, "fast");
  EXPECT_EQ(row.config, small_config());
  EXPECT_EQ(row.device, device_name(GetParam()));
  EXPECT_EQ(row.seed, kSeed);
  EXPECT_EQ(row.tokens, 12);
  EXPECT_EQ(row.sum_len_sq, 74);
  EXPECT_EQ(row.padding, 0.5);
  EXPECT_EQ(row.status, RowStatus::measured);
  EXPECT_EQ(row.message, "");
  EXPECT_EQ(row.errors, 0);
  EXPECT_EQ(row.nonfinite, std::nullopt);
  EXPECT_GT(row.worst->bound, 0);
  EXPECT_LT(row.worst->bound, 1e-3);
  EXPECT_LT(row.max_abs_err.value(), 1e-3);
  EXPECT_LT(row.rel_err.value(), 1e-3);
  EXPECT_EQ(row.calls, 5);
  EXPECT_GT(row.real_time_us.value(), 0);
}

TEST_P(MeasurementTest, TheTimeIsTheBatchsMean) {
  Measurement measurement(*bench_, find_path("slow"), small_config());
  measurement.prepare();
  TimedBatch batch = measurement.time(4);
  EXPECT_EQ(batch.calls, 4);
  batch.total_us = 100;
  measurement.finish(batch);
  EXPECT_EQ(measurement.row().real_time_us, 25);
}

TEST_P(MeasurementTest, MakesTheCallsItSays) {
  const Path path = scripted_path("scripted");
  Measurement measurement(*bench_, path, small_config());
  measurement.prepare();
  EXPECT_EQ(path_script().calls, kCallsBefore);
  const TimedBatch batch = measurement.time(9);
  EXPECT_EQ(path_script().calls, kCallsBefore + leading_calls() + 9);
  measurement.finish(batch);
  const bool gpu = GetParam().is_cuda();  // whose host's time and kernels take calls of their own
  EXPECT_EQ(path_script().calls > kCallsBefore + leading_calls() + 9, gpu);
}

TEST_P(MeasurementTest, EveryCallIsMadeInInferenceMode) {
  static int outside = 0;
  outside = 0;
  const Path path{"inspecting", "", supports_all,
                  [](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
                    if (!c10::InferenceMode::is_enabled()) ++outside;
                    const PreparedCall slow = find_path("slow").prepare(config, inputs, weights);
                    const auto run = [slow] {
                      if (!c10::InferenceMode::is_enabled()) ++outside;
                      return slow.run();
                    };
                    return PreparedCall{run, slow.to_packed};
                  }};
  EXPECT_EQ(measured(path).errors, 0);
  EXPECT_EQ(outside, 0);
}

TEST_P(MeasurementTest, AWrongOutputIsARowWithItsTime) {
  const Row row = measured(wrong_path("wrong"));
  EXPECT_EQ(row.status, RowStatus::measured);
  EXPECT_EQ(row.errors, 1);
  EXPECT_NEAR(row.max_abs_err.value(), 0.5, 1e-3);
  EXPECT_GT(row.rel_err.value(), 1e-3);
  EXPECT_GT(row.worst->error, row.worst->bound);
  EXPECT_GT(row.real_time_us.value(), 0);
}

// Does what slow does, but attends to the first padded key of sequence 1.
Path leaking_path() {
  return {"leaking", "", supports_all,
          [](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
            Inputs leaking = inputs;
            leaking.key_padding_mask = inputs.key_padding_mask.clone();
            leaking.key_padding_mask[1][inputs.lengths[1]] = false;
            return find_path("slow").prepare(config, leaking, weights);
          }};
}

// If the padding were zeros, the padded key would leak only its bias, which is within fp16's bound.
TEST_P(MeasurementTest, APaddedKeyThatIsReadIsCaught) {
  const MhaConfig config{
      Dtype::fp16, 2, 512, 64, 4, {LengthsKind::replayed, std::nullopt, "leak", 1, {512, 346}}};
  EXPECT_EQ(checked(find_path("slow"), config).errors, 0);
  const Row row = checked(leaking_path(), config);
  EXPECT_EQ(row.errors, 1);
  EXPECT_EQ(row.worst->sequence, 1);
  const auto state = bench_->configure(config);
  EXPECT_EQ(state->inputs->padded.masked_select(state->inputs->key_padding_mask.unsqueeze(-1))
                .count_nonzero()
                .item<std::int64_t>(),
            0)
      << "timed calls read zeros";
}

TEST_P(MeasurementTest, AnOutputThatIsWrongAtTheLastTimedCallAloneIsCaught) {
  path_script().wrong_call = kCallsBefore + leading_calls() + 6;
  const Row row = measured(scripted_path("scripted"), 6);
  EXPECT_GE(path_script().calls, path_script().wrong_call);
  EXPECT_EQ(row.errors, 1);
  EXPECT_NEAR(row.max_abs_err.value(), 0.5, 1e-3);
  EXPECT_GT(row.real_time_us.value(), 0);
}

// As a CUDA graph's output does.
TEST_P(MeasurementTest, OutputsThatAreWrittenToOnePlaceAreCheckedEachForItself) {
  path_script().wrong_call = kCallsBefore + leading_calls() + 6;
  const Path path{"in_place", "", supports_all,
                  [](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
                    const PreparedCall scripted =
                        scripted_path("scripted").prepare(config, inputs, weights);
                    const at::Tensor place = at::empty_like(scripted.to_packed(scripted.run()));
                    path_script().calls = 0;
                    const auto run = [scripted, place] {
                      return place.copy_(scripted.to_packed(scripted.run()));
                    };
                    return PreparedCall{run, [](const at::Tensor& output) { return output; }};
                  }};
  EXPECT_EQ(measured(path, 6).errors, 1);
}

TEST_P(MeasurementTest, AnOutputThatIsWrongAtTheFirstCheckAloneStaysWrong) {
  path_script().wrong_call = kCheckedCall;
  const Row row = measured(scripted_path("scripted"));
  EXPECT_EQ(row.errors, 1);
  EXPECT_NEAR(row.max_abs_err.value(), 0.5, 1e-3);
}

TEST_P(MeasurementTest, AnOutputThatIsNeverWrittenIsCaught) {
  const Path path{"unwritten", "", supports_all,
                  [](const MhaConfig&, const Inputs& inputs, const Weights&) {
                    return PreparedCall{[&inputs] { return at::empty_like(inputs.packed); },
                                        [](const at::Tensor& output) { return output; }};
                  }};
  const Row row = checked(path);
  EXPECT_EQ(row.errors, 1);
  EXPECT_EQ(row.nonfinite, 12 * 16);
  EXPECT_EQ(row.max_abs_err, std::nullopt);
  EXPECT_EQ(row.rel_err, std::nullopt);
}

TEST_P(MeasurementTest, AnOutputWhoseLastRowIsNotWrittenIsCaught) {
  const Path path{"unwritten_row", "", supports_all,
                  [](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
                    const PreparedCall slow = find_path("slow").prepare(config, inputs, weights);
                    const auto run = [slow, &inputs] {
                      at::Tensor output = at::empty_like(inputs.packed);
                      const at::Tensor right = slow.to_packed(slow.run());
                      const std::int64_t written = right.size(0) - 1;
                      output.narrow(0, 0, written).copy_(right.narrow(0, 0, written));
                      return output;
                    };
                    return PreparedCall{run, [](const at::Tensor& output) { return output; }};
                  }};
  const Row row = checked(path);
  EXPECT_EQ(row.errors, 1);
  EXPECT_EQ(row.nonfinite, 16);
}

TEST_P(MeasurementTest, AnErrorAtAnyStageIsOneLine) {
  for (int call = 1; call <= kCallsBefore; ++call) {
    path_script() = {0, 0, call};
    const Row row = failed(scripted_path("scripted"));
    EXPECT_EQ(row.status, RowStatus::failed) << call;
    EXPECT_EQ(row.message, "lost its way") << call;
    EXPECT_EQ(row.real_time_us, std::nullopt) << call;
  }
}

TEST_P(MeasurementTest, OfAPlainExceptionTheFirstLineIsKept) {
  const Path path{"throwing", "", supports_all,
                  [](const MhaConfig&, const Inputs&, const Weights&) -> PreparedCall {
                    throw std::runtime_error("no such kernel\nat some place");
                  }};
  const Row row = failed(path);
  EXPECT_EQ(row.message, "no such kernel");
  EXPECT_EQ(row.errors, std::nullopt);
}

TEST_P(MeasurementTest, AFailureKeepsWhatWasKnown) {
  path_script().throws_at = kCallsBefore + 2;
  const Path path = scripted_path("scripted");
  Measurement measurement(*bench_, path, small_config());
  measurement.prepare();
  EXPECT_EQ(test::message_of<c10::Error>([&] { return measurement.time(3); }).substr(0, 12),
            "lost its way");
  measurement.fail(std::runtime_error("it failed"));
  EXPECT_EQ(measurement.row().status, RowStatus::failed);
  EXPECT_EQ(measurement.row().message, "it failed");
  EXPECT_EQ(measurement.row().tokens, 12);
  EXPECT_EQ(measurement.row().errors, 0);
  EXPECT_TRUE(measurement.row().max_abs_err);
  EXPECT_FALSE(measurement.row().real_time_us);
}

TEST_P(MeasurementTest, AFailureAfterTheBatchTakesItsTimesAway) {
  const Path path = scripted_path("scripted");
  Measurement measurement(*bench_, path, small_config());
  measurement.prepare();
  measurement.finish(measurement.time(20));
  ASSERT_TRUE(measurement.row().event_us_median);
  measurement.fail(std::runtime_error("it failed"));
  for (const auto& [field, value] : numbers_of(measurement.row())) {
    EXPECT_FALSE(field.ends_with("_us") || field.find("event_") == 0) << field << ' ' << value;
  }
}

TEST_P(MeasurementTest, WherePackingFailsTheRowIsKept) {
  const Path path{"unpackable", "", supports_all,
                  [](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
                    PreparedCall call = find_path("slow").prepare(config, inputs, weights);
                    call.pack = [](const at::Tensor&, const std::vector<std::int64_t>&) {
                      TORCH_CHECK(false, "too many elements\nto index");
                    };
                    return call;
                  }};
  Measurement measurement(*bench_, path, small_config());
  measurement.prepare();
  measurement.finish(measurement.time(20));
  EXPECT_EQ(measurement.row().status, RowStatus::measured);
  EXPECT_TRUE(measurement.row().real_time_us);
  EXPECT_FALSE(measurement.row().pack_us);
  EXPECT_EQ(measurement.row().pack_problem, "too many elements");
}

TEST_P(MeasurementTest, AShapeThatIsNotTheLayersFails) {
  const Path path{"short", "", supports_all,
                  [](const MhaConfig&, const Inputs& inputs, const Weights&) {
                    return PreparedCall{[&inputs] { return inputs.packed.narrow(0, 0, 1); },
                                        [](const at::Tensor& output) { return output; }};
                  }};
  const Row row = failed(path);
  EXPECT_EQ(row.message, "the output is [1, 16] and should be [12, 16]");
}

TEST_P(MeasurementTest, WhatAPathDoesNotSupportIsSkippedWithItsReason) {
  const Path path = unsupported_path("elsewhere");
  Measurement measurement(*bench_, path, small_config());
  EXPECT_FALSE(measurement.prepare());
  EXPECT_EQ(measurement.row().status, RowStatus::skipped);
  EXPECT_EQ(measurement.row().message, "needs another machine");
  EXPECT_EQ(measurement.row().tokens, 12);
  EXPECT_EQ(measurement.row().errors, std::nullopt);
}

TEST_P(MeasurementTest, WhatAPathFindsOutLaterIsSkippedToo) {
  const Path path{"later", "", supports_all,
                  [](const MhaConfig&, const Inputs&, const Weights&) -> PreparedCall {
                    throw Unsupported("no plan for it");
                  }};
  Measurement measurement(*bench_, path, small_config());
  EXPECT_FALSE(measurement.prepare());
  EXPECT_EQ(measurement.row().status, RowStatus::skipped);
  EXPECT_EQ(measurement.row().message, "no plan for it");
}

TEST_P(MeasurementTest, PackingIsTimedByItself) {
  const Row row = measured(find_path("fast"));
  EXPECT_GT(row.pack_us.value(), 0);
  EXPECT_GT(row.unpack_us.value(), 0);
  EXPECT_EQ(measured(scripted_path("unpackable")).pack_us, std::nullopt);
}

// What a graph of the first batch alone would do.
TEST_P(MeasurementTest, ACallThatIsBoundToItsShapesHasToTakeTheNextBatch) {
  Path path = find_path("slow");
  path.prepare = path.prepare_fixed;
  EXPECT_EQ(checked(path).errors, 0);
  path.prepare = [fixed = path.prepare_fixed](const MhaConfig& config, const Inputs& inputs,
                                              const Weights& weights) {
    PreparedCall call = fixed(config, inputs, weights);
    call.pack = [](const at::Tensor&, const std::vector<std::int64_t>&) {};
    return call;
  };
  EXPECT_EQ(checked(path).errors, 1);
}

TEST_P(MeasurementTest, APinThatAPathCannotHeedSkipsIt) {
  MhaConfig config = small_config();
  config.sdpa = SdpaBackend::math;
  Measurement measurement(*bench_, find_path("frontend"), config);
  EXPECT_FALSE(measurement.prepare());
  EXPECT_EQ(measurement.row().message, "it does not go through scaled_dot_product_attention");
}

// Where lengths cannot be had, too large a batch for one, that is the row's failure too.
TEST_P(MeasurementTest, LengthsThatCannotBeDrawnFailThePreparation) {
  MhaConfig config = small_config();
  config.lengths = {LengthsKind::script, std::nullopt, "", 0, {}};
  Measurement measurement(*bench_, find_path("slow"), config);
  EXPECT_NE(test::message_of<InputError>([&] { return measurement.prepare(); }), "");
}

TEST_P(MeasurementTest, TheLaterOfSlowAndFastTellsWhetherTheyAgree) {
  EXPECT_EQ(checked(find_path("slow")).agrees, std::nullopt);
  EXPECT_EQ(checked(find_path("fast")).agrees, true);
}

TEST_P(MeasurementTest, TheOrderOfSlowAndFastIsFree) {
  EXPECT_EQ(checked(find_path("fast")).agrees, std::nullopt);
  EXPECT_EQ(checked(find_path("slow")).agrees, true);
}

TEST_P(MeasurementTest, APathThatIsOffDoesNotAgree) {
  EXPECT_EQ(checked(find_path("slow")).agrees, std::nullopt);
  EXPECT_EQ(checked(wrong_path("fast")).agrees, false);
}

TEST_P(MeasurementTest, OtherPathsAreNotComparedWithEither) {
  checked(find_path("slow"));
  EXPECT_EQ(checked(wrong_path("other")).agrees, std::nullopt);
  EXPECT_EQ(checked(find_path("fast")).agrees, true) << "and do not take the place of either";
  EXPECT_EQ(checked(wrong_path("other")).agrees, std::nullopt);
}

TEST_P(MeasurementTest, OutputsOfAnotherConfigurationAreNotCompared) {
  checked(find_path("slow"));
  EXPECT_EQ(checked(find_path("fast"), other_config()).agrees, std::nullopt);
}

TEST_P(MeasurementTest, TheWorkbenchKeepsOneConfiguration) {
  const auto state = bench_->configure(small_config());
  EXPECT_EQ(bench_->configure(small_config()), state);
  const std::weak_ptr<ConfigurationState> kept = bench_->configure(other_config());
  EXPECT_NE(bench_->configure(small_config()), state);
  EXPECT_TRUE(kept.expired());
}

TEST_P(MeasurementTest, ConfigurationsThatDifferInHeadsShareInputsNotReferences) {
  MhaConfig config = small_config();
  const auto two = bench_->configure(config);
  config.heads = 4;
  const auto four = bench_->configure(config);
  EXPECT_EQ(two->inputs, four->inputs);
  EXPECT_EQ(two->weights, four->weights);
  EXPECT_FALSE(at::allclose(two->reference.output, four->reference.output));
}

TEST_P(MeasurementTest, ThePilotPlansFromCallsOfItsOwn) {
  const Path path = scripted_path("scripted");
  Measurement measurement(*bench_, path, small_config());
  measurement.prepare();
  const Pilot pilot = measurement.run_pilot();
  EXPECT_GT(pilot.us_per_call, 0);
  EXPECT_GE(pilot.calls_per_sample, 1);
  ASSERT_GE(pilot.sample_us.size(), 1U);
  // Where other work makes a call of microseconds take a millisecond, there is no pilot.
  const bool is_checked_call = path_script().calls == kCallsBefore;
  EXPECT_EQ(is_checked_call, path_script().calls < kCallsBefore + std::ssize(pilot.sample_us));
}

TEST_P(MeasurementTest, LongCallsArePlannedFromTheCheckedOne) {
  static constexpr auto kSpin = std::chrono::milliseconds(3);
  const Path path{"spinning", "", supports_all,
                  [](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
                    const PreparedCall slow = find_path("slow").prepare(config, inputs, weights);
                    const auto run = [slow] {
                      ++path_script().calls;
                      const auto end = std::chrono::steady_clock::now() + kSpin;
                      while (std::chrono::steady_clock::now() < end) {
                      }
                      return slow.run();
                    };
                    return PreparedCall{run, slow.to_packed};
                  }};
  Measurement measurement(*bench_, path, small_config());
  measurement.prepare();
  const Pilot pilot = measurement.run_pilot();
  EXPECT_EQ(path_script().calls, kCallsBefore);
  EXPECT_GE(pilot.us_per_call, 2'900);
  EXPECT_EQ(pilot.calls_per_sample, 1);
  EXPECT_EQ(pilot.sample_us.size(), 1U);
  EXPECT_TRUE(pilot.host_limited);
}

TEST_P(MeasurementTest, SamplesSayHowTheBatchScatters) {
  const Row row = measured(find_path("slow"), 2'000);
  EXPECT_GE(row.samples.value(), 2);
  EXPECT_NEAR(row.calls_per_sample.value() * static_cast<double>(*row.samples), 2'000, 1e-6);
  EXPECT_LE(row.event_us_p05.value(), row.event_us_median.value());
  EXPECT_LE(row.event_us_median.value(), row.event_us_p95.value());
}

TEST_P(MeasurementTest, TheHostsTimeAndTheKernelsAreAGpusAlone) {
  const Row row = measured(find_path("slow"), 20);
  const bool gpu = GetParam().is_cuda();
  EXPECT_EQ(row.host_us.has_value(), gpu);
  EXPECT_EQ(row.syncs.has_value(), gpu);
  if (bench_->context.tracer()) {
    EXPECT_EQ(row.trace_problem, "");
    EXPECT_GT(row.busy_us.value(), 0);
    EXPECT_GE(row.kernels.value(), 3) << "two linear maps and an attention";
  } else {
    EXPECT_EQ(row.busy_us, std::nullopt);
  }
}

// T = 12 of 24 positions, sum(l^2) = 74, E = 16: 8 * 12 * 256 + 4 * 16 * 74 = 29312 FLOPs, of the
// padded batch 8 * 24 * 256 + 4 * 16 * 3 * 64 = 61440.
TEST_P(MeasurementTest, ARowIsHeldAgainstItsLimits) {
  const Row row = measured(find_path("slow"), 20);
  EXPECT_EQ(row.useful_flops, 29312);
  EXPECT_EQ(row.executed_flops, 61440);
  EXPECT_DOUBLE_EQ(row.flops_ratio.value(), 61440.0 / 29312);
  EXPECT_DOUBLE_EQ(row.floor_us.value(), 29312e-6);  // nothing but FLOPs counts
  EXPECT_EQ(row.tflops.has_value(), row.busy_us.has_value());
  EXPECT_EQ(row.over_floor.has_value(), row.busy_us.has_value());
}

// Slow holds at least q, k and v of the padded batch, 3 * 24 * 16 elements, at once; twenty times
// all its tensors is out of the question.
TEST_P(MeasurementTest, TheMemoryOfACallIsAGpusAlone) {
  const Row row = measured(find_path("slow"), 3);
  ASSERT_EQ(row.peak_bytes.has_value(), GetParam().is_cuda());
  if (row.peak_bytes) {
    EXPECT_GE(*row.peak_bytes, 3 * 24 * 16 * 4);
    EXPECT_LT(*row.peak_bytes, 1 << 20);
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, MeasurementTest, ::testing::ValuesIn(test::all_devices()),
                         test::device_test_name);

}  // namespace
}  // namespace mhabench
