"""Rows of mha_bench held against the same layer in Python, configuration by configuration.

  python -m mhabench parity --bin FOLDER [--out FILE] [AXIS FLAGS OF mha_bench...]

One mha_bench waits in a process of its own, and runs the rows of a configuration when it is told to;
this one times PyTorch's own calls on the same lengths before or behind it, in turn. Both sides read
one pair of clocks: mha_bench's own, which libmhabench_clocks.so lends to Python. The values differ,
the lengths do not: they are drawn here as PyTorch's script draws them, and compared.

Writes a table to stdout and, with --out, every row as CSV. Exit status: 0; 5 where something failed.
"""

import argparse
import csv
import ctypes
import functools
import io
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch

from mhabench.output import write_file
from mhabench.program import InputError
from mhabench.pytorch.layer import WAYS, Batch, new_layer
from mhabench.results.stats import geomean

PATHS = ("slow", "slow_autograd", "fast", "padded_sdpa")
AXES = (
    "--batch=16,64,256 --seq_len=64,256,512 --embed_dim=512,1024 --heads=8,16 --beta=0.05,1.05,3.05"
).split()
SEED = 26214
RUN_US = 8000  # of timed calls, as a row of mha_bench takes
CALLS = (10, 100)
NEARLY_ALL = 0.9  # of a call's time: the GPU is the limit


def script_lengths(batch, seq_len, beta):
    """As better_transformer_vs_mha_functional.py draws them; scipy's rvs is this call of NumPy's."""
    random.seed(SEED)
    np.random.seed(SEED)
    steps = round(float(beta) / 0.05)
    draws = np.random.beta(1, steps * 0.05, size=batch) * (seq_len + 1) // 2
    lengths = [max(int(blocks) * 2, 2) for blocks in draws]
    lengths[random.randint(0, batch - 1)] = seq_len
    return lengths


def equal_lengths(program):
    """How many configurations of the script's grid have the script's lengths, and of how many."""
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "lengths"
        command = [program, "--grid=script", "--device=cpu", f"--dump_lengths={dump}"]
        subprocess.run(command, check=True)
        lines = dump.read_text().splitlines()
    equal = 0
    for line in lines:
        axes, lengths = line.split(":")
        batch, seq_len, _, _, beta = axes.split()
        equal += list(map(int, lengths.split())) == script_lengths(int(batch), int(seq_len), beta)
    return equal, len(lines)


class Worker:
    """An mha_bench that runs rows when it is told to (bench/workers/worker_messages.h)."""

    def __init__(self, program, flags):
        listing = [program, "--list", "--device=cuda", *flags]
        names = subprocess.run(listing, capture_output=True, text=True, check=True).stdout
        self.names = names.split()
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [program, "--device=cuda", *flags],
            pass_fds=[theirs.fileno()],
            env={**os.environ, "MHABENCH_WORKER": f"{theirs.fileno()},"},
            stdout=sys.stderr,
        )
        theirs.close()
        self.lines = ours.makefile("rw", encoding="utf-8", newline="\n")
        self.context = self._hear("hello")["context"]
        self._hear("ready")

    def rows(self, indices):
        """Runs rows of one configuration; their reports, by path."""
        self._say(rows=indices, seen=[])
        reports = {}
        for _ in indices:
            report = json.loads(self._hear("finished")["reports"][0])
            reports[report["path"]] = report
            self._say(go_on=True)
        self._hear("ready")
        return reports

    def stop(self):
        self._say(stop=True)
        self.process.wait()

    def _say(self, **message):
        self.lines.write(json.dumps(message) + "\n")
        self.lines.flush()

    def _hear(self, key):
        for line in self.lines:
            message = json.loads(line)
            if key in message:
                return message[key]
        raise RuntimeError("mha_bench ended: see above")


class Clocks:
    """mha_bench's event clock and kernel trace, for calls of Python's."""

    CALL = ctypes.CFUNCTYPE(None)

    def __init__(self, library):
        self.library = ctypes.CDLL(str(library))
        self.problem = ctypes.create_string_buffer(1000)

    def event_us(self, call, count):
        us = ctypes.c_double()
        self._measure("mhabench_event_us", call, ctypes.c_int64(count), ctypes.byref(us))
        return us.value

    def busy_us(self, call):
        us, kernels = ctypes.c_double(), ctypes.c_double()
        self._measure("mhabench_busy_us", call, ctypes.byref(us), ctypes.byref(kernels))
        return us.value, kernels.value

    def _measure(self, name, call, *arguments):
        raised = []

        def guarded():
            try:
                call()
            except Exception as error:  # which ctypes would print and pass over
                raised.append(error)

        function = getattr(self.library, name)
        function.restype = ctypes.c_bool
        size = ctypes.c_size_t(len(self.problem))
        right = function(0, self.CALL(guarded), *arguments, self.problem, size)
        if raised:
            raise raised[0]
        if not right:
            raise RuntimeError(f"{name}: {self.problem.value.decode()}")


