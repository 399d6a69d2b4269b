#include "mhabench/clocks/host_plan.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "mhabench/base/statistics.h"

namespace mhabench {
namespace {

constexpr std::size_t kMostReadings = 3;
constexpr double kEnoughUs = 1'500;

// Fewer of long ones.
std::size_t calls_of(double us) {
  return static_cast<std::size_t>(
      std::clamp(kEnoughUs / us, 1.0, static_cast<double>(kMostReadings)));
}

// The first of some calls takes 1.2 times what one takes in a loop, one in twenty twice that.
double first_sleep_us(double most_us, std::size_t calls) {
  constexpr double kMargin = 1.3;
  constexpr double kShortest = 200;
  return std::max(kMargin * most_us * static_cast<double>(calls), kShortest);
}

double second_sleep_us(double longest_us, std::size_t calls) {
  constexpr double kMargin = 1.5;
  constexpr double kShortest = 300;
  return std::max(kMargin * longest_us * static_cast<double>(calls), kShortest);
}

double median_on_idle_stream(const HostProbes& probes, double first_us) {
  std::vector<double> times{first_us};
  double sum = first_us;
  while (times.size() < kMostReadings && sum < kEnoughUs) {
    times.push_back(probes.on_idle_stream());
    sum += times.back();
  }
  return median(times);
}

}  // namespace

HostTime host_time(const HostProbes& probes, double most_us, bool likely_waits) {
  double longest_us = 0;
  if (!likely_waits) {
    const std::size_t calls = calls_of(most_us);
    const CallsBehindSleep first = probes.behind_sleep(first_sleep_us(most_us, calls), calls);
    if (first.within_sleep > 0) return {median(first.us), false};
    longest_us = first.us.front();
  }
  const double idle_us = probes.on_idle_stream();
  longest_us = std::max(longest_us, idle_us);
  const std::size_t calls = likely_waits ? 1 : calls_of(longest_us);
  const CallsBehindSleep second = probes.behind_sleep(second_sleep_us(longest_us, calls), calls);
  if (second.within_sleep > 0) return {median(second.us), false};
  return {median_on_idle_stream(probes, idle_us), true};
}

}  // namespace mhabench
