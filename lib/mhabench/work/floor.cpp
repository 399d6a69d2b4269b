#include "mhabench/work/floor.h"

#include <algorithm>

namespace mhabench {
namespace {

double floor_s(const StageWork& stage, const PeakRates& peaks, bool bytes_count) {
  return std::max({stage.flops / peaks.flops, bytes_count ? stage.bytes / peaks.bytes : 0,
                   stage.exponentials / peaks.exponentials});
}

}  // namespace

bool bytes_count(double working_set_bytes, std::optional<std::int64_t> cache_bytes,
                 bool l2_rotated) {
  if (l2_rotated) return true;
  return cache_bytes && working_set_bytes > static_cast<double>(*cache_bytes);
}

double floor_us(const LayerWork& work, const PeakRates& peaks, bool bytes_count) {
  constexpr double kMicroseconds = 1e6;
  return kMicroseconds * (floor_s(work.in_projection, peaks, bytes_count) +
                          floor_s(work.attention, peaks, bytes_count) +
                          floor_s(work.out_projection, peaks, bytes_count));
}

}  // namespace mhabench
