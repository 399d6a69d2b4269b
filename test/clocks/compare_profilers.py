"""Holds the kernel trace of mha_bench against Nsight Compute and PyTorch's profiler.

compare_profilers.py MHA_BENCH: run by hand on a machine with a GPU, ncu and a torch for CUDA.
Measures slow and fast over five configurations of the script's grid three times: by mha_bench with
--kernels_out, under ncu (kernel by kernel, clocks and caches left alone), and from Python by
torch.profiler. Prints, as Markdown, busy_us beside the other two for each row, and the kernels that
differ most from ncu's. With --clocks ncu tells the SM clock of each kernel too, beside that of the
suite's row; reading it makes ncu's times some tenths of a microsecond longer.
"""

import argparse
import csv
import json
import math
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from time import sleep

CONFIGURATIONS = [
    (16, 64, 512, 8, "0.05"),
    (64, 256, 512, 16, "0.85"),
    (64, 256, 1024, 16, "0.85"),
    (256, 512, 512, 8, "0.85"),
    (256, 512, 1024, 16, "0.85"),
]
PATHS = ["slow", "fast"]


def configuration_name(configuration):
    batch, seq_len, embed_dim, heads, beta = configuration
    return (
        f"fp16/batch:{batch}/seq_len:{seq_len}/embed_dim:{embed_dim}/heads:{heads}/beta:{beta}"
    )


def selection():
    pattern = "|".join(configuration_name(c).replace(".", "[.]") + "/" for c in CONFIGURATIONS)
    return ["--grid=script", "--device=cuda", f"--benchmark_filter={pattern}"]


def run(command, **options):
    done = subprocess.run(command, text=True, capture_output=True, check=False, **options)
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def union_us(intervals):
    busy = 0.0
    covered = float("-inf")
    for start, end in sorted(intervals):
        busy += max(0.0, end - max(start, covered))
        covered = max(covered, end)
    return busy


# --- mha_bench -----------------------------------------------------------------------------------


def from_suite(program, folder):
    """Rows by name: busy_us, and each kernel of a call in order with its median time."""
    results, kernels = folder / "rows.json", folder / "kernels.jsonl"
    run([program, *selection(), f"--benchmark_out={results}", f"--kernels_out={kernels}"])
    rows = {
        row["name"].removesuffix("/manual_time"): {
            key: row.get(key) for key in ("busy_us", "sm_mhz")
        }
        for row in json.loads(results.read_text())["benchmarks"]
    }
    for line in kernels.read_text().splitlines():
        row = json.loads(line)
        calls = [[k for k in call if k["kind"] == "kernel"] for call in row["calls"]]
        names = [k["name"] for k in calls[0]]
        rows[row["name"]]["kernels"] = [
            (name, statistics.median(call[i]["duration_us"] for call in calls))
            for i, name in enumerate(names)
        ]
    return rows


# --- Nsight Compute ------------------------------------------------------------------------------


def demangled(names):
    unique = sorted(set(names))
    texts = run(["c++filt"], input="\n".join(unique)).splitlines()
    return dict(zip(unique, texts, strict=True))


NCU_TIME = "gpu__time_duration.sum"
NCU_CLOCK = "smsp__cycles_elapsed.avg.per_second"


def ncu_stream(program, folder, clocks):
    """Every kernel of a run in order: its name, its time in us and, if asked for, its SM clock in MHz."""
    metrics = [NCU_TIME] + ([NCU_CLOCK] if clocks else [])
    log = folder / "ncu.csv"
    run(
        ["ncu", "--clock-control", "none", "--cache-control", "none", "--csv", "--page", "raw"]
        + ["--metrics", ",".join(metrics), "--print-units", "base"]
        + ["--print-kernel-base", "mangled", "--log-file", str(log)]
        + [program, *selection(), "--trace=false", "--benchmark_min_time=3x"]
    )
    lines = [line for line in log.read_text().splitlines() if line.startswith('"')]
    rows = [row for row in csv.DictReader(lines) if row["ID"].isdigit()]
    names = demangled([row["Kernel Name"] for row in rows])

    def number(row, metric, per):
        return float(row[metric].replace(",", "")) / per

    return [
        (
            names[row["Kernel Name"]],
            (number(row, NCU_TIME, 1e3), number(row, NCU_CLOCK, 1e6) if clocks else math.nan),
        )
        for row in rows
    ]


def base_name(name):
    """What two demanglers agree on: the letters."""
    return re.sub(r"[^A-Za-z]", "", name)


def from_ncu(stream, rows):
    """For each row in order, the median time and clock of each of its kernels over the calls found."""
    found = {}
    at = 0
    names = [base_name(name) for name, _ in stream]
    order = [f"MHA/{path}/{configuration_name(c)}" for c in CONFIGURATIONS for path in PATHS]
    order = [name for name in rows if name in order]
    wanted = {name: [base_name(kernel) for kernel, _ in rows[name]["kernels"]] for name in order}
    for i, name in enumerate(order):
        mine = wanted[name]
        after = wanted[order[i + 1]] if i + 1 < len(order) else None
        calls = []
        while at + len(mine) <= len(names):
            if names[at : at + len(mine)] == mine:
                calls.append([seen for _, seen in stream[at : at + len(mine)]])
                at += len(mine)
            elif calls and after and names[at : at + len(after)] == after:
                break
            else:
                at += 1
        if not calls:
            sys.exit(f"no call of {name} is among ncu's {len(names)} kernels")
        found[name] = [
            tuple(map(statistics.median, zip(*seen, strict=True)))
            for seen in zip(*calls, strict=True)
        ]
    return found


