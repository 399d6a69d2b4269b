"""The steps: what each runs and what it needs. Most wanted first."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass

# The two of PyTorch's script, and what people who pad, and who do not, would run in their place.
HEADLINE = "mha_bench --path=slow,fast,padded_sdpa,packed_best"
# In place of each grid's own axes, to see that all steps work.
TINY = (
    "--batch=2 --seq_len=8,16 --embed_dim=16 --heads=2 --beta=0.05,0.85 --benchmark_min_time=5x"
).split()


@dataclass(frozen=True)
class Run:
    """One command. Its rows are kept as KEPT.json.gz, what it prints as KEPT and the suffix."""

    kept: str  # in the folder
    command: str  # programs by their name; places in braces
    rows: bool = False
    suffix: str = ".txt"
    expected: tuple = (0,)
    tiny: str = ""  # in place of the command in a trial
    # Takes the rows as JSON, and says what is not as it should be; "" if nothing.
    problem: Callable | None = None

    @property
    def name(self):
        return self.kept.split("/")[-1]

    def words(self, places, tiny):
        """Of the command. A trial's axes replace its own, and it takes few rounds."""
        command = self.tiny if tiny and self.tiny else self.command
        words = shlex.split(command.format(**places))
        if tiny and any(word.startswith("--grid=") for word in words):
            own = {flag.partition("=")[0] for flag in TINY}
            words = [word for word in words if word.partition("=")[0] not in own] + TINY
        if tiny:
            words = ["--rounds=2" if word.startswith("--rounds=") else word for word in words]
        return words


@dataclass(frozen=True)
class Step:
    name: str
    what: str
    runs: tuple[Run, ...]
    # "gpu": always; "grid": but for a trial, since its rows take hours on a CPU; "gpus": two of them;
    # "tests": a build with them.
    needs: str = ""
    # Its runs are compared with each other, so all start anew if one of them is missing.
    together: bool = False


def rows(kept, command, **more):
    return Run(kept, command, rows=True, **more)


def oom_problem(found):
    if len(found) != 2:
        return f"{len(found)} rows in place of 2"
    failed, right = found
    if not failed.get("error_occurred") or not failed.get("bytes_asked", 0) > 0:
        return "the row that cannot fit did not fail with bytes_asked"
    if right.get("error_occurred") or right.get("errors") != 0:
        return "the row behind the one that failed is not right"
    return ""


STEPS = (
    Step("environment", "the GPU, versions of driver, libraries and tools", ()),
    Step("self_test", "the clocks against work of known shape",
         (Run("self_test", "mha_bench --self_test"),), "grid"),
    Step("parity", "the rows against the same calls in Python, in turn",
         (Run("parity", "env PYTHONPATH={root}/scripts python -m mhabench parity --bin={bin}"
              " --out=parity.csv", suffix=".md"),), "gpu"),
    Step("grid", "the script's grid: slow, fast, padded_sdpa, packed_best",
         (rows("script", f"{HEADLINE} --grid=script --save_path=script.csv"
               " --error_save_path=script_errors.json"),), "grid"),
    Step("seeds", "the quick grid with ten seeds: what a headline owes to its draw",
         tuple(rows(f"seeds/seed{i}", f"{HEADLINE} --grid=quick --seed={i}") for i in range(1, 11)), "grid"),
    Step("all_paths", "every path over 144 configurations",
         (rows("all_paths/all_paths",
               "mha_bench --path=all --grid=script --batch=16,64,256 --beta=0.05,0.85,3.05"),), "grid"),
    Step("repeat", "the grid three times: how figures differ between runs",
         tuple(rows(f"three_runs/run{i}", f"{HEADLINE} --grid=script") for i in (1, 2, 3)), "grid"),
    Step("rounds", "the quick grid in six rounds, with verdicts",
         (rows("rounds/rounds", "mha_bench --grid=quick --rounds=6"),), "grid"),
    Step("overhead", "the suite against a bare loop of the same calls",
         (Run("overhead", "mha_overhead --rounds=8"),), "gpu"),
    Step("rotate", "the quick grid with a rotated L2",
         (rows("rounds/rotate", "mha_bench --grid=quick --l2=rotate"),), "gpu"),
    Step("dtypes", "bf16 and fp32, every path over the quick grid",
         (rows("dtypes/dtypes", "mha_bench --path=all --grid=quick --dtype=bf16,fp32"),), "grid"),
    Step("profilers", "busy_us against ncu and PyTorch's profiler",
         (Run("profilers", "python {root}/test/clocks/compare_profilers.py mha_bench",
              suffix=".md"),), "gpu"),
    Step("oom", "a row that cannot fit, then one that does",
         (rows("oom/oom", "mha_bench --path=slow --sdpa=math --dtype=fp16 --batch=1"
               " --seq_len={too_long},64 --embed_dim=1024 --heads=16 --beta=0.85",
               expected=(1,), problem=oom_problem),), "gpu"),
    # Peaks by hand: measuring them under the sanitizer takes longer than the rest.
    Step("memcheck", "every path under compute-sanitizer",
         (Run("memcheck", "compute-sanitizer --tool memcheck --error-exitcode 99 mha_bench --path=all"
              " --dtype=fp16 --batch=4 --seq_len=64 --embed_dim=128 --heads=8 --beta=0.85 --trace=false"
              " --benchmark_min_time=2x --peaks=1,1,1"),), "gpu"),
    # Its verdict is a finding: worse and undecided rows (1 and 4) are no failure of the step.
    Step("devices", "the grid on all GPUs against one",
         (rows("devices/one", "mha_bench --grid=script --device=cuda:0"),
          rows("devices/all", "mha_bench --grid=script --devices=all"),
          Run("devices/compare", "mha_compare raw/one.json raw/all.json --clock=busy",
              expected=(0, 1, 4))), "gpus", together=True),
    Step("tests", "CTest of the build folder, its GPU's tests included",
         (Run("tests", "ctest --test-dir {build} --output-on-failure -j 4",
              tiny="ctest --test-dir {build} -N"),), "tests"),
)  # fmt: skip


def listing():
    """The steps, one a line."""
    wide = max(len(step.name) for step in STEPS)
    return "".join(f"{step.name:{wide}}  {step.what}\n" for step in STEPS)
