#pragma once

#include <optional>
#include <string>
#include <utility>

#include <ATen/ATen.h>

#include "mhabench/paths/path.h"
#include "support/batches.h"

namespace mhabench::test {

/// A path made ready for a case, or the reason why it cannot run it.
struct Readiness {
  std::optional<PreparedCall> call;
  std::string reason;
};

inline Readiness make_ready(const Path& path, const Case& c, c10::Device device) {
  if (const auto reason = why_unsupported(path, c.config, device)) return {std::nullopt, *reason};
  try {
    return {prepare_call(path, c.config, c.inputs, c.weights), ""};
  } catch (const Unsupported& reason) {
    return {std::nullopt, reason.what()};
  }
}

}  // namespace mhabench::test

/// Paths that go wrong, each in its own way, on any device.
namespace mhabench::test {

/// What the paths below count and heed; the process's own, since a path holds plain functions.
struct PathScript {
  int calls = 0;       ///< made so far
  int wrong_call = 0;  ///< the one, from 1, whose output is off by 0.5; 0 is none
  int throws_at = 0;   ///< the one that throws "lost its way"; 0 is none
};

inline PathScript& path_script() {
  static PathScript script;
  return script;
}

inline std::optional<std::string> supports_all(const MhaConfig&, c10::Device) {
  return std::nullopt;
}

/// Does what slow does but for what the script says.
inline Path scripted_path(std::string name) {
  return {std::move(name), "as slow, but for its script", supports_all,
          [](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
            const PreparedCall slow = find_path("slow").prepare(config, inputs, weights);
            const auto run = [slow] {
              PathScript& script = path_script();
              ++script.calls;
              TORCH_CHECK(script.calls != script.throws_at, "lost its way\nand says where");
              const at::Tensor output = slow.run();
              return script.calls == script.wrong_call ? output + 0.5 : output;
            };
            return PreparedCall{run, slow.to_packed};
          }};
}

/// Is off by 0.5 at every call.
inline Path wrong_path(std::string name) {
  return {std::move(name), "off by 0.5", supports_all,
          [](const MhaConfig& config, const Inputs& inputs, const Weights& weights) {
            const PreparedCall slow = find_path("slow").prepare(config, inputs, weights);
            return PreparedCall{[slow] { return slow.run() + 0.5; }, slow.to_packed};
          }};
}

/// Supports nothing.
inline Path unsupported_path(std::string name) {
  return {std::move(name), "not here",
          [](const MhaConfig&, c10::Device) -> std::optional<std::string> {
            return "needs another machine";
          },
          [](const MhaConfig&, const Inputs&, const Weights&) -> PreparedCall {
            throw std::logic_error("prepared what is not supported");
          }};
}

}  // namespace mhabench::test