# --- PyTorch's profiler --------------------------------------------------------------------------


def lengths_of(program, folder):
    dump = folder / "lengths.txt"
    run([program, *selection(), f"--dump_lengths={dump}"])
    lengths = {}
    for line in dump.read_text().splitlines():
        head, _, tail = line.partition(":")
        batch, seq_len, embed_dim, heads, beta = head.split()
        key = (int(batch), int(seq_len), int(embed_dim), int(heads), beta)
        lengths[key] = [int(value) for value in tail.split()]
    return lengths


def calls_in_python(torch, configuration, lengths):
    import torch.nn.functional as F

    _, seq_len, embed_dim, heads, _ = configuration
    options = {"device": "cuda", "dtype": torch.float16}
    layer = torch.nn.MultiheadAttention(embed_dim, heads, batch_first=True, **options).eval()
    sequences = [torch.randn(length, embed_dim, **options) for length in lengths]
    nested = torch.nested.nested_tensor(sequences)
    padded = torch.nested.to_padded_tensor(nested, 0.0)
    positions = torch.arange(seq_len, device="cuda")
    mask = positions >= torch.tensor(lengths, device="cuda").unsqueeze(1)
    x = padded.transpose(0, 1)
    slow = lambda: F.multi_head_attention_forward(  # noqa: E731
        x, x, x, embed_dim, heads, layer.in_proj_weight, layer.in_proj_bias, None, None, False,
        0.0, layer.out_proj.weight, layer.out_proj.bias, training=False, key_padding_mask=mask,
        need_weights=False,
    )  # fmt: skip
    fast = lambda: layer(nested, nested, nested, need_weights=False)  # noqa: E731
    return {"slow": slow, "fast": fast}


def profiled_busy_us(torch, call, folder, idle_s):
    calls = 9
    for _ in range(20):
        call()
    torch.cuda.synchronize()
    busy = []
    for _ in range(calls):
        sleep(idle_s)
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
            call()
            torch.cuda.synchronize()
        trace = folder / "trace.json"
        profile.export_chrome_trace(str(trace))
        events = json.loads(trace.read_text())["traceEvents"]
        kinds = {"kernel", "gpu_memcpy", "gpu_memset"}
        busy.append(
            union_us([(e["ts"], e["ts"] + e["dur"]) for e in events if e.get("cat") in kinds])
        )
    return statistics.median(busy)


def from_python(program, folder):
    import warnings

    import torch

    warnings.filterwarnings("ignore")
    lengths = lengths_of(program, folder)
    busy = {}
    with torch.inference_mode():
        for configuration in CONFIGURATIONS:
            calls = calls_in_python(torch, configuration, lengths[configuration])
            for path, call in calls.items():
                name = f"MHA/{path}/{configuration_name(configuration)}"
                busy[name] = [profiled_busy_us(torch, call, folder, idle) for idle in (0, 0.1)]
    return busy


# --- the tables ----------------------------------------------------------------------------------


def percent(a, b):
    return f"{100 * (a / b - 1):+.1f} %"


def print_rows(rows, ncu, python):
    print(
        "| row | busy_us | its kernels | ncu, kernels | difference | torch.profiler | difference "
        "| after 0.1 s of idleness |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name, row in rows.items():
        kernels = sum(time for _, time in row["kernels"])
        other = sum(time for time, _ in ncu[name])
        print(
            f"| {name} | {row['busy_us']:.1f} | {kernels:.1f} | {other:.1f} | "
            f"{percent(kernels, other)} | {python[name][0]:.1f} | "
            f"{percent(row['busy_us'], python[name][0])} | {python[name][1]:.1f} |"
        )


def print_kernels(rows, ncu):
    pairs = [
        (time, other, kernel, name, row["sm_mhz"], clock)
        for name, row in rows.items()
        for (kernel, time), (other, clock) in zip(row["kernels"], ncu[name], strict=True)
    ]
    long = [pair for pair in pairs if pair[1] >= 50]
    short = [pair for pair in pairs if pair[1] < 50]
    within_long = sum(abs(a / b - 1) <= 0.02 for a, b, *_ in long)
    within_short = sum(abs(a - b) <= 1 for a, b, *_ in short)
    print(f"\nOf {len(long)} kernels of 50 us and more {within_long} are within 2 % of ncu's time; ")
    print(f"of {len(short)} shorter ones {within_short} are within 1 us.\n")
    print("| kernel trace us | ncu us | SM MHz after the row | under ncu | kernel | row |")
    print("|---|---|---|---|---|---|")
    off = lambda pair: abs(pair[0] / pair[1] - 1) if pair[1] >= 50 else abs(pair[0] - pair[1]) / 50  # noqa: E731
    for a, b, kernel, name, mhz, clock in sorted(pairs, key=off, reverse=True)[:16]:
        shown = kernel[:60].replace("|", " ")
        ncu_mhz = "-" if math.isnan(clock) else f"{clock:.0f}"
        print(f"| {a:.1f} | {b:.1f} | {mhz or '-'} | {ncu_mhz} | {shown} | {name} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("program", help="mha_bench")
    parser.add_argument("--clocks", action="store_true", help="each kernel's SM clock under ncu")
    options = parser.parse_args()
    program = options.program
    if shutil.which("ncu") is None:
        sys.exit("ncu is not on PATH")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        rows = from_suite(program, folder)
        ncu = from_ncu(ncu_stream(program, folder, options.clocks), rows)
        python = from_python(program, folder)
    print_rows(rows, ncu, python)
    print_kernels(rows, ncu)


if __name__ == "__main__":
    main()
