#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <c10/core/Device.h>

#include "mhabench/config/config.h"
#include "mhabench/inputs/tensors.h"

namespace mhabench::test {

/// A batch to test with: lengths spelled out, widths, a name for the test.
struct Batch {
  std::string name;
  std::vector<std::int64_t> lengths;
  std::int64_t embed_dim;
  std::int64_t heads;
};

/// Shapes at which a path may go wrong: batch 1, length 1, all full, one long and the rest short,
/// head dims 8 to 128 and one that no 16-byte load fits, odd heads, lengths that are no multiple of
/// anything.
const std::vector<Batch>& odd_batches();

/// A batch as a configuration whose lengths are replayed; seq_len is the longest.
MhaConfig config_of(const Batch& batch, Dtype dtype);

/// What a path is handed.
struct Case {
  MhaConfig config;
  Inputs inputs;
  Weights weights;
};

Case make_case(const Batch& batch, Dtype dtype, c10::Device device, std::uint64_t seed = 1);

inline const std::vector<Dtype>& all_dtypes() {
  static const std::vector<Dtype> dtypes{Dtype::fp32, Dtype::fp16, Dtype::bf16};
  return dtypes;
}

}  // namespace mhabench::test
