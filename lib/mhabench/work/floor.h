#pragma once

#include <cstdint>
#include <optional>

#include "mhabench/work/work.h"

namespace mhabench {

/// What a device does at most in a second.
struct PeakRates {
  double flops = 0;         ///< of matrix products in the row's dtype
  double bytes = 0;         ///< read and written, by a copy
  double exponentials = 0;  ///< by its special-function units
};

/// Whether a call's bytes have to come from memory and go there: its working set exceeds the cache,
/// or every call finds other data in it (`l2_rotated`). False where the size of the cache is not
/// known, so that the floor stays one.
bool bytes_count(double working_set_bytes, std::optional<std::int64_t> cache_bytes,
                 bool l2_rotated);

/// The time in us under which no call of three unfused stages can come at those rates: for each
/// stage the largest of FLOPs over the matrix rate, bytes over the bandwidth (where they count) and
/// exponentials over the special-function rate, the three stages added. Within a stage all of it
/// may overlap; from one stage to the next nothing does.
///
/// It is a model, not a law. A kernel that fuses stages, computes exponentials by other units or
/// finds its data in the cache can beat it, and so can a clock above that at which the rates were
/// measured: a time below the floor is reported as it is.
double floor_us(const LayerWork& work, const PeakRates& peaks, bool bytes_count);

}  // namespace mhabench
