#include "mhabench/results/script_files.h"

#include <array>
#include <cstdio>
#include <unordered_map>
#include <utility>

#include "mhabench/config/text.h"

namespace mhabench {
namespace {

constexpr const char* kHeader =
    "dtype,batch_size,sequence_length,n_heads,embed_dim,time_native_mha_slow(\u00b5s),"
    "time_native_mha_fast (\u00b5s),speedup flash_mha v native_mha,padding\r\n";

const char* torch_name(Dtype dtype) {
  switch (dtype) {
    case Dtype::fp32:
      return "torch.float32";
    case Dtype::fp16:
      return "torch.float16";
    case Dtype::bf16:
      return "torch.bfloat16";
  }
  return "";
}

std::string three_digits(const std::optional<double>& value) {
  if (!value) return {};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.3f", *value);
  return text.data();
}

std::string time_field(const std::optional<PathSummary>& path) {
  return three_digits(path ? path->us : std::nullopt);
}

std::string entry_name(const MhaConfig& config) {
  return "batch:" + std::to_string(config.batch) + "_seq_len:" + std::to_string(config.seq_len) +
         "_n_heads:" + std::to_string(config.heads) +
         "_embed_dim:" + std::to_string(config.embed_dim);
}

}  // namespace

std::string script_csv(const std::vector<Pair>& pairs) {
  std::string text = kHeader;
  for (const Pair& pair : pairs) {
    const MhaConfig& config = pair.config;
    text += std::string(torch_name(config.dtype)) + ',' + std::to_string(config.batch) + ',' +
            std::to_string(config.seq_len) + ',' + std::to_string(config.heads) + ',' +
            std::to_string(config.embed_dim) + ',' + time_field(pair.slow) + ',' +
            time_field(pair.fast) + ',' + three_digits(pair.speedup()) + ',' +
            three_digits(pair.padding) + "\r\n";
  }
  return text;
}

std::string script_error_json(const std::vector<Pair>& pairs) {
  std::vector<std::pair<std::string, int>> errors;
  std::unordered_map<std::string, std::size_t> index;
  for (const Pair& pair : pairs) {
    if (pair.disagreements == 0) continue;
    const auto [at, fresh] = index.try_emplace(entry_name(pair.config), errors.size());
    if (fresh) errors.emplace_back(at->first, 0);
    errors[at->second].second += pair.disagreements;
  }
  // Blanks as Python's json.dumps sets them; no key holds what would have to be escaped.
  std::vector<std::string> members;
  for (const auto& [key, count] : errors) {
    members.push_back('"' + key + "\": " + std::to_string(count));
  }
  return '{' + join(members, ", ") + '}';
}

}  // namespace mhabench
