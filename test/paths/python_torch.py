"""Runs PyTorch's own layer on a test's inputs and weights.

python_torch.py DIR: reads DIR/cases.json and each case's tensors as raw bytes, and writes for each
way to call the layer that the case can take, beside them:

  <id>.<way>       its output as raw bytes, tokens one after the other
  <id>.<way>.json  the operators of one call in their order, views included, and on a GPU the
                   kernels by start
"""

import ctypes
import json
import pathlib
import sys
import warnings

import torch
from torch.profiler import ProfilerActivity, profile

from mhabench.pytorch.layer import WAYS, Batch, new_layer

warnings.filterwarnings("ignore")


class Case:
    def __init__(self, folder, entry):
        self.folder = folder
        self.id = entry["id"]
        self.dtype = getattr(torch, entry["dtype"])
        self.device = entry["device"]
        lengths, width = entry["lengths"], entry["embed_dim"]
        layer = new_layer(width, entry["heads"], self.dtype, self.device)
        with torch.no_grad():
            layer.in_proj_weight.copy_(self.read("in_proj_weight", (3 * width, width)))
            layer.in_proj_bias.copy_(self.read("in_proj_bias", (3 * width,)))
            layer.out_proj.weight.copy_(self.read("out_proj_weight", (width, width)))
            layer.out_proj.bias.copy_(self.read("out_proj_bias", (width,)))
        packed = self.read("packed", (sum(lengths), width))
        self.batch = Batch(layer, packed, lengths, max(lengths))

    def read(self, name, shape):
        data = bytearray((self.folder / f"{self.id}.{name}").read_bytes())
        return torch.frombuffer(data, dtype=self.dtype).reshape(shape).to(self.device)

    def write(self, way, output, seen):
        raw = output.detach().contiguous().cpu()
        data = ctypes.string_at(raw.data_ptr(), raw.nbytes)
        (self.folder / f"{self.id}.{way}").write_bytes(data)
        (self.folder / f"{self.id}.{way}.json").write_text(json.dumps(seen))


def ways_of(batch):
    ragged = bool(batch.mask.any())
    return {name: way for name, way in WAYS.items() if not (ragged and name == "fast_dense")}


def names(events, wanted):
    """By start; of two that start at once the longer one calls the other."""
    chosen = sorted(filter(wanted, events), key=lambda e: (e.start_ns(), -e.duration_ns()))
    return [event.name() for event in chosen]


def is_operator(event):
    return event.name().startswith("aten::")


def is_kernel(event):
    on_gpu = event.device_type() == torch.autograd.DeviceType.CUDA
    return on_gpu and not event.name().startswith(("Memcpy", "Memset"))


def seen_in(way, batch, on_gpu):
    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * on_gpu
    with profile(activities=activities) as profiler:
        way(batch)
        if on_gpu:
            torch.cuda.synchronize()
    events = profiler.profiler.kineto_results.events()
    return {"operators": names(events, is_operator), "kernels": names(events, is_kernel)}


def tokens_of(batch, output):
    return torch.cat(output.unbind()) if output.is_nested else output[~batch.mask]


def main():
    folder = pathlib.Path(sys.argv[1])
    description = json.loads((folder / "cases.json").read_text())
    torch.set_num_threads(description["threads"])
    for entry in description["cases"]:
        case = Case(folder, entry)
        for name, way in ways_of(case.batch).items():
            output = tokens_of(case.batch, way(case.batch))
            case.write(name, output, seen_in(way, case.batch, case.device != "cpu"))


if __name__ == "__main__":
    main()
