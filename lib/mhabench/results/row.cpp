#include "mhabench/results/row.h"

#include <cmath>
#include <limits>
#include <type_traits>

#include "mhabench/base/error.h"
#include "mhabench/config/names.h"

namespace mhabench {
namespace {

template <typename T>
struct ValueOf {
  using type = T;
};
template <typename T>
struct ValueOf<std::optional<T>> {
  using type = T;
};

template <typename T>
requires std::is_arithmetic_v<T> std::optional<double> number(T value) {
  return static_cast<double>(value);
}

template <typename T>
std::optional<double> number(const std::optional<T>& value) {
  return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

// The number as a T, which may be an integer; files hold any number.
template <typename T>
T exactly(double value) {
  if constexpr (std::is_integral_v<T>) {
    const double end = std::ldexp(1.0, std::numeric_limits<T>::digits);
    const double first = std::is_signed_v<T> ? -end : 0;
    if (!(value >= first && value < end) || value != std::floor(value)) {
      throw InputError("not an integer of the field's range");
    }
  }
  return static_cast<T>(value);
}

template <auto Member>
NumberField number_field(std::string_view name) {
  using T = typename ValueOf<std::remove_reference_t<decltype(Row{}.*Member)>>::type;
  return {name, [](const Row& row) { return number(row.*Member); },
          [](Row& row, double value) { row.*Member = exactly<T>(value); }};
}

template <auto Member>
NumberField axis(std::string_view name) {
  return {name, [](const Row& row) { return number(row.config.*Member); }, nullptr};
}

// Not known of a row that failed before its lengths were.
template <auto Member>
NumberField lengths_field(std::string_view name) {
  NumberField field = number_field<Member>(name);
  field.get = [](const Row& row) { return row.tokens > 0 ? number(row.*Member) : std::nullopt; };
  return field;
}

template <auto Member>
NumberField worst_field(std::string_view name) {
  using T = std::remove_reference_t<decltype(WorstError{}.*Member)>;
  return {name,
          [](const Row& row) { return row.worst ? number((*row.worst).*Member) : std::nullopt; },
          [](Row& row, double value) {
            if (!row.worst) row.worst.emplace();
            (*row.worst).*Member = exactly<T>(value);
          }};
}

std::optional<double> head_dim_of(const Row& row) {
  return static_cast<double>(row.config.head_dim());
}

std::optional<double> beta_of(const Row& row) {
  const auto& beta = row.config.lengths.beta;
  return beta ? std::optional(beta->value()) : std::nullopt;
}

// As a double a seed is the nearest one, which for the largest seeds is no seed.
void set_seed(Row& row, double value) {
  constexpr double kEnd = 0x1p64;
  row.seed =
      value < kEnd ? exactly<std::uint64_t>(value) : std::numeric_limits<std::uint64_t>::max();
}

template <auto Member>
StringField string_field(std::string_view name) {
  return {name, [](const Row& row) { return row.*Member; },
          [](Row& row, std::string value) { row.*Member = std::move(value); }};
}

std::string dtype_of(const Row& row) { return std::string(name_of(row.config.dtype)); }

std::string lengths_of(const Row& row) {
  const LengthsSource& lengths = row.config.lengths;
  if (lengths.kind != LengthsKind::replayed) return std::string(name_of(lengths.kind));
  return lengths.stem + '.' + std::to_string(lengths.line);
}

}  // namespace

const std::vector<NumberField>& number_fields() {
  static const std::vector<NumberField> fields{
      axis<&MhaConfig::batch>("batch"),
      axis<&MhaConfig::seq_len>("seq_len"),
      axis<&MhaConfig::embed_dim>("embed_dim"),
      axis<&MhaConfig::heads>("heads"),
      {"head_dim", head_dim_of, nullptr},
      {"beta", beta_of, nullptr},
      {"seed", [](const Row& row) { return number(row.seed); }, set_seed},
      lengths_field<&Row::tokens>("tokens"),
      lengths_field<&Row::sum_len_sq>("sum_len_sq"),
      lengths_field<&Row::padding>("padding"),
      number_field<&Row::lengths_crc>("lengths_crc"),
      number_field<&Row::errors>("errors"),
      number_field<&Row::nonfinite>("nonfinite"),
      number_field<&Row::max_abs_err>("max_abs_err"),
      number_field<&Row::rel_err>("rel_err"),
      number_field<&Row::rel_bound>("rel_bound"),
      worst_field<&WorstError::error>("worst_err"),
      worst_field<&WorstError::bound>("worst_bound"),
      worst_field<&WorstError::sequence>("worst_sequence"),
      worst_field<&WorstError::position>("worst_position"),
      worst_field<&WorstError::feature>("worst_feature"),
      number_field<&Row::agrees>("agrees"),
      number_field<&Row::event_us_median>("event_us_median"),
      number_field<&Row::event_us_p05>("event_us_p05"),
      number_field<&Row::event_us_p95>("event_us_p95"),
      number_field<&Row::event_ci>("event_ci"),
      number_field<&Row::samples>("samples"),
      number_field<&Row::calls_per_sample>("calls_per_sample"),
      number_field<&Row::host_us>("host_us"),
      number_field<&Row::syncs>("syncs"),
      number_field<&Row::busy_us>("busy_us"),
      number_field<&Row::busy_ci>("busy_ci"),
      number_field<&Row::kernels>("kernels"),
      number_field<&Row::trace_suspect>("trace_suspect"),
      number_field<&Row::useful_flops>("useful_flops"),
      number_field<&Row::executed_flops>("executed_flops"),
      number_field<&Row::flops_ratio>("flops_ratio"),
      number_field<&Row::tflops>("tflops"),
      number_field<&Row::floor_us>("floor_us"),
      number_field<&Row::over_floor>("over_floor"),
      number_field<&Row::peak_bytes>("peak_bytes"),
      number_field<&Row::pack_us>("pack_us"),
      number_field<&Row::unpack_us>("unpack_us"),
      number_field<&Row::sm_mhz>("sm_mhz"),
      number_field<&Row::throttled>("throttled"),
      number_field<&Row::bytes_asked>("bytes_asked"),
  };
  return fields;
}

const std::vector<StringField>& string_fields() {
  static const std::vector<StringField> fields{
      {"path", [](const Row& row) { return row.path; }, nullptr},
      {"dtype", dtype_of, nullptr},
      string_field<&Row::device>("device"),
      {"lengths", lengths_of, nullptr},
      string_field<&Row::backend>("backend"),
      string_field<&Row::trace_problem>("trace_problem"),
      string_field<&Row::pack_problem>("pack_problem"),
  };
  return fields;
}

const std::vector<ListField>& list_fields() {
  static const std::vector<ListField> fields{{"event_us_rounds", &Row::event_rounds_us},
                                             {"busy_us_rounds", &Row::busy_rounds_us}};
  return fields;
}

// A result never holds NaN or inf, which strict JSON readers reject.
std::vector<std::pair<std::string, double>> numbers_of(const Row& row) {
  std::vector<std::pair<std::string, double>> numbers;
  for (const NumberField& field : number_fields()) {
    const std::optional<double> value = field.get(row);
    if (value && std::isfinite(*value)) numbers.emplace_back(field.name, *value);
  }
  return numbers;
}

bool host_limited(const Row& row) {
  constexpr double kNearlyAll = 0.9;
  if (!row.host_us || !row.event_us_median) return false;
  const double nearly_all = kNearlyAll * *row.event_us_median;
  if (row.busy_us) return *row.busy_us < nearly_all && *row.host_us >= *row.busy_us;
  return row.syncs == 0 && *row.host_us >= nearly_all;
}

std::vector<std::pair<std::string, std::string>> strings_of(const Row& row) {
  std::vector<std::pair<std::string, std::string>> strings;
  for (const StringField& field : string_fields()) {
    std::string value = field.get(row);
    if (!value.empty()) strings.emplace_back(field.name, std::move(value));
  }
  return strings;
}

}  // namespace mhabench
