#include "mhabench/clocks/kernel_lines.h"

#include <map>

#include <nlohmann/json.hpp>

namespace mhabench {
namespace {

using Json = nlohmann::ordered_json;

// The calls of a row run the same few kernels, and reading a name takes tens of microseconds.
class Demangler {
 public:
  const std::string& operator()(const std::string& name) {
    const auto [at, fresh] = known_.try_emplace(name);
    if (fresh) at->second = demangled(name);
    return at->second;
  }

 private:
  std::map<std::string, std::string> known_;
};

double microseconds(std::int64_t ns) { return static_cast<double>(ns) / 1000; }

Json json_of(const KernelRecord& record, std::int64_t first_start_ns, Demangler& demangle) {
  return {{"name", demangle(record.name)},
          {"kind", name_of(record.kind)},
          {"start_us", microseconds(record.start_ns - first_start_ns)},
          {"duration_us", microseconds(record.end_ns - record.start_ns)},
          {"stream", record.stream}};
}

Json json_of(const CallRecords& call, Demangler& demangle) {
  Json list = Json::array();
  for (const KernelRecord& record : call) {
    list.push_back(json_of(record, call.front().start_ns, demangle));
  }
  return list;
}

}  // namespace

std::string kernel_line(std::string_view row_name, const std::vector<CallRecords>& calls) {
  Demangler demangle;
  Json list = Json::array();
  for (const CallRecords& call : calls) list.push_back(json_of(call, demangle));
  const Json line = {{"name", row_name}, {"calls", std::move(list)}};
  // A name of other bytes than UTF-8 must not end a run.
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace mhabench
