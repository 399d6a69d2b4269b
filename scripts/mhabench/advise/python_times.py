"""Times the layer as people call it in Python, for scripts/advise.

Reads what to measure as JSON on stdin; writes, of each batch, {path: [us of a call, one a run]}.
"""

import functools
import json
import sys
import time
import warnings

import torch

from mhabench.pytorch.layer import WAYS, Batch, new_layer

PATHS = ("slow", "padded_sdpa", "fast")
DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}
RUN_SECONDS = 0.02
MOST_CALLS = 1000
WARM_UP_CALLS = 3


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
    dtype, width = DTYPES[asked["dtype"]], asked["embed_dim"]
    layer = new_layer(width, asked["heads"], dtype, device)
    result = []
    for lengths, seq_len in zip(asked["batches"], asked["seq_lens"]):
        packed = torch.randn(sum(lengths), width, device=device, dtype=dtype)
        batch = Batch(layer, packed, lengths, seq_len)
        calls = {path: functools.partial(WAYS[path], batch) for path in PATHS}
        counts = {path: count_of(call, device) for path, call in calls.items()}
        times = {path: [] for path in calls}
        for _ in range(asked["runs"]):
            for path, call in calls.items():
                times[path].append(us_of(call, counts[path], device))
        result.append(times)
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
