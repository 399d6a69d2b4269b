"""How a path is called, in C++ and in Python."""

SLOW_PYTHON = """\
mask = torch.arange(padded.size(1), device=padded.device) >= lengths.unsqueeze(1)
x = padded.transpose(0, 1)                  # (seq_len, batch, embed_dim)
output, _ = F.multi_head_attention_forward(
    x, x, x, {embed_dim}, {heads}, mha.in_proj_weight, mha.in_proj_bias, None, None, False, 0.0,
    mha.out_proj.weight, mha.out_proj.bias, training=False,
    key_padding_mask=mask, need_weights=False)"""

FAST_PYTHON = """\
mha = torch.nn.MultiheadAttention({embed_dim}, {heads}, batch_first=True).eval()   # dtype, device
with torch.inference_mode():
    nested = torch.nested.nested_tensor(list_of_sequences)   # each (length, embed_dim)
    output, _ = mha(nested, nested, nested, need_weights=False)"""

SLOW_CPP = """\
// padded: (batch, seq_len, {embed_dim}); mask: (batch, seq_len), true where padding is
c10::InferenceMode guard;
at::Tensor output = mhabench::slow_mha(padded, mask, weights, {heads});   // mhabench/paths/path_table.h"""

SDPA_PYTHON = """\
# padded: (batch, seq_len, {embed_dim}); w, b and w_out, b_out as nn.Linear has them
qkv = F.linear(padded, w, b).unflatten(-1, (3, {heads}, {head_dim}))
q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind()
attend = (torch.arange(padded.size(1), device=padded.device) < lengths.unsqueeze(1))[:, None, None, :]
y = F.scaled_dot_product_attention(q, k, v, attn_mask=attend)
output = F.linear(y.transpose(1, 2).reshape(padded.shape), w_out, b_out)"""

SDPA_CPP = """\
// padded: (batch, seq_len, {embed_dim}); attend: (batch, 1, 1, seq_len), true where a token is
c10::InferenceMode guard;
at::Tensor output = mhabench::padded_sdpa_mha(padded, attend, weights, {heads});
// mhabench/paths/path_table.h"""

FAST_CPP = """\
// nested: at::_nested_tensor_from_tensor_list of (length, {embed_dim}) tensors
c10::InferenceMode guard;
auto [output, _] = at::_native_multi_head_attention(
    nested, nested, nested, {embed_dim}, {heads}, in_proj_weight, in_proj_bias, out_proj_weight,
    out_proj_bias, /*mask=*/std::nullopt, /*need_weights=*/false);"""

PACKED_CPP = """\
// tokens: (all tokens, {embed_dim}), the sequences one after the other; cu_seqlens: (batch + 1) int32 on
// the GPU, where each begins, and their number of tokens; longest: the largest length
c10::InferenceMode guard;
at::Tensor qkv = at::linear(tokens, in_proj_weight, in_proj_bias).view({{-1, 3, {heads}, {head_dim}}});
{attention}
at::Tensor output = at::linear(of_heads.view({{-1, {embed_dim}}}), out_proj_weight, out_proj_bias);"""

FLASH_CPP = """\
at::Tensor of_heads = std::get<0>(at::_flash_attention_forward(
    qkv.select(1, 0), qkv.select(1, 1), qkv.select(1, 2), cu_seqlens, cu_seqlens, longest, longest,
    /*dropout_p=*/0.0, /*is_causal=*/false, /*return_debug_mask=*/false));"""

EFFICIENT_CPP = """\
at::Tensor one = qkv.unsqueeze(0);
at::Tensor of_heads = std::get<0>(at::_efficient_attention_forward(
    one.select(2, 0), one.select(2, 1), one.select(2, 2), /*bias=*/std::nullopt, cu_seqlens,
    cu_seqlens, longest, longest, /*dropout_p=*/0.0, /*custom_mask_type=*/0));"""

CPP = {
    "slow": SLOW_CPP,
    "fast": FAST_CPP,
    "padded_sdpa": SDPA_CPP,
    "packed_flash": PACKED_CPP.replace("{attention}", FLASH_CPP),
    "packed_efficient": PACKED_CPP.replace("{attention}", EFFICIENT_CPP),
}
PYTHON = {"slow": SLOW_PYTHON, "fast": FAST_PYTHON, "padded_sdpa": SDPA_PYTHON}


def cpp_call(path, embed_dim, heads):
    known = CPP.get(path.removesuffix("_graph"))
    if known is None:
        return f'// mhabench::find_path("{path}"): its file in lib/mhabench/paths/ has the call.'
    call = known.format(embed_dim=embed_dim, heads=heads, head_dim=embed_dim // heads)
    if path.endswith("_graph"):
        call = "// Captured in a CUDA graph, as lib/mhabench/paths/graph.cpp does, for shapes that stay:\n" + call
    return call


def python_call(path, embed_dim, heads):
    """None where PyTorch's Python has no one call for it that this program knows."""
    known = PYTHON.get(path)
    if known is None:
        return None
    return known.format(embed_dim=embed_dim, heads=heads, head_dim=embed_dim // heads)
