#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "mhabench/results/row.h"
#include "mhabench/work/floor.h"
#include "mhabench/work/work.h"

namespace mhabench {

/// Enters what follows from the lengths of a row's batch.
void enter_lengths(Row& row, std::span<const std::int64_t> lengths);

/// Enters useful_flops, executed_flops and flops_ratio where it is known what the path executes (of
/// nested tensors on a GPU that takes a traced back end), and tflops where the GPU's busy time is.
/// Of a measured row, after its kernel trace.
void enter_work(Row& row, std::optional<Executes> executes);

/// Enters floor_us at those rates, and over_floor where the GPU's busy time is known. On the CPU
/// neither tflops nor over_floor: what a call's time holds beside the layer's own work there,
/// nobody took apart.
void enter_floor(Row& row, const PeakRates& peaks, std::optional<std::int64_t> cache_bytes);

}  // namespace mhabench
