#include "support/operators.h"

#include <stdexcept>

#include <ATen/record_function.h>

#include "mhabench/clocks/kernel_names.h"
#include "mhabench/clocks/kernel_trace.h"

namespace mhabench::test {
namespace {

thread_local std::vector<std::string>* recorded = nullptr;

std::unique_ptr<at::ObserverContext> record(const at::RecordFunction& function) {
  const std::string name = function.name();
  if (recorded != nullptr && name.starts_with("aten::")) recorded->push_back(name);
  return nullptr;
}

}  // namespace

std::vector<std::string> operators_of(const std::function<at::Tensor()>& call) {
  std::vector<std::string> names;
  recorded = &names;
  const at::CallbackHandle handle = at::addThreadLocalCallback(
      at::RecordFunctionCallback(record).scopes({at::RecordScope::FUNCTION}));
  try {
    call();
  } catch (...) {
    at::removeCallback(handle);
    recorded = nullptr;
    throw;
  }
  at::removeCallback(handle);
  recorded = nullptr;
  return names;
}

std::vector<std::string> kernels_of(const std::function<at::Tensor()>& call, c10::Device device) {
  KernelTracer tracer(device);
  if (tracer.unavailable()) throw std::runtime_error(*tracer.unavailable());
  call();  // what libraries make once for a shape
  const KernelTrace trace = tracer.trace(call, 1);
  if (trace.calls.empty()) throw std::runtime_error(trace.problem);
  std::vector<std::string> names;
  for (const KernelRecord& record : trace.calls.front()) {
    if (record.kind == RecordKind::kernel) names.push_back(demangled(record.name));
  }
  return names;
}

}  // namespace mhabench::test
