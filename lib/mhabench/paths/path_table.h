#pragma once

#include <cstdint>

#include "mhabench/paths/path.h"

/// The paths of path_table(), each from the file of its name, and the calls that a program can make
/// itself. In all calls `padded` and the result are (batch, seq_len, embed_dim).
namespace mhabench {

/// F.multi_head_attention_forward on a padded batch with a key padding mask and need_weights=False:
/// the operators of torch/nn/functional.py of the PyTorch that this is built on (2.11 to 2.15), in
/// their order, as nn.MultiheadAttention(batch_first=True) calls it. The mask is
/// Inputs::key_padding_mask.
at::Tensor slow_mha(const at::Tensor& padded, const at::Tensor& key_padding_mask,
                    const Weights& weights, std::int64_t heads);

/// slow_mha in inference mode with ordinary parameters: at::linear makes the in-projection one
/// product.
Path slow_path();

/// slow_mha with weights that require no gradient, as a model's are after requires_grad_(False):
/// at::linear then makes seq_len products of batch rows of the in-projection (LibTorch's
/// aten/src/ATen/native/LinearAlgebra.cpp, should_fold).
Path slow_frozen_path();

/// slow_mha as PyTorch's script times it: outside inference mode, so that each call records what a
/// backward pass would need. The output is detached, and what was recorded is dropped with it.
Path slow_autograd_path();

/// nn.MultiheadAttention's fast path (BetterTransformer): at::_native_multi_head_attention on a
/// strided nested tensor of (length, embed_dim). The result is one too. On CUDA PyTorch chooses a
/// fused kernel if one fits; on the CPU the batch is padded inside the call.
at::Tensor fast_mha(const at::Tensor& nested, const Weights& weights, std::int64_t embed_dim,
                    std::int64_t heads);

/// fast_mha as a path.
Path fast_path();

/// nn.MultiheadAttention's fast path on a dense batch. Without a mask every position counts, so the
/// path skips batches with padding; its attention is fused.
Path fast_dense_path();

/// nn.MultiheadAttention's fast path on a padded batch with a key padding mask. With a mask the
/// native layer runs its older, unfused code: scores of every pair of positions, a masked softmax,
/// and matrix products around it. nn.MultiheadAttention hands it an additive mask, which the native
/// layer makes bool again.
at::Tensor fast_masked_mha(const at::Tensor& padded, const at::Tensor& key_padding_mask,
                           const Weights& weights, std::int64_t heads);

/// fast_masked_mha as a path.
Path fast_masked_path();

/// What people who pad write themselves: a linear map, views, scaled_dot_product_attention with a
/// mask, a linear map. `attend` is (batch, 1, 1, seq_len) bool, true where a token is. In Python:
///
///     q, k, v = linear(x, w, b).view(B, S, 3, H, D).permute(2, 0, 3, 1, 4).unbind()
///     y = scaled_dot_product_attention(q, k, v, attn_mask=attend)
///     linear(y.transpose(1, 2).reshape(B, S, E), w_out, b_out)
at::Tensor padded_sdpa_mha(const at::Tensor& padded, const at::Tensor& attend,
                           const Weights& weights, std::int64_t heads);

/// padded_sdpa_mha as a path.
Path padded_sdpa_path();

/// torch::nn::functional::multi_head_attention_forward, LibTorch's layer for C++ programs, on a
/// padded batch with a key padding mask: matrix products and a softmax that nothing fuses. Only
/// fp32: it fills masks in the scores' dtype, which throws c10::Error for others.
at::Tensor frontend_mha(const at::Tensor& padded, const at::Tensor& key_padding_mask,
                        const Weights& weights, std::int64_t heads);

/// frontend_mha as a path.
Path frontend_path();

/// Packed tokens through one of packed.h's attentions: flash_attention, efficient_attention,
/// ragged_cudnn_attention, attention_by_sequence (on the CPU), and the fastest of the first three.
Path packed_flash_path();
Path packed_efficient_path();
Path packed_cudnn_path();
Path packed_cpu_path();
/// The kernel is best_packed_kernel()'s choice. If cuDNN cannot run, flash attention takes its
/// place; if that cannot (fp32, wide heads), memory-efficient attention does.
Path packed_best_path();

/// `eager` captured in a CUDA graph once it is prepared, and replayed by each call: the path
/// without its host. Needs eager.prepare_fixed. Its pack() writes the next batch to where the graph
/// reads; the next call overwrites its output. Preparing throws Unsupported, with what broke, if a
/// call cannot be captured; and what the eager call throws.
Path graph_path(const Path& eager);

}  // namespace mhabench
