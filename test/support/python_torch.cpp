#include "support/python_torch.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <nlohmann/json.hpp>

#include "mhabench/config/names.h"
#include "mhabench/paths/path.h"
#include "support/temp_dir.h"

namespace mhabench::test {
namespace {

namespace fs = std::filesystem;

const char* torch_name(Dtype dtype) {
  switch (dtype) {
    case Dtype::fp32:
      return "float32";
    case Dtype::fp16:
      return "float16";
    case Dtype::bf16:
      return "bfloat16";
  }
  return "";
}

void write_tensor(const fs::path& path, const at::Tensor& tensor) {
  const at::Tensor raw = tensor.cpu().contiguous();
  std::ofstream file(path, std::ios::binary);
  file.write(static_cast<const char*>(raw.const_data_ptr()),
             static_cast<std::streamsize>(raw.nbytes()));
}

at::Tensor read_tensor(const fs::path& path, const at::Tensor& like) {
  const std::string bytes = read_text(path);
  at::Tensor tensor = at::empty(like.sizes(), like.options().device(at::kCPU));
  if (bytes.size() != tensor.nbytes()) {
    throw std::runtime_error(path.filename().string() + " has " + std::to_string(bytes.size()) +
                             " bytes, not " + std::to_string(tensor.nbytes()));
  }
  std::copy(bytes.begin(), bytes.end(), static_cast<char*>(tensor.mutable_data_ptr()));
  return tensor.to(like.device());
}

void write_case(const fs::path& folder, const std::string& id, const Case& c) {
  write_tensor(folder / (id + ".packed"), c.inputs.packed);
  write_tensor(folder / (id + ".in_proj_weight"), c.weights.in_proj_weight);
  write_tensor(folder / (id + ".in_proj_bias"), c.weights.in_proj_bias);
  write_tensor(folder / (id + ".out_proj_weight"), c.weights.out_proj_weight);
  write_tensor(folder / (id + ".out_proj_bias"), c.weights.out_proj_bias);
}

void read_ways(const fs::path& folder, const std::string& id, PythonCase& python) {
  for (const Path& path : path_table()) {
    const fs::path output = folder / (id + '.' + path.name);
    if (!fs::exists(output)) continue;
    const auto seen = nlohmann::json::parse(read_text(output.string() + ".json"));
    python.ways.push_back({path.name, read_tensor(output, python.case_.inputs.packed),
                           seen.at("operators"), seen.at("kernels")});
  }
}

void run_python(const fs::path& folder) {
  const fs::path script = fs::path(MHABENCH_TEST_DATA_DIR) / "paths" / "python_torch.py";
  const fs::path log = folder / "log";
  const std::string command =
      "PYTHONDONTWRITEBYTECODE=1 PYTHONPATH='" MHABENCH_SCRIPTS_PY "' '" MHABENCH_PYTHON "' '" +
      script.string() + "' '" + folder.string() + "' >'" + log.string() + "' 2>&1";
  if (std::system(command.c_str()) != 0) {
    throw std::runtime_error("the Python torch failed:\n" + read_text(log));
  }
}

}  // namespace

std::optional<std::string> no_python_torch() {
  if (std::string(MHABENCH_PYTHON).empty()) return "LibTorch was found without a Python torch";
  return std::nullopt;
}

const PythonWay& PythonCase::way(const std::string& path) const {
  const auto found = std::ranges::find(ways, path, &PythonWay::path);
  if (found == ways.end()) throw std::runtime_error("Python ran no '" + path + "' on " + name);
  return *found;
}

std::vector<PythonCase> ask_python(const std::vector<Batch>& batches,
                                   const std::vector<Dtype>& dtypes, c10::Device device) {
  const TempDir temp;
  const fs::path folder = temp.path();
  nlohmann::json description{{"threads", at::get_num_threads()}};
  std::vector<PythonCase> cases;
  for (const Batch& batch : batches) {
    for (const Dtype dtype : dtypes) {
      Case c = make_case(batch, dtype, device);
      const std::string id = std::to_string(cases.size());
      write_case(folder, id, c);
      description["cases"].push_back({{"id", id},
                                      {"dtype", torch_name(dtype)},
                                      {"device", device.str()},
                                      {"lengths", batch.lengths},
                                      {"embed_dim", batch.embed_dim},
                                      {"heads", batch.heads}});
      cases.push_back({batch.name + '/' + std::string(name_of(dtype)), std::move(c), {}});
    }
  }
  std::ofstream(folder / "cases.json") << description;
  run_python(folder);
  for (std::size_t i = 0; i < cases.size(); ++i) read_ways(folder, std::to_string(i), cases[i]);
  return cases;
}

std::vector<Dtype> python_dtypes(c10::Device device) {
  return device.is_cpu() ? all_dtypes() : std::vector{Dtype::fp16};
}

std::vector<Batch> python_batches() {
  return {
      {"ragged", {61, 37, 12, 5, 59, 64}, 128, 4},
      {"ragged_with_one", {1, 33, 7}, 64, 8},
      {"all_full", {48, 48, 48}, 128, 8},
      {"batch_1", {40}, 64, 8},
      {"batch_1_wide", {90}, 512, 8},
      {"wide", {130, 70, 128}, 256, 2},
  };
}

}  // namespace mhabench::test
