#include "mhabench/check/verdict.h"

#include <cmath>
#include <functional>
#include <limits>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "mhabench/check/poison.h"
#include "mhabench/config/names.h"
#include "mhabench/paths/path.h"
#include "support/batches.h"
#include "support/devices.h"

namespace mhabench::test {
namespace {

// A right output to spoil, and what it takes to spoil it.
struct Subject {
  const Case& c;
  at::Tensor output;  // (tokens, embed_dim), right
  double largest_error;
};

at::Tensor whole_element_off(const Subject& s) {
  at::Tensor spoiled = s.output.clone();
  at::Tensor element = spoiled.select(0, 17).select(0, 3);
  element.copy_(element.to(at::kDouble) + 10 * s.largest_error);
  return spoiled;
}

at::Tensor neighbours_swapped(const Subject& s) {
  at::Tensor spoiled = s.output.clone();
  spoiled.select(0, 20).copy_(s.output.select(0, 21));
  spoiled.select(0, 21).copy_(s.output.select(0, 20));
  return spoiled;
}

at::Tensor one_nan(const Subject& s) {
  at::Tensor spoiled = s.output.clone();
  spoiled.select(0, 5).select(0, 5).fill_(std::numeric_limits<double>::quiet_NaN());
  return spoiled;
}

at::Tensor one_inf(const Subject& s) {
  at::Tensor spoiled = s.output.clone();
  spoiled.select(0, 5).select(0, 5).fill_(std::numeric_limits<double>::infinity());
  return spoiled;
}

// The slow path on inputs or weights that were tampered with, in the case's dtype.
at::Tensor run_slow(const Case& c) {
  const PreparedCall call = find_path("slow").prepare(c.config, c.inputs, c.weights);
  return call.to_packed(call.run());
}

at::Tensor head_left_out(const Subject& s) {
  Case c = s.c;
  c.weights.out_proj_weight = c.weights.out_proj_weight.clone();
  c.weights.out_proj_weight.narrow(1, 0, c.config.head_dim()).zero_();
  return run_slow(c);
}

at::Tensor mask_ignored(const Subject& s) {
  Case c = s.c;
  c.inputs.key_padding_mask = at::zeros_like(c.inputs.key_padding_mask);
  return run_slow(c);
}

// Scaling q scales every score, as another factor before the softmax would.
at::Tensor softmax_scale_off(const Subject& s) {
  const double factor = s.c.config.dtype == Dtype::bf16 ? 1.10 : 1.02;
  Case c = s.c;
  const std::int64_t width = c.config.embed_dim;
  c.weights.in_proj_weight = c.weights.in_proj_weight.clone();
  c.weights.in_proj_bias = c.weights.in_proj_bias.clone();
  c.weights.in_proj_weight.narrow(0, 0, width).mul_(factor);
  c.weights.in_proj_bias.narrow(0, 0, width).mul_(factor);
  return run_slow(c);
}

at::Tensor output_scaled(const Subject& s) {
  return s.output * (s.c.config.dtype == Dtype::bf16 ? 1.05 : 1.02);
}

at::Tensor never_written(const Subject& s) {
  { const at::Tensor primes_the_allocator = at::empty_like(s.output); }
  const PoisonedMemory poisoned(s.output.device());
  return at::empty_like(s.output);
}

struct Planted {
  const char* name;
  at::Tensor (*spoil)(const Subject&);
  bool nonfinite;
};

constexpr Planted kPlanted[] = {
    {"element off by ten largest errors", whole_element_off, false},
    {"neighbouring rows swapped", neighbours_swapped, false},
    {"one head left out", head_left_out, false},
    {"one NaN", one_nan, true},
    {"one inf", one_inf, true},
    {"mask ignored", mask_ignored, false},
    {"softmax scale off", softmax_scale_off, false},
    {"output scaled", output_scaled, false},
    {"never written", never_written, true},
};

std::vector<Batch> subjects() {
  return {{"narrow", {33, 64, 40, 50}, 64, 8},
          {"middle", {90, 64, 120}, 256, 4},
          {"script", {64, 36, 48, 64}, 512, 8},
          {"wide", {130, 100}, 1024, 16}};
}

std::string described(const Verdict& verdict) {
  if (!verdict.worst) return std::to_string(verdict.nonfinite) + " are not finite";
  return "an error of " + std::to_string(verdict.worst->error / verdict.worst->bound) +
         " of its bound, rel_err " + std::to_string(*verdict.rel_err / verdict.rel_bound);
}

class VerdictOnDevice : public DeviceTest {};

TEST_P(VerdictOnDevice, CatchesEveryPlantedError) {
  const c10::InferenceMode inference;
  for (const Batch& batch : subjects()) {
    for (const Dtype dtype : all_dtypes()) {
      const Case c = make_case(batch, dtype, GetParam());
      SCOPED_TRACE(config_name(c.config));
      const Reference reference =
          make_reference(c.config, c.inputs, c.weights, default_chunk_bytes(GetParam()));
      const Bounds bounds = make_bounds(c.config, reference);
      const at::Tensor right = run_slow(c);
      const Verdict verdict = check_output(right, reference, bounds);
      ASSERT_TRUE(verdict.correct);
      for (const Planted& planted : kPlanted) {
        SCOPED_TRACE(planted.name);
        const at::Tensor spoiled = planted.spoil({c, right, verdict.max_abs_err.value()});
        const Verdict caught = check_output(spoiled, reference, bounds);
        EXPECT_FALSE(caught.correct) << described(caught);
        EXPECT_EQ(caught.nonfinite > 0, planted.nonfinite);
        EXPECT_EQ(caught.max_abs_err.has_value(), !planted.nonfinite);
      }
    }
  }
}

// --- Attention that is off by little.

at::Tensor one_key_too_many(Case c) {
  c.inputs.key_padding_mask[1][c.inputs.lengths[1]] = false;
  return run_slow(c);
}

at::Tensor a_key_dropped(Case c) {
  c.inputs.key_padding_mask[1][c.inputs.lengths[1] / 2] = true;
  return run_slow(c);
}

at::Tensor mask_shifted(Case c) {
  c.inputs.key_padding_mask = c.inputs.key_padding_mask.roll({1}, {1});
  return run_slow(c);
}

at::Tensor two_heads_swapped(Case c) {
  const std::int64_t head_dim = c.config.head_dim();
  const at::Tensor weight = c.weights.out_proj_weight.clone();
  weight.narrow(1, 0, head_dim).copy_(c.weights.out_proj_weight.narrow(1, head_dim, head_dim));
  weight.narrow(1, head_dim, head_dim).copy_(c.weights.out_proj_weight.narrow(1, 0, head_dim));
  c.weights.out_proj_weight = weight;
  return run_slow(c);
}

at::Tensor output_scaled_a_little(Case c) {
  return run_slow(c) * (c.config.dtype == Dtype::bf16 ? 1.02 : 1.005);
}

struct SmallFault {
  const char* name;
  at::Tensor (*run)(Case c);
  std::int64_t longest_in_bf16;  // sequence in which the error stands out of that dtype's rounding
};

constexpr SmallFault kSmallFaults[] = {
    {"one padded key too many", one_key_too_many, 2048},
    {"a key dropped", a_key_dropped, 512},
    {"mask shifted", mask_shifted, 2048},
    {"two heads swapped", two_heads_swapped, 2048},
    {"output scaled a little", output_scaled_a_little, 2048},
};

// Of one key among hundreds, where the padding is noise.
TEST_P(VerdictOnDevice, CatchesAttentionThatIsOffByAKey) {
  const c10::InferenceMode inference;
  for (const std::int64_t length : {346, 512, 2048}) {
    for (const Dtype dtype : all_dtypes()) {
      const Case c = make_case({"leak", {length + 32, length}, 256, 4}, dtype, GetParam());
      SCOPED_TRACE(config_name(c.config) + ", " + std::to_string(length));
      const Reference reference =
          make_reference(c.config, c.inputs, c.weights, default_chunk_bytes(GetParam()));
      const Bounds bounds = make_bounds(c.config, reference);
      const NoisyPadding noise(c.inputs);
      const Verdict right = check_output(run_slow(c), reference, bounds);
      EXPECT_TRUE(right.correct) << described(right);
      for (const SmallFault& fault : kSmallFaults) {
        if (dtype == Dtype::bf16 && length > fault.longest_in_bf16) continue;
        Case faulty = c;
        faulty.inputs.key_padding_mask = c.inputs.key_padding_mask.clone();
        const Verdict verdict = check_output(fault.run(faulty), reference, bounds);
        EXPECT_FALSE(verdict.correct) << fault.name << ": " << described(verdict);
      }
    }
  }
}

// A padded key of zeros leaks only its bias, too little to notice; noise makes the leak visible.
TEST(NoisyPadding, HoldsNoiseOfEightDeviationsWhileItLives) {
  const c10::InferenceMode inference;
  const Case c = make_case({"ragged", {40, 7, 1}, 64, 4}, Dtype::fp16, at::kCPU);
  const at::Tensor is_padding = c.inputs.key_padding_mask.unsqueeze(-1).expand_as(c.inputs.padded);
  const at::Tensor before = c.inputs.padded.clone();
  {
    const NoisyPadding noise(c.inputs);
    EXPECT_TRUE(at::equal(c.inputs.padded.masked_select(is_padding.logical_not()),
                          before.masked_select(is_padding.logical_not())));
    const at::Tensor padding = c.inputs.padded.masked_select(is_padding).to(at::kDouble);
    EXPECT_TRUE(padding.isfinite().all().item<bool>());
    EXPECT_NEAR(padding.std().item<double>(), 8, 0.5);
  }
  EXPECT_TRUE(at::equal(c.inputs.padded, before));
}

TEST(Verdict, NamesTheWorstElementWithItsErrorAndItsBound) {
  const Case c = make_case({"ragged", {4, 7}, 32, 2}, Dtype::fp32, at::kCPU);
  const Reference reference = make_reference(c.config, c.inputs, c.weights, 1 << 20);
  const Bounds bounds = make_bounds(c.config, reference);
  at::Tensor output = reference.output.clone();
  output[5][17] += 0.25;
  const Verdict verdict = check_output(output, reference, bounds);
  EXPECT_FALSE(verdict.correct);
  EXPECT_EQ(verdict.worst->token, 5);
  EXPECT_EQ(verdict.worst->feature, 17);
  EXPECT_NEAR(verdict.worst->error, 0.25, 1e-12);
  EXPECT_EQ(verdict.worst->bound, bounds.elementwise[5][17].item<float>());
}

INSTANTIATE_TEST_SUITE_P(Devices, VerdictOnDevice, ::testing::ValuesIn(all_devices()),
                         device_test_name);

TEST(Verdict, RefusesAnotherShape) {
  const Case c = make_case({"ragged", {4, 7}, 32, 2}, Dtype::fp32, at::kCPU);
  const Reference reference = make_reference(c.config, c.inputs, c.weights, 1 << 20);
  EXPECT_THROW(check_output(at::zeros({11, 31}), reference, make_bounds(c.config, reference)),
               c10::Error);
}

TEST(Agreement, IsTheScriptsBound) {
  const at::Tensor slow = at::full({4, 8}, 2.0);
  EXPECT_TRUE(outputs_agree(slow + 0.0029, slow));
  EXPECT_FALSE(outputs_agree(slow + 0.0031, slow));
  at::Tensor one_off = slow.clone();
  one_off[3][7] += 0.01;
  EXPECT_FALSE(outputs_agree(one_off, slow));
  one_off[3][7] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(outputs_agree(one_off, slow));
  EXPECT_FALSE(outputs_agree(one_off, one_off));
}

}  // namespace
}  // namespace mhabench::test
