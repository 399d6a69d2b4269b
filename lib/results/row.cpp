#include "mhabench/results/row.h"

#include <cmath>

#include "mhabench/config/names.h"

namespace mhabench {
namespace {

// Appends what is known; a result never holds NaN or inf, which strict JSON readers reject.
class Numbers {
 public:
  template <typename T>
  void add(const char* name, T value) {
    const auto number = static_cast<double>(value);
    if (std::isfinite(number)) list_.emplace_back(name, number);
  }

  template <typename T>
  void add(const char* name, const std::optional<T>& value) {
    if (value) add(name, *value);
  }

  std::vector<std::pair<std::string, double>> take() { return std::move(list_); }

 private:
  std::vector<std::pair<std::string, double>> list_;
};

std::string lengths_text(const LengthsSource& lengths) {
  if (lengths.kind != LengthsKind::replayed) return std::string(name_of(lengths.kind));
  return lengths.stem + '.' + std::to_string(lengths.line);
}

}  // namespace

std::vector<std::pair<std::string, double>> numbers_of(const Row& row) {
  Numbers numbers;
  numbers.add("batch", row.config.batch);
  numbers.add("seq_len", row.config.seq_len);
  numbers.add("embed_dim", row.config.embed_dim);
  numbers.add("heads", row.config.heads);
  numbers.add("head_dim", row.config.head_dim());
  if (row.config.lengths.beta) numbers.add("beta", row.config.lengths.beta->value());
  numbers.add("seed", row.seed);
  if (row.tokens > 0) {  // else a row that failed before its lengths were known
    numbers.add("tokens", row.tokens);
    numbers.add("sum_len_sq", row.sum_len_sq);
    numbers.add("padding", row.padding);
  }
  numbers.add("errors", row.errors);
  numbers.add("nonfinite", row.nonfinite);
  numbers.add("max_abs_err", row.max_abs_err);
  numbers.add("rel_err", row.rel_err);
  numbers.add("tolerance", row.tolerance);
  numbers.add("event_us_median", row.event_us_median);
  numbers.add("event_us_p05", row.event_us_p05);
  numbers.add("event_us_p95", row.event_us_p95);
  numbers.add("event_ci", row.event_ci);
  numbers.add("samples", row.samples);
  numbers.add("calls_per_sample", row.calls_per_sample);
  numbers.add("host_us", row.host_us);
  numbers.add("syncs", row.syncs);
  numbers.add("busy_us", row.busy_us);
  numbers.add("busy_ci", row.busy_ci);
  numbers.add("kernels", row.kernels);
  numbers.add("trace_suspect", row.trace_suspect);
  numbers.add("useful_flops", row.useful_flops);
  numbers.add("executed_flops", row.executed_flops);
  numbers.add("flops_ratio", row.flops_ratio);
  numbers.add("tflops", row.tflops);
  numbers.add("floor_us", row.floor_us);
  numbers.add("over_floor", row.over_floor);
  numbers.add("peak_bytes", row.peak_bytes);
  numbers.add("pack_us", row.pack_us);
  numbers.add("unpack_us", row.unpack_us);
  numbers.add("sm_mhz", row.sm_mhz);
  numbers.add("throttled", row.throttled);
  return numbers.take();
}

bool host_limited(const Row& row) {
  constexpr double kNearlyAll = 0.9;
  if (!row.host_us || !row.event_us_median) return false;
  const double nearly_all = kNearlyAll * *row.event_us_median;
  const bool gpu_waits = row.busy_us ? *row.busy_us < nearly_all : row.syncs == 0;
  return gpu_waits && *row.host_us >= nearly_all;
}

std::vector<std::pair<std::string, std::string>> strings_of(const Row& row) {
  std::vector<std::pair<std::string, std::string>> strings{
      {"path", row.path},
      {"dtype", std::string(name_of(row.config.dtype))},
      {"device", row.device},
      {"lengths", lengths_text(row.config.lengths)}};
  if (!row.backend.empty()) strings.emplace_back("backend", row.backend);
  if (!row.trace_problem.empty()) strings.emplace_back("trace_problem", row.trace_problem);
  return strings;
}

}  // namespace mhabench
