#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "mhabench/check/poison.h"
#include "mhabench/paths/path_table.h"
#include "support/devices.h"
#include "support/paths.h"

namespace mhabench::test {
namespace {

const c10::Device kGpu(c10::kCUDA, 0);
const Batch kRagged{"ragged", {33, 4, 70}, 128, 4};

TEST(GraphPath, NeedsAGpuAndWhatTheEagerPathNeeds) {
  const Path graph = graph_path(find_path("frontend"));
  EXPECT_EQ(graph.name, "frontend_graph");
  const MhaConfig config = config_of(kRagged, Dtype::fp16);
  EXPECT_EQ(graph.unsupported(config, at::kCPU), "a CUDA graph needs a GPU");
  EXPECT_EQ(graph.unsupported(config, kGpu), find_path("frontend").unsupported(config, kGpu));
}

TEST(GraphPath, StandsInTheTableForEveryPathButTheCpus) {
  for (const Path& path : path_table()) {
    if (path.name.ends_with("_graph")) continue;
    const bool has_graph = std::ranges::count(path_names(), path.name + "_graph") == 1;
    EXPECT_EQ(has_graph, path.name != "packed_cpu") << path.name;
  }
}

// Its linear maps run over all the room that it has for tokens.
TEST(GraphPath, TellsWhatTheGraphExecutes) {
  for (const Path& path : path_table()) {
    if (path.name.ends_with("_graph") || path.name == "packed_cpu") continue;
    const bool packed = path.executes == Executes::packed;
    EXPECT_EQ(find_path(path.name + "_graph").executes,
              packed ? Executes::packed_room : path.executes)
        << path.name;
  }
}

class GraphOnGpu : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = cannot_use(kGpu)) GTEST_SKIP() << *reason;
  }

  const c10::InferenceMode inference_;
};

TEST_F(GraphOnGpu, ReplaysWhatTheEagerPathGives) {
  const Case c = make_case(kRagged, Dtype::fp16, kGpu);
  for (const char* name : {"slow", "fast_masked", "packed_flash", "packed_efficient"}) {
    SCOPED_TRACE(name);
    const PreparedCall eager = find_path(name).prepare(c.config, c.inputs, c.weights);
    const PreparedCall graph = graph_path(find_path(name)).prepare(c.config, c.inputs, c.weights);
    const at::Tensor expected = eager.to_packed(eager.run());
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(at::allclose(graph.to_packed(graph.run()), expected, 1e-2, 2e-3));
    }
  }
}

// Memory between a graph's nodes is the graph's alone, however it looks free.
TEST_F(GraphOnGpu, StandsApartFromPoisonedMemory) {
  const Case c = make_case(kRagged, Dtype::fp16, kGpu);
  const PreparedCall graph =
      graph_path(find_path("packed_flash")).prepare(c.config, c.inputs, c.weights);
  const at::Tensor before = graph.to_packed(graph.run()).clone();
  const at::Tensor output = graph.run();
  const PoisonedMemory poisoned(kGpu);
  EXPECT_TRUE(at::equal(graph.to_packed(output), before));
  EXPECT_TRUE(at::equal(graph.to_packed(graph.run()), before));
}

TEST_F(GraphOnGpu, AnOutputThatNoReplayHasWrittenIsNan) {
  const Case c = make_case(kRagged, Dtype::fp16, kGpu);
  Path idle = scripted_path("idle");
  idle.prepare_fixed = [](const MhaConfig&, const Inputs& inputs, const Weights&) {
    PreparedCall call;
    call.run = [&inputs] {
      // A graph without a node cannot be told from a broken one.
      const at::Tensor elsewhere = at::zeros_like(inputs.packed);
      return at::empty_like(inputs.packed);
    };
    return call;
  };
  const PreparedCall graph = graph_path(idle).prepare(c.config, c.inputs, c.weights);
  EXPECT_TRUE(graph.run().isnan().all().item<bool>());
}

TEST_F(GraphOnGpu, WhatCannotBeCapturedIsSaidAndLeavesTheDeviceUsable) {
  const Case c = make_case(kRagged, Dtype::fp16, kGpu);
  Path waiting = scripted_path("waiting");
  waiting.prepare_fixed = [](const MhaConfig&, const Inputs& inputs, const Weights&) {
    PreparedCall call;
    call.run = [&inputs] {
      const at::Tensor sum = inputs.packed.sum();
      return inputs.packed * sum.item<double>();  // waits for the GPU
    };
    return call;
  };
  for (int i = 0; i < 3; ++i) {
    try {
      graph_path(waiting).prepare(c.config, c.inputs, c.weights);
      ADD_FAILURE() << "was captured";
    } catch (const Unsupported& reason) {
      EXPECT_TRUE(std::string(reason.what()).starts_with("no CUDA graph can hold it: "))
          << reason.what();
    }
    const PreparedCall graph = graph_path(find_path("slow")).prepare(c.config, c.inputs, c.weights);
    EXPECT_FALSE(graph.to_packed(graph.run()).isnan().any().item<bool>());
  }
}

// A path that is broken is none that a graph cannot hold: its row fails, and is not skipped.
TEST_F(GraphOnGpu, AnEagerCallThatFailsIsNotTheGraphs) {
  const Case c = make_case(kRagged, Dtype::fp16, kGpu);
  Path broken = scripted_path("broken");
  broken.prepare_fixed = [](const MhaConfig&, const Inputs&, const Weights&) {
    PreparedCall call;
    call.run = [] {
      TORCH_CHECK(false, "lost its way");
      return at::Tensor();
    };
    return call;
  };
  EXPECT_THROW(graph_path(broken).prepare(c.config, c.inputs, c.weights), c10::Error);
}

// It copies the lengths from the host at each call.
TEST_F(GraphOnGpu, TheNestedFastPathCannotBeCaptured) {
  const Case c = make_case(kRagged, Dtype::fp16, kGpu);
  EXPECT_THROW(graph_path(find_path("fast")).prepare(c.config, c.inputs, c.weights), Unsupported);
}

}  // namespace
}  // namespace mhabench::test
