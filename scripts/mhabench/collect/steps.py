"""The steps: what each runs, what it needs, how long it takes. Most wanted first."""

import dataclasses
import gzip
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from mhabench.collect.session import PROBE_FLAGS, Skipped
from mhabench.program import Failure

PACKED = "packed_flash,packed_efficient,packed_cudnn,packed_best"
# The two of the script, and what people who pad, and who do not, would run in their place.
HEADLINE = "--path=slow,fast,padded_sdpa,packed_best"
SEEDS = range(1, 11)


@dataclasses.dataclass(frozen=True)
class Step:
    name: str
    what: str
    run: Callable  # takes the session; throws Skipped or Failure
    # On an H200, by docs/results/h200/README.md; None where that does not tell.
    minutes: float | None = None
    # "gpu": always; "grid": but for a trial, since its rows take hours on a CPU.
    needs: str = ""
    # Its runs are held against each other, and start anew where one of them is missing.
    together: bool = False


def why_not(step, session):
    """Why it cannot run here; None where it can."""
    if not step.needs or (step.needs == "grid" and session.tiny) or session.on_gpu():
        return None
    return "needs a GPU, and none is seen here"


# --- one function a step --------------------------------------------------------------------------


def environment(session):
    facts = session.facts()
    release = Path("/etc/os-release")
    named = re.search(
        r'^PRETTY_NAME="?([^"\n]*)', release.read_text() if release.exists() else "", re.M
    )
    facts["operating_system"] = named.group(1) if named else sys.platform
    for name in ("nvcc", "ncu", "compute-sanitizer"):
        tool = session.tool(name)
        if tool:
            facts[name] = _version_of(tool)
    for key in ("grid", "command_line", "settings", "peaks", "lengths", "seed", "l2", "rounds"):
        facts.pop(key, None)
    facts["program"] = _output_of(session.program("mha_bench"), "--version").strip()
    session.write("environment.json", json.dumps(facts, indent=1) + "\n")


def _output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _version_of(tool):
    found = re.search(r"(?:release|version) ([\d.]+)", _output_of(tool, "--version"), re.I)
    return found.group(1) if found else "unknown"


def self_test(session):
    session.command(
        "self_test", [session.program("mha_bench"), "--self_test"], session.folder / "self_test.txt"
    )


def grid(session):
    session.bench(
        "script",
        [HEADLINE, *session.grid("script")],
        saves=[("--save_path", "script.csv"), ("--error_save_path", "script_errors.json")],
    )


def all_paths(session):
    axes = [] if session.tiny else ["--batch=16,64,256", "--beta=0.05,0.85,3.05"]
    flags = ["--path=all", *session.grid("script"), *axes]
    session.bench("all_paths", flags, "all_paths/all_paths")


def parity(session):
    python = _torch_python(session)
    command = [python, "-m", "mhabench", "parity", f"--bin={session.bin}", "--out=parity.csv"]
    session.command(
        "parity",
        command,
        session.folder / "parity.md",
        env={"PYTHONPATH": str(session.root / "scripts")},
    )


def seeds(session):
    """How much of a headline is the one draw of lengths that a seed makes."""
    for seed in SEEDS:
        flags = [HEADLINE, *session.grid("quick"), f"--seed={seed}"]
        session.bench(f"seed{seed}", flags, f"seeds/seed{seed}")


def repeat(session):
    for i in (1, 2, 3):
        session.bench(f"run{i}", [HEADLINE, *session.grid("script")], f"three_runs/run{i}")


def rounds(session):
    count = 2 if session.tiny else 6
    session.bench("rounds", [*session.grid("quick"), f"--rounds={count}"], "rounds/rounds")


def overhead(session):
    command = [session.program("mha_overhead"), f"--rounds={2 if session.tiny else 8}"]
    session.command("overhead", command, session.folder / "overhead.txt")


def rotate(session):
    session.bench("rotate", [*session.grid("quick"), "--l2=rotate"], "rounds/rotate")


def dtypes(session):
    session.bench(
        "dtypes", ["--path=all", *session.grid("quick"), "--dtype=bf16,fp32"], "dtypes/dtypes"
    )