def time_in_python(clocks, batch, path):
    call = functools.partial(WAYS[path], batch)
    for _ in range(2):
        call()
    torch.cuda.synchronize()
    pilot = clocks.event_us(call, 3)
    event = clocks.event_us(call, min(max(round(RUN_US / pilot), CALLS[0]), CALLS[1]))
    busy, kernels = clocks.busy_us(call)
    return {"real_time": event, "busy_us": busy, "kernels": kernels}


def python_rows(clocks, config):
    lengths = script_lengths(config["batch"], config["seq_len"], config["beta"])
    layer = new_layer(config["embed_dim"], config["heads"], torch.float16, "cuda")
    packed = torch.randn(sum(lengths), config["embed_dim"], dtype=torch.float16, device="cuda")
    batch = Batch(layer, packed, lengths, config["seq_len"])
    return {path: time_in_python(clocks, batch, path) for path in PATHS}


def config_of(name):
    parts = dict(part.split(":", 1) for part in name.split("/") if ":" in part)
    return {key: value if key == "beta" else int(value) for key, value in parts.items()}


def compare(worker, clocks):
    """A row a configuration and path, with both sides' figures."""
    groups = {}
    for index, name in enumerate(worker.names):
        groups.setdefault(name.split("/", 3)[3], []).append(index)
    for turn, (name, indices) in enumerate(groups.items()):
        config = config_of(name.removesuffix("/manual_time"))
        if turn % 2:
            ours, theirs = worker.rows(indices), python_rows(clocks, config)
        else:
            theirs, ours = python_rows(clocks, config), worker.rows(indices)
        for path in PATHS:
            tokens = script_lengths(config["batch"], config["seq_len"], config["beta"])
            if ours[path]["tokens"] != sum(tokens) or ours[path]["errors"] != 0:
                raise RuntimeError(f"{name}, {path}: other lengths, or a wrong row")
            figures = {
                f"{side}_{figure}": row[figure]
                for side, row in (("cpp", ours[path]), ("python", theirs[path]))
                for figure in ("busy_us", "real_time", "kernels")
            }
            yield {**config, "path": path, **figures}


def gpu_limited(row):
    return all(
        row[f"{side}_busy_us"] >= NEARLY_ALL * row[f"{side}_real_time"]
        for side in ("cpp", "python")
    )


def share(values, limit):
    return sum(abs(value - 1) <= limit for value in values) / len(values)


def table(rows):
    """GPU time of each path, C++ over Python; and the event clock where the GPU is the limit."""
    lines = [
        "| path | configurations | busy, geometric mean | within 3 % | lowest | highest | same number"
        " of kernels | GPU-limited | event, geometric mean | within 2 % |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for path in PATHS:
        mine = [row for row in rows if row["path"] == path]
        busy = [row["cpp_busy_us"] / row["python_busy_us"] for row in mine]
        same = sum(row["cpp_kernels"] == row["python_kernels"] for row in mine)
        events = [r["cpp_real_time"] / r["python_real_time"] for r in mine if gpu_limited(r)]
        event = f"{geomean(events):.4f} | {share(events, 0.02):.1%}" if events else "- | -"
        lines.append(
            f"| {path} | {len(mine)} | {geomean(busy):.4f} | {share(busy, 0.03):.1%} | {min(busy):.3f}"
            f" | {max(busy):.3f} | {same} | {len(events)} | {event} |"
        )
    return "\n".join(lines) + "\n"


def check_torch(program):
    """The clocks' library is built on one LibTorch, and loads into no other."""
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    built = version.stdout.split("LibTorch ")[-1].strip()
    if not torch.__version__.startswith(built):
        raise InputError(f"mha_bench is built on LibTorch {built}, and Python's is {torch.__version__}")


def main(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m mhabench parity", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    options, axes = parser.parse_known_args(arguments)
    warnings.filterwarnings("ignore")
    program = options.bin / "mha_bench"
    check_torch(program)
    equal, configurations = equal_lengths(program)
    worker = Worker(program, [f"--path={','.join(PATHS)}", "--dtype=fp16", *(axes or AXES)])
    rows = list(compare(worker, Clocks(options.bin / "libmhabench_clocks.so")))
    worker.stop()
    if options.out:
        text = io.StringIO()
        writer = csv.DictWriter(text, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_file(options.out, text.getvalue())
    print(f"Lengths equal to the script's: {equal} of {configurations} configurations\n")
    print("C++ over Python\n")
    print(table(rows), end="")
    return 0
