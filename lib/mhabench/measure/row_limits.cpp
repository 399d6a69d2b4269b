#include "mhabench/measure/row_limits.h"

#include <boost/crc.hpp>

#include "mhabench/config/lengths.h"

namespace mhabench {
namespace {

LengthSums sums_of(const Row& row) { return {static_cast<double>(row.tokens), row.sum_len_sq}; }

// PyTorch pads nested tensors on the CPU, and on a GPU where it takes the unfused kernels; which it
// took there the kernels alone tell.
std::optional<bool> attention_is_fused(const Row& row) {
  if (row.device == "cpu") return false;
  if (row.backend.empty()) return std::nullopt;
  return row.backend != "legacy";
}

}  // namespace

void enter_lengths(Row& row, std::span<const std::int64_t> lengths) {
  const LengthStats stats = stats_of(lengths, row.config.seq_len);
  row.tokens = stats.tokens;
  row.sum_len_sq = stats.sum_len_sq;
  row.padding = stats.padding;
  boost::crc_32_type crc;
  crc.process_bytes(lengths.data(), lengths.size_bytes());
  row.lengths_crc = crc.checksum();
}

void enter_work(Row& row, std::optional<Executes> executes) {
  constexpr double kFlopsPerMicrosecondInTera = 1e6;
  const double useful = useful_work(row.config, sums_of(row)).flops();
  row.useful_flops = useful;
  const std::optional<bool> fused = attention_is_fused(row);
  if (executes && (executes != Executes::nested || fused)) {
    row.executed_flops = executed_flops(row.config, sums_of(row), *executes, fused.value_or(false));
    row.flops_ratio = *row.executed_flops / useful;
  }
  if (row.busy_us) row.tflops = useful / (*row.busy_us * kFlopsPerMicrosecondInTera);
}

void enter_floor(Row& row, const PeakRates& peaks, std::optional<std::int64_t> cache_bytes) {
  const bool bytes = bytes_count(working_set_bytes(row.config, sums_of(row)), cache_bytes,
                                 row.config.l2 == L2Mode::rotate);
  row.floor_us = floor_us(useful_work(row.config, sums_of(row)), peaks, bytes);
  if (row.busy_us) row.over_floor = *row.busy_us / *row.floor_us;
}

}  // namespace mhabench