def profilers(session):
    if not session.tool("ncu"):
        raise Skipped("no ncu on PATH")
    python = _torch_python(session)
    script = session.root / "test" / "clocks" / "compare_profilers.py"
    session.command(
        "profilers",
        [python, script, session.program("mha_bench")],
        session.folder / "profilers.md",
        env={"PATH": _path_with(session.tool("ncu"))},
    )


def _path_with(tool):
    return f"{tool.parent}{os.pathsep}{os.environ.get('PATH', '')}"


def _torch_python(session):
    check = "import torch, sys; sys.exit(not torch.cuda.is_available())"
    for python in (session.bin.parent.parent / "venv/bin/python", Path(sys.executable)):
        if (
            python.exists()
            and not subprocess.run(
                [python, "-c", check], capture_output=True, check=False
            ).returncode
        ):
            return python
    raise Skipped(
        "no Python with a torch that sees the GPU (build/venv, or the one that runs this)"
    )


def order(session):
    """The same batches, their sequences as drawn, the longest first, the shortest first."""
    drawn = session.folder / "order" / "drawn.txt"
    drawn.parent.mkdir(exist_ok=True)
    session.command(
        "dump_lengths",
        [session.program("mha_bench"), *session.grid("quick"), "--dump_lengths=order/drawn.txt"],
        None,
        out=drawn,
    )
    lines = drawn.read_text().splitlines()
    for name, reverse in (("longest", True), ("shortest", False)):
        session.write(f"order/{name}.txt", "".join(_sorted(line, reverse) for line in lines))
    names = ["drawn", "longest", "shortest"]
    flags = [f"--path={PACKED if session.on_gpu() else 'packed_cpu'}", "--dtype=fp16"]
    flags += [flag for flag in session.grid("quick") if flag.startswith("--benchmark")]
    for turn, name in [(1, n) for n in names] + [(2, n) for n in reversed(names)]:
        file = f"--lengths_file=order/{name}.txt"
        session.bench(f"{name}{turn}", [*flags, file], f"order/{name}{turn}")


def _sorted(line, reverse):
    head, colon, lengths = line.partition(":")
    ordered = sorted(map(int, lengths.split()), reverse=reverse)
    return f"{head.strip()} {colon} {' '.join(map(str, ordered))}\n"


def cublaslt(session):
    flags = ["--path=slow,packed_flash,packed_best", *session.grid("quick")]
    files = {"default": [], "lt": []}
    for name, turn in (("default", 1), ("lt", 1), ("lt", 2), ("default", 2)):
        env = {"TORCH_BLAS_PREFER_CUBLASLT": "1"} if name == "lt" else None
        out = session.bench(f"{name}{turn}", flags, f"cublaslt/{name}{turn}", env=env)
        files[name].append(out)
    _compare(session, "cublaslt", files["default"], files["lt"])


def _compare(session, name, base, new):
    """Its verdict is a finding: worse and undecided rows (1 and 4) are no failure of the step."""
    raw = [",".join(f"raw/{path.name}" for path in side) for side in (base, new)]
    session.command(
        f"{name}_compare",
        [
            session.program("mha_compare"),
            *raw,
            f"--clock={'busy' if session.on_gpu() else 'event'}",
        ],
        session.folder / name / "compare.txt",
        expected=(0, 1, 4),
    )


def oom(session):
    """A batch whose scores exceed the device twice, then one that fits."""
    memory = session.probed()["memory_bytes"]
    heads = 16
    # The math back end holds heads x length^2 scores of 2 bytes at once.
    length = 64 * math.ceil(math.sqrt(2 * memory / (2 * heads)) / 64)
    session.bench(
        "oom",
        ["--path=slow", "--sdpa=math", "--dtype=fp16", "--batch=1", f"--seq_len={length},64"]
        + ["--embed_dim=1024", f"--heads={heads}", "--beta=0.85"],
        "oom/oom",
        expected=(1,),
    )
    with gzip.open(session.folder / "oom" / "oom.json.gz") as file:
        problem = oom_problem(json.load(file)["benchmarks"])
    if problem:
        raise Failure(problem, 0)


