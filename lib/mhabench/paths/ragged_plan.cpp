#include "mhabench/paths/ragged_plan.h"

#include "mhabench/paths/path.h"

#if MHABENCH_WITH_CUDNN_FRONTEND
#include <cmath>
#include <cstdlib>
#include <cudnn_frontend.h>
#include <dlfcn.h>
#include <map>
#include <unordered_map>

#include <ATen/ATen.h>
#include <ATen/cudnn/Handle.h>

// The library that LibTorch loaded; cudnn-frontend asks its user to define this.
namespace cudnn_frontend {
void* cudnn_dlhandle = nullptr;
}
#endif

namespace mhabench {

#if MHABENCH_WITH_CUDNN_FRONTEND

namespace {

namespace fe = cudnn_frontend;

enum Uid : std::int64_t { kQ = 1, kK, kV, kO, kLengthsQ, kLengthsKv, kQkvOffsets, kOutOffsets };

constexpr const char* kCudnn = "libcudnn.so.9";

fe::DataType_t data_type(Dtype dtype) {
  return dtype == Dtype::bf16 ? fe::DataType_t::BFLOAT16 : fe::DataType_t::HALF;
}

using TensorAttributes = std::shared_ptr<fe::graph::Tensor_attributes>;

// An int32 table with an entry a sequence, or one more.
TensorAttributes table(fe::graph::Graph& graph, Uid uid, std::int64_t entries) {
  return graph.tensor(fe::graph::Tensor_attributes()
                          .set_uid(uid)
                          .set_dim({entries, 1, 1, 1})
                          .set_stride({1, 1, 1, 1})
                          .set_data_type(fe::DataType_t::INT32));
}

// q, k or v inside the projections: a token of one head is head_dim elements, the next token's are
// three widths on; where a sequence begins the offsets say.
TensorAttributes projection(fe::graph::Graph& graph, Uid uid, const RaggedShape& shape,
                            const TensorAttributes& offsets) {
  const std::int64_t token = 3 * shape.heads * shape.head_dim;
  return graph.tensor(fe::graph::Tensor_attributes()
                          .set_uid(uid)
                          .set_dim({shape.batch, shape.heads, shape.seq_len, shape.head_dim})
                          .set_stride({shape.seq_len * token, shape.head_dim, token, 1})
                          .set_ragged_offset(offsets));
}

void check(fe::error_t error) {
  if (error.is_bad()) throw Unsupported("cuDNN has no plan: " + error.get_message());
}

class FrontendPlan : public RaggedPlan {
 public:
  explicit FrontendPlan(const RaggedShape& shape) : shape_(shape) {
    describe();
    check(graph_.build(at::native::getCudnnHandle(), {fe::HeurMode_t::A}));
    check(graph_.get_workspace_size(workspace_bytes_));
  }

  at::Tensor run(const at::Tensor& qkv, const LengthTables& tables) override {
    const std::int64_t embed_dim = shape_.heads * shape_.head_dim;
    const at::Tensor output = at::empty({qkv.size(0), embed_dim}, qkv.options());
    const at::Tensor workspace = at::empty({workspace_bytes_}, qkv.options().dtype(at::kByte));
    std::unordered_map<std::int64_t, void*> memory{{kQ, qkv.select(1, 0).data_ptr()},
                                                   {kK, qkv.select(1, 1).data_ptr()},
                                                   {kV, qkv.select(1, 2).data_ptr()},
                                                   {kO, output.data_ptr()},
                                                   {kLengthsQ, tables.lengths().data_ptr()},
                                                   {kLengthsKv, tables.lengths().data_ptr()},
                                                   {kQkvOffsets, tables.qkv_offsets().data_ptr()},
                                                   {kOutOffsets, tables.out_offsets().data_ptr()}};
    fe::error_t error = graph_.execute(at::native::getCudnnHandle(), memory, workspace.data_ptr());
    TORCH_CHECK(error.is_good(), "cuDNN: ", error.get_message());
    return output;
  }

 private:
  void describe() {
    graph_.set_io_data_type(data_type(shape_.dtype))
        .set_intermediate_data_type(fe::DataType_t::FLOAT)
        .set_compute_data_type(fe::DataType_t::FLOAT);
    const TensorAttributes qkv_offsets = table(graph_, kQkvOffsets, shape_.batch + 1);
    const auto options = fe::graph::SDPA_attributes()
                             .set_name("ragged")
                             .set_generate_stats(false)
                             .set_attn_scale(1 / std::sqrt(static_cast<float>(shape_.head_dim)))
                             .set_padding_mask(true)
                             .set_seq_len_q(table(graph_, kLengthsQ, shape_.batch))
                             .set_seq_len_kv(table(graph_, kLengthsKv, shape_.batch));
    const TensorAttributes output = graph_.sdpa(
        projection(graph_, kQ, shape_, qkv_offsets), projection(graph_, kK, shape_, qkv_offsets),
        projection(graph_, kV, shape_, qkv_offsets), options)[0];
    const std::int64_t token = shape_.heads * shape_.head_dim;
    output->set_output(true)
        .set_uid(kO)
        .set_dim({shape_.batch, shape_.heads, shape_.seq_len, shape_.head_dim})
        .set_stride({shape_.seq_len * token, shape_.head_dim, token, 1})
        .set_ragged_offset(table(graph_, kOutOffsets, shape_.batch + 1));
  }

  RaggedShape shape_;
  fe::graph::Graph graph_;
  std::int64_t workspace_bytes_ = 0;
};

// LibTorch has loaded it; its name finds the same library again.
bool load_cudnn() {
  if (fe::cudnn_dlhandle == nullptr) fe::cudnn_dlhandle = ::dlopen(kCudnn, RTLD_NOW);
  // Among several runtimes on the library path cudnn-frontend takes the oldest unless told.
  const std::string runtime = "libcudart.so." + std::to_string(CUDART_VERSION / 1000);
  ::setenv("CUDNN_FRONTEND_CUDART_LIB_NAME", runtime.c_str(), /*overwrite=*/0);
  return fe::cudnn_dlhandle != nullptr;
}

}  // namespace

std::optional<std::string> no_ragged_plans() {
  if (load_cudnn()) return std::nullopt;
  return std::string(kCudnn) + " cannot be loaded";
}

std::shared_ptr<RaggedPlan> ragged_plan(const RaggedShape& shape) {
  // Never destroyed: at the end of the process cuDNN may be gone before this would be.
  static auto& plans = *new std::map<RaggedShape, std::shared_ptr<RaggedPlan>>;
  if (const auto found = plans.find(shape); found != plans.end()) return found->second;
  return plans[shape] = std::make_shared<FrontendPlan>(shape);
}

#else

std::optional<std::string> no_ragged_plans() { return "built without cudnn-frontend"; }

std::shared_ptr<RaggedPlan> ragged_plan(const RaggedShape&) {
  throw Unsupported(*no_ragged_plans());
}

#endif

}  // namespace mhabench
