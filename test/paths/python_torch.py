"""Runs PyTorch's own layer on a test's inputs and weights.

python_torch.py DIR: reads DIR/cases.json and each case's tensors as raw bytes, and writes the
outputs of both paths, tokens one after the other, as raw bytes beside them:

  <id>.fast  nn.MultiheadAttention in eval mode on a nested tensor
  <id>.slow  F.multi_head_attention_forward on the padded batch with a key padding mask
"""

import ctypes
import json
import pathlib
import sys
import warnings

import torch
import torch.nn.functional as F

warnings.filterwarnings("ignore")


class Case:
    def __init__(self, folder, entry):
        self.folder = folder
        self.id = entry["id"]
        self.dtype = getattr(torch, entry["dtype"])
        self.device = entry["device"]
        self.lengths = entry["lengths"]
        self.width = entry["embed_dim"]
        self.heads = entry["heads"]
        self.packed = self.read("packed", (sum(self.lengths), self.width))
        self.in_weight = self.read("in_proj_weight", (3 * self.width, self.width))
        self.in_bias = self.read("in_proj_bias", (3 * self.width,))
        self.out_weight = self.read("out_proj_weight", (self.width, self.width))
        self.out_bias = self.read("out_proj_bias", (self.width,))

    def read(self, name, shape):
        data = bytearray((self.folder / f"{self.id}.{name}").read_bytes())
        return torch.frombuffer(data, dtype=self.dtype).reshape(shape).to(self.device)

    def write(self, name, output):
        raw = output.contiguous().cpu()
        data = ctypes.string_at(raw.data_ptr(), raw.nbytes)
        (self.folder / f"{self.id}.{name}").write_bytes(data)

    def fast(self):
        layer = torch.nn.MultiheadAttention(
            self.width, self.heads, batch_first=True, device=self.device, dtype=self.dtype
        ).eval()
        parameter = torch.nn.Parameter
        layer.in_proj_weight = parameter(self.in_weight)
        layer.in_proj_bias = parameter(self.in_bias)
        layer.out_proj.weight = parameter(self.out_weight)
        layer.out_proj.bias = parameter(self.out_bias)
        batch = torch.nested.nested_tensor(list(self.packed.split(self.lengths)))
        # Off its fast path the layer refuses nested input, so this ran it or raised.
        output, _ = layer(batch, batch, batch, need_weights=False)
        return torch.cat(output.unbind())

    def slow(self):
        padded = torch.nn.utils.rnn.pad_sequence(
            self.packed.split(self.lengths), batch_first=True
        )
        positions = torch.arange(padded.size(1), device=self.device)
        mask = positions >= torch.tensor(self.lengths, device=self.device).unsqueeze(1)
        x = padded.transpose(0, 1)
        output, _ = F.multi_head_attention_forward(
            x, x, x, self.width, self.heads, self.in_weight, self.in_bias, None, None, False, 0.0,
            self.out_weight, self.out_bias, training=False, key_padding_mask=mask,
            need_weights=False,
        )  # fmt: skip
        return output.transpose(0, 1)[~mask]


def main():
    folder = pathlib.Path(sys.argv[1])
    description = json.loads((folder / "cases.json").read_text())
    torch.set_num_threads(description["threads"])
    with torch.inference_mode():
        for entry in description["cases"]:
            case = Case(folder, entry)
            case.write("fast", case.fast())
            case.write("slow", case.slow())


if __name__ == "__main__":
    main()
