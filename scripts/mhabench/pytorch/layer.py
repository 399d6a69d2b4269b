"""PyTorch's own ways to run the layer, under the names of the paths that stand for them.

Each way of WAYS takes a Batch and makes one call. Parameters and batches are made outside of
inference mode, as in a program: a layer that is made inside of it runs other operators.
"""

import torch
import torch.nn.functional as F


def new_layer(embed_dim, heads, dtype, device):
    return torch.nn.MultiheadAttention(
        embed_dim, heads, batch_first=True, device=device, dtype=dtype
    ).eval()


class Batch:
    """One batch in every form, with its layer. `packed` is (tokens, embed_dim)."""

    def __init__(self, layer, packed, lengths, seq_len):
        self.layer = layer
        self.lengths = lengths
        self.nested = torch.nested.nested_tensor(list(packed.split(lengths)))
        self.padded = self.nested.to_padded_tensor(0, (len(lengths), seq_len, packed.size(1)))
        positions = torch.arange(seq_len, device=packed.device)
        self.mask = positions >= torch.tensor(lengths, device=packed.device).unsqueeze(1)
        self.attend = ~self.mask[:, None, None, :]


def inference(call):
    return torch.inference_mode()(call)


def masked(batch):
    x = batch.padded
    return batch.layer(x, x, x, key_padding_mask=batch.mask, need_weights=False)[0]


@inference
def slow(batch):
    """The layer off its fast path, which is F.multi_head_attention_forward."""
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        return masked(batch)
    finally:
        torch.backends.mha.set_fastpath_enabled(True)


def slow_frozen(batch):
    batch.layer.requires_grad_(False)
    try:
        return slow(batch)
    finally:
        batch.layer.requires_grad_(True)


@inference
def fast(batch):
    # Off its fast path the layer refuses nested input, so this runs it or raises.
    x = batch.nested
    return batch.layer(x, x, x, need_weights=False)[0]


@inference
def fast_dense(batch):
    x = batch.padded
    return batch.layer(x, x, x, need_weights=False)[0]


@inference
def padded_sdpa(batch):
    layer, x = batch.layer, batch.padded
    size, seq_len, width = x.shape
    qkv = F.linear(x, layer.in_proj_weight, layer.in_proj_bias)
    qkv = qkv.view(size, seq_len, 3, layer.num_heads, layer.head_dim).permute(2, 0, 3, 1, 4)
    q, k, v = qkv.unbind()
    y = F.scaled_dot_product_attention(q, k, v, attn_mask=batch.attend)
    y = y.transpose(1, 2).reshape(size, seq_len, width)
    return F.linear(y, layer.out_proj.weight, layer.out_proj.bias)


WAYS = {
    "slow": slow,
    "slow_frozen": slow_frozen,
    "slow_autograd": masked,
    "fast": fast,
    "fast_dense": fast_dense,
    "fast_masked": inference(masked),
    "padded_sdpa": padded_sdpa,
}
