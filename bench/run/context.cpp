#include "bench/run/context.h"

#include <optional>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <nlohmann/json.hpp>

#include "mhabench/base/fingerprint.h"
#include "mhabench/base/version.h"
#include "mhabench/config/names.h"
#include "mhabench/device/device.h"

namespace mhabench::bench {
namespace {

using Json = nlohmann::ordered_json;

// 2: lengths unsaid in a name are the script's; before, they were drawn by Boost.Math's quantile.
constexpr int kSchema = 2;

template <typename T>
void add(Json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}

void add_device(Json& json, c10::Device device) {
  const DeviceInfo info = describe(device);
  json["device"] = device_name(device);
  if (device.is_cuda()) json["gpu_name"] = info.name;
  add(json, "gpu_uuid", info.uuid);
  add(json, "driver_version", info.driver);
  add(json, "compute_capability", info.compute_capability);
  add(json, "device_index", info.index);
  add(json, "sm_count", info.multiprocessors);
  add(json, "memory_bytes", info.memory_bytes);
  add(json, "l2_bytes", info.l2_bytes);
  add(json, "power_limit_watts", info.power_limit_watts);
  json["cpu_model"] = cpu_model();
  add(json, "cpu_governor", cpu_governor());
  json["threads"] = at::get_num_threads();
}

void add_versions(Json& json) {
  const Versions found = versions();
  json["torch_version"] = found.torch;
  add(json, "cuda_version", found.cuda);
  add(json, "cublas_version", found.cublas);
  add(json, "cudnn_version", found.cudnn);
}

void add_precision(Json& json) {
  const at::Context& context = at::globalContext();
  json["allow_tf32_cublas"] = context.allowTF32CuBLAS();
  json["allow_tf32_cudnn"] = context.allowTF32CuDNN();
  const auto reduces = [](at::CuBLASReductionOption option) {
    return option != at::CuBLASReductionOption::DisallowReducedPrecisionDisallowSplitK &&
           option != at::CuBLASReductionOption::DisallowReducedPrecisionAllowSplitK;
  };
  json["allow_fp16_reduction_cublas"] = reduces(context.allowFP16ReductionCuBLAS());
  json["allow_bf16_reduction_cublas"] = reduces(context.allowBF16ReductionCuBLAS());
}

// What tells apart two files of one name.
std::string fingerprint_of(const std::vector<LengthsLine>& lines) {
  Fingerprint fingerprint;
  for (const LengthsLine& line : lines) {
    for (const std::int64_t length : line.lengths) fingerprint.add(std::to_string(length));
    fingerprint.add("");
  }
  return fingerprint.str();
}

Json grid_json(const Grid& grid) {
  Json json;
  json["name"] = grid.name;
  for (const Dtype dtype : grid.dtypes) json["dtype"].push_back(name_of(dtype));
  json["embed_dim"] = grid.embed_dims;
  json["heads"] = grid.heads;
  if (!grid.lines.empty()) {
    json["lengths_file"] = grid.lines.front().stem;
    json["batches"] = grid.lines.size();
    json["lengths_fingerprint"] = fingerprint_of(grid.lines);
    return json;
  }
  json["batch"] = grid.batches;
  json["seq_len"] = grid.seq_lens;
  if (has_beta(grid.lengths)) {
    for (const Decimal beta : grid.betas) json["beta"].push_back(beta.value());
  }
  return json;
}

// How rows are measured if the flags say so; what is at its default is absent.
Json settings_of(const Options& options) {
  const BenchmarkOptions& given = options.benchmark;
  const BenchmarkOptions standard;
  Json settings = Json::object();
  const auto add = [&](const char* key, const auto& value, const auto& usual) {
    if (value != usual) settings[key] = value;
  };
  if (options.precision) settings["precision"] = *options.precision;
  if (options.max_row_time_s) settings["max_row_time"] = *options.max_row_time_s;
  if (options.peaks) {
    settings["peaks"] = {options.peaks->flops, options.peaks->bytes, options.peaks->exponentials};
  }
  add("trace", options.trace, true);
  add("cooldown", options.cooldown, false);
  if (given.min_time_s) settings["min_time"] = *given.min_time_s;
  if (given.iterations) settings["iterations"] = *given.iterations;
  add("min_warmup_time", given.min_warmup_time_s, standard.min_warmup_time_s);
  add("repetitions", given.repetitions, standard.repetitions);
  add("dry_run", given.dry_run, standard.dry_run);
  add("report_aggregates_only", given.report_aggregates_only, standard.report_aggregates_only);
  add("perf_counters", given.perf_counters, standard.perf_counters);
  add("time_unit", given.time_unit, standard.time_unit);
  return settings;
}

Json peak_json(const Peak& peak, const char* unit) {
  return {{"value", peak.tera}, {"unit", unit}, {"how", peak.how}};
}

Json peaks_json(const Peaks& peaks) {
  Json json = Json::object();
  for (const auto& [dtype, peak] : peaks.matrix) {
    json["matrix_" + std::string(name_of(dtype))] = peak_json(peak, "TFLOP/s");
  }
  if (peaks.copy) json["copy"] = peak_json(*peaks.copy, "TB/s");
  if (peaks.exponentials) json["exponentials"] = peak_json(*peaks.exponentials, "10^12/s");
  return json;
}

}  // namespace

Json peaks_context(const PeakMeter& meter) {
  Json json = peaks_json(meter.known());
  if (!meter.problem().empty()) json["problem"] = meter.problem();
  if (json.empty()) return nullptr;
  Json published = peaks_json(meter.published());
  if (!published.empty()) json["published"] = std::move(published);
  return json;
}

Json run_context(c10::Device device, const Grid& grid, const Options& options,
                 const std::vector<std::string>& command_line) {
  Json json;
  json["mhabench_schema"] = kSchema;
  json["mhabench_version"] = project_version();
  json["mhabench_revision"] = project_revision();
  add_device(json, device);
  add_versions(json);
  add_precision(json);
  json["grid"] = grid_json(grid);
  json["lengths"] = name_of(grid.lines.empty() ? grid.lengths : LengthsKind::replayed);
  json["l2"] = name_of(options.l2);
  json["rounds"] = options.rounds;
  json["seed"] = options.seed;
  json["command_line"] = command_line;
  json["settings"] = settings_of(options);
  return json;
}

Json state_context(const DeviceState& state) {
  Json json = Json::object();
  add(json, "sm_mhz", state.clocks.sm_mhz);
  add(json, "temperature_celsius", state.temperature_celsius);
  add(json, "power_watts", state.power_watts);
  add(json, "power_limit_watts", state.power_limit_watts);
  return json;
}

}  // namespace mhabench::bench
