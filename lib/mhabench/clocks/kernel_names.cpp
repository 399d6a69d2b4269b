#include "mhabench/clocks/kernel_names.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <utility>

namespace mhabench {
namespace {

// Parts of names that tell a backend; they stand in mangled names as in plain ones. A kernel is the
// backend's where it holds both parts (the second may be empty).
struct Pattern {
  Backend backend;
  std::string_view part, and_part;
};

// The first that any kernel fits decides. Fused kernels come first, since nothing else runs in
// their place while a softmax may stand beside anything; cuDNN calls its own kernels flash too, so
// LibTorch's are looked for by their whole name; the native layer's older path rescales q in a
// kernel that no other path has, and then runs the very softmax of math.
constexpr std::array kPatterns{
    Pattern{Backend::flash, "flash_fwd_kernel", ""},
    Pattern{Backend::flash, "flash_fwd_splitkv_kernel", ""},
    Pattern{Backend::efficient, "fmha_cutlassF", ""},
    Pattern{Backend::cudnn, "cudnn", "sdpa"},
    Pattern{Backend::cudnn, "cudnn", "flash_fprop"},
    Pattern{Backend::legacy, "transform_bias_rescale_qkv", ""},
    Pattern{Backend::math, "softmax_warp_forward", ""},
    Pattern{Backend::math, "SoftMaxForward", ""},
};

constexpr std::array<std::pair<Backend, std::string_view>, 5> kNames{{
    {Backend::flash, "flash"},
    {Backend::efficient, "efficient"},
    {Backend::cudnn, "cudnn"},
    {Backend::legacy, "legacy"},
    {Backend::math, "math"},
}};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

std::string demangled(const std::string& name) {
  // Without the prefix a plain name is read as a mangled type: "f" as float.
  if (!name.starts_with("_Z")) return name;
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? text.get() : name;
}

std::string_view name_of(Backend backend) {
  return std::find_if(kNames.begin(), kNames.end(),
                      [&](const auto& entry) { return entry.first == backend; })
      ->second;
}

std::optional<Backend> backend_of(const std::vector<std::string_view>& kernels) {
  for (const Pattern& pattern : kPatterns) {
    const auto fits = [&](std::string_view kernel) {
      return contains(kernel, pattern.part) && contains(kernel, pattern.and_part);
    };
    if (std::any_of(kernels.begin(), kernels.end(), fits)) return pattern.backend;
  }
  return std::nullopt;
}

}  // namespace mhabench
