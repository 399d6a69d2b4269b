#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "mhabench/base/fingerprint.h"
#include "mhabench/shards/shard_context.h"

/// Results files of shares, as mha_bench writes them, without a run.
namespace mhabench::test {

using OrderedJson = nlohmann::ordered_json;

/// The names of a plan of `rows` rows.
inline std::vector<std::string> plan_names(std::size_t rows) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < rows; ++i) {
    names.push_back("MHA/" + std::string(i % 2 == 0 ? "slow" : "fast") +
                    "/fp16/batch:" + std::to_string(i / 2 + 1) +
                    "/seq_len:64/embed_dim:512/heads:8/beta:0.85/manual_time");
  }
  return names;
}

/// The context of the share of `plan` that holds the rows of these indices.
inline ShardContext shard_context(const std::vector<std::string>& plan, const Shard& shard,
                                  const std::vector<std::size_t>& indices) {
  ShardContext context{shard, plan.size(), "", indices, {}};
  Fingerprint fingerprint;
  for (const std::string& name : plan) fingerprint.add(name);
  context.plan_fingerprint = fingerprint.str();
  for (const std::size_t index : indices) context.names.push_back(plan[index]);
  return context;
}

/// One repetition of a row in "benchmarks".
inline OrderedJson shard_row(const std::string& name, std::size_t family) {
  return {{"name", name},
          {"family_index", family},
          {"per_family_instance_index", 0},
          {"run_name", name},
          {"run_type", "iteration"},
          {"repetitions", 1},
          {"repetition_index", 0},
          {"threads", 1},
          {"iterations", 100},
          {"real_time", 12.5 + static_cast<double>(family)},
          {"cpu_time", 0.1},
          {"time_unit", "us"},
          {"batch", 16.0},
          {"errors", 0.0},
          {"path", "slow"},
          {"device", "cuda:0"}};
}

/// A whole results file; `family` counts the rows as a share's run does, from 0.
inline OrderedJson shard_file(const ShardContext& shard, const std::string& host = "node1") {
  OrderedJson file;
  file["context"] = {{"date", "2026-11-23T02:28:48+00:00"},
                     {"host_name", host},
                     {"mhabench_revision", "0123abc"},
                     {"device", "cuda:0"},
                     {"gpu_name", "NVIDIA H200"},
                     {"gpu_uuid", "GPU-" + host},
                     {"grid", {{"name", "script"}, {"heads", {8}}}},
                     {"seed", 26214},
                     {"command_line", {"--shard=" + text_of(shard.shard)}}};
  file["context"]["shard"] = json_of(shard);
  file["benchmarks"] = OrderedJson::array();
  for (std::size_t i = 0; i < shard.names.size(); ++i) {
    file["benchmarks"].push_back(shard_row(shard.names[i], i));
  }
  return file;
}

inline std::string file_text(const OrderedJson& file) { return file.dump(2) + '\n'; }

}  // namespace mhabench::test
