#pragma once

#include <functional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

namespace mhabench::test {

/// The operators of LibTorch that a call runs, in their order, each before those that it calls
/// itself, views included: "aten::linear", "aten::t", ... As torch.profiler lists them in Python.
std::vector<std::string> operators_of(const std::function<at::Tensor()>& call);

/// The kernels that a call makes a GPU run, by start, demangled; copies and sets left out. Throws
/// std::runtime_error where nothing can be traced.
std::vector<std::string> kernels_of(const std::function<at::Tensor()>& call, c10::Device device);

}  // namespace mhabench::test
