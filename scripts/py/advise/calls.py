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
at::Tensor output = mhabench::slow_mha(padded, mask, weights, {heads});   // lib/paths/slow.h"""

FAST_CPP = """\
// nested: at::_nested_tensor_from_tensor_list of (length, {embed_dim}) tensors
c10::InferenceMode guard;
auto [output, _] = at::_native_multi_head_attention(
    nested, nested, nested, {embed_dim}, {heads}, in_proj_weight, in_proj_bias, out_proj_weight,
    out_proj_bias, /*mask=*/std::nullopt, /*need_weights=*/false);"""

CALLS = {"slow": (SLOW_CPP, SLOW_PYTHON), "fast": (FAST_CPP, FAST_PYTHON)}


def cpp_call(path, embed_dim, heads):
    known = CALLS.get(path)
    if known:
        return known[0].format(embed_dim=embed_dim, heads=heads)
    return f'// mhabench::find_path("{path}"): its file in lib/paths/ has the call.'


def python_call(path, embed_dim, heads):
    """None where PyTorch's Python has no one call for it that this program knows."""
    known = CALLS.get(path)
    return known[1].format(embed_dim=embed_dim, heads=heads) if known else None