def oom_problem(rows):
    """What is not as it should be; nothing where the first row failed with its bytes and the second
    is right."""
    if len(rows) != 2:
        return f"{len(rows)} rows in place of 2"
    failed, right = rows
    if not failed.get("error_occurred") or not failed.get("bytes_asked", 0) > 0:
        return "the row that cannot fit did not fail with bytes_asked"
    if right.get("error_occurred") or right.get("errors") != 0:
        return "the row behind the one that failed is not right"
    return ""


def memcheck(session):
    sanitizer = session.tool("compute-sanitizer")
    if not sanitizer:
        raise Skipped("no compute-sanitizer on PATH")
    # Peaks by hand: measuring them under the sanitizer takes longer than the rest.
    flags = "--path=all --dtype=fp16 --batch=4 --seq_len=64 --embed_dim=128 --heads=8 --beta=0.85"
    flags += " --trace=false --benchmark_min_time=2x --peaks=1,1,1"
    command = [sanitizer, "--tool", "memcheck", "--error-exitcode", "99"]
    command += [session.program("mha_bench"), *flags.split()]
    session.command("memcheck", command, session.folder / "memcheck.txt")


def devices(session):
    if "--devices" not in _output_of(session.program("mha_bench"), "--help"):
        raise Skipped("this mha_bench has no --devices")
    second = [session.program("mha_bench"), *PROBE_FLAGS, "--device=cuda:1"]
    if subprocess.run(second, capture_output=True, check=False).returncode:
        raise Skipped("there is one GPU")
    one = session.bench("one", [*session.grid("script"), "--device=cuda:0"], "devices/one")
    every = session.bench("all", [*session.grid("script"), "--devices=all"], "devices/all")
    _compare(session, "devices", [one], [every])


def tests(session):
    build = session.bin.parent
    if not (build / "CTestTestfile.cmake").exists():
        raise Skipped(f"'{build.name}' is built without tests: --build=build/test, ci or dev")
    how = ["-N"] if session.tiny else ["--output-on-failure", "-j", "4"]
    session.command("tests", ["ctest", "--test-dir", build, *how], session.folder / "tests.txt")


STEPS = (
    Step("environment", "the GPU, versions of driver, libraries and tools", environment),
    Step("self_test", "the clocks against work of known shape", self_test, needs="grid"),
    Step("parity", "the rows against the same calls in Python, in turn", parity, needs="gpu"),
    Step("grid", "the script's grid: slow, fast, padded_sdpa, packed_best", grid, None, "grid"),
    Step("seeds", "the quick grid with ten seeds: what a headline owes to its draw", seeds, None, "grid"),
    Step("all_paths", "every path over 144 configurations", all_paths, 1.1, "grid"),
    Step("repeat", "the grid three times: how figures differ between runs", repeat, None, "grid"),
    Step("rounds", "the quick grid in six rounds, with verdicts", rounds, needs="grid"),
    Step("overhead", "the suite against a bare loop of the same calls", overhead, needs="gpu"),
    Step("rotate", "the quick grid with a rotated L2", rotate, needs="gpu"),
    Step("dtypes", "bf16 and fp32, every path over the quick grid", dtypes, needs="grid"),
    Step("profilers", "busy_us against ncu and PyTorch's profiler", profilers, needs="gpu"),
    Step("order", "sequences as drawn, longest first, shortest first", order, needs="grid", together=True),
    Step("cublaslt", "TORCH_BLAS_PREFER_CUBLASLT=1 against the default", cublaslt, needs="grid", together=True),
    Step("oom", "a row that cannot fit, then one that does", oom, needs="gpu"),
    Step("memcheck", "every path under compute-sanitizer", memcheck, needs="gpu"),
    Step("devices", "the grid on all GPUs against one", devices, needs="gpu", together=True),
    Step("tests", "CTest of the build folder, its GPU's tests included", tests),
)  # fmt: skip


def listing():
    """The steps, one a line."""
    wide = max(len(step.name) for step in STEPS)
    lines = [f"{'step':{wide}}  min on an H200  what"]
    for step in STEPS:
        took = "" if step.minutes is None else f"{step.minutes:.1f}"
        lines.append(f"{step.name:{wide}}  {took:>14}  {step.what}")
    return "\n".join(lines) + "\n"
