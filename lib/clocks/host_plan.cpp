#include "mhabench/clocks/host_plan.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "mhabench/clocks/statistics.h"

namespace mhabench {
namespace {

// A layer mostly takes its host 40 to 400 us to enqueue, whatever the GPU makes of it. A call by
// itself takes some 1.2 times what it takes in a loop, one in twenty twice that.
double first_sleep_us(double most_us) {
  constexpr double kMargin = 1.3;
  constexpr double kShortest = 200;
  constexpr double kLongest = 600;
  return std::clamp(kMargin * most_us, kShortest, kLongest);
}

double second_sleep_us(double seen_us) {
  constexpr double kMargin = 1.5;
  constexpr double kShortest = 300;
  return std::max(kMargin * seen_us, kShortest);
}

class Readings {
 public:
  bool wants_more() const {
    constexpr std::size_t kMost = 3;
    constexpr auto kEnough = std::chrono::microseconds(1'500);
    if (times_.empty()) return true;
    return times_.size() < kMost && std::chrono::steady_clock::now() - start_ < kEnough;
  }
  void add(double us) { times_.push_back(us); }
  std::size_t count() const { return times_.size(); }
  double median_us() const { return median(times_); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::vector<double> times_;
};

// Absent where calls outlast the sleep. One of three may, when the host is slow for once.
std::optional<double> median_behind_sleep(const HostProbes& probes, double sleep_us) {
  Readings readings;
  std::size_t outlasted = 0;
  while (readings.wants_more()) {
    const CallBehindSleep seen = probes.behind_sleep(sleep_us);
    readings.add(seen.us);
    outlasted += seen.sleep_was_over ? 1 : 0;
    if (outlasted == readings.count()) return std::nullopt;
  }
  if (2 * outlasted >= readings.count()) return std::nullopt;
  return readings.median_us();
}

double median_on_idle_stream(const HostProbes& probes) {
  Readings readings;
  while (readings.wants_more()) readings.add(probes.on_idle_stream());
  return readings.median_us();
}

}  // namespace

HostTime host_time(const HostProbes& probes, double most_us, bool likely_waits) {
  if (!likely_waits) {
    if (const auto us = median_behind_sleep(probes, first_sleep_us(most_us))) return {*us, false};
  }
  const double idle_us = median_on_idle_stream(probes);
  if (const auto us = median_behind_sleep(probes, second_sleep_us(idle_us))) return {*us, false};
  return {idle_us, true};
}

}  // namespace mhabench
