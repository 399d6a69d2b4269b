"""Times slow and fast in Python, for scripts/advise.

Reads what to measure as JSON on stdin; writes, of each batch, {path: [us of a call, one a run]}.
"""

import json
import sys
import time
import warnings

import torch
import torch.nn.functional as F

DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}
RUN_SECONDS = 0.02
MOST_CALLS = 1000
WARM_UP_CALLS = 3


def calls_of(lengths, seq_len, embed_dim, heads, dtype, device):
    """{path: a call of it} on the same values."""
    layer = torch.nn.MultiheadAttention(
        embed_dim, heads, batch_first=True, device=device, dtype=dtype
    ).eval()
    sequences = [torch.randn(n, embed_dim, device=device, dtype=dtype) for n in lengths]
    nested = torch.nested.nested_tensor(sequences)
    padded = torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True)
    padded = F.pad(padded, (0, 0, 0, seq_len - padded.size(1)))
    positions = torch.arange(padded.size(1), device=device)
    mask = positions >= torch.tensor(lengths, device=device).unsqueeze(1)

    def slow():
        x = padded.transpose(0, 1)
        output, _ = F.multi_head_attention_forward(
            x,
            x,
            x,
            embed_dim,
            heads,
            layer.in_proj_weight,
            layer.in_proj_bias,
            None,
            None,
            False,
            0.0,
            layer.out_proj.weight,
            layer.out_proj.bias,
            training=False,
            key_padding_mask=mask,
            need_weights=False,
        )
        return output.transpose(0, 1)

    def fast():
        return layer(nested, nested, nested, need_weights=False)[0]

    return {"slow": slow, "fast": fast}


def us_of(call, count, device):
    """The mean of so many calls in a row: by events on a GPU, as the suite times its batches."""
    if device.startswith("cuda"):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        torch.cuda.synchronize()
        start.record()
        for _ in range(count):
            call()
        end.record()
        torch.cuda.synchronize()
        return start.elapsed_time(end) * 1000 / count
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) * 1e6 / count


def count_of(call, device):
    """How many calls fill a run, from a pilot."""
    us_of(call, WARM_UP_CALLS, device)
    pilot = us_of(call, WARM_UP_CALLS, device)
    return min(max(int(RUN_SECONDS * 1e6 / pilot), 1), MOST_CALLS)


def main():
    warnings.filterwarnings("ignore")
    asked = json.load(sys.stdin)
    device = asked["device"]
    if asked["threads"] and device == "cpu":
        torch.set_num_threads(int(asked["threads"]))
    torch.manual_seed(0)
    result = []
    with torch.inference_mode():
        for lengths, seq_len in zip(asked["batches"], asked["seq_lens"]):
            calls = calls_of(
                lengths, seq_len, asked["embed_dim"], asked["heads"], DTYPES[asked["dtype"]], device
            )
            counts = {path: count_of(call, device) for path, call in calls.items()}
            times = {path: [] for path in calls}
            for _ in range(asked["runs"]):
                for path, call in calls.items():
                    times[path].append(us_of(call, counts[path], device))
            result.append(times)
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
