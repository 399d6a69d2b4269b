"""The answer by measuring: mha_bench on the lengths, then the same two layers in Python."""

import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from scipy import stats

from mhabench.advise.verdict import verdict
from mhabench.program import Failure, InputError, last_line, status_after
from mhabench.results.identity import machine
from mhabench.results.load import read_file
from mhabench.results.rows import on_cpu

# They run what another path runs, and would tie with it.
CHOOSE_AMONG_OTHERS = ("packed_best", "packed_best_graph")


class Measured:
    """Times of every eligible path on every batch."""

    def __init__(self, label, dtype, runs, paths):
        self.label = label
        self.dtype = dtype
        self.runs = runs  # rounds of all paths in turn
        self.paths = paths
        self.on_cpu = False
        self.left_out = {}  # {path: why}
        self.lines = []  # (batch, {clock: {path: us}})
        self.verdicts = []
        self.python_problem = None
        self.status = 0

    def of(self, clock):
        return next((verdict for verdict in self.verdicts if verdict.clock == clock), None)


def measure(options, batches, embed_dim, heads):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.json"
        status = _run_program(options, out)
        if not out.exists():
            raise Failure(
                f"mha_bench ended with status {status} and left no results: see above",
                status_after(status),
            )
        file = read_file(out)
    found = _collect(file, batches, options.rounds)
    found.status = status
    if options.no_python:
        found.python_problem = "--no_python"
    elif found.lines:
        _add_python(found, batches, embed_dim, heads, file)
    return found


def _run_program(options, out):
    program = os.environ["MHABENCH_PROGRAM"]
    flags = [f"--lengths_file={options.lengths_file}"]
    for name in ("embed_dim", "heads", "dtype", "device"):
        if (value := getattr(options, name)) is not None:
            flags.append(f"--{name}={value}")
    all_paths = subprocess.run(
        [program, *flags, "--path=all", "--list"], capture_output=True, text=True, check=False
    )
    if all_paths.returncode == 0:
        paths = dict.fromkeys(name.split("/")[1] for name in all_paths.stdout.splitlines())
        flags.append("--path=" + ",".join(p for p in paths if p not in CHOOSE_AMONG_OTHERS))
    elif "--path" not in all_paths.stderr:
        raise InputError(all_paths.stderr.strip().removeprefix("mha_bench: ") or "mha_bench failed")
    flags += [f"--benchmark_out={out}", f"--rounds={options.rounds}"]
    # Its table goes where progress goes: stdout is for the answer.
    return subprocess.run([program, *flags], stdout=sys.stderr, check=False).returncode


def _collect(file, batches, runs):
    by_line = {}  # {line of the file: {path: row}}
    reasons = {}
    for row in file.rows:
        line = _line_of(row)
        if row.status == "ok" and len(row.rounds.get("event", [])) == runs:
            by_line.setdefault(line, {})[row.path] = row
        else:
            reasons.setdefault(row.path, row.reason or f"{row.status} on line {line}")
    paths = [path for path in dict.fromkeys(row.path for row in file.rows) if path not in reasons]
    found = Measured(machine(file.context), file.rows[0].dtype, runs, paths)
    found.left_out = reasons
    found.on_cpu = on_cpu(file.rows)
    if not paths or not all(path in by_line.get(b.line, {}) for b in batches for path in paths):
        raise InputError("mha_bench left no row of some batch: see above")
    for batch in batches:
        found.lines.append((batch, {}))
        for clock in ("event", "busy"):
            times = {path: by_line[batch.line][path].rounds.get(clock, []) for path in paths}
            if all(len(us) == runs for us in times.values()):
                found.lines[-1][1][clock] = times
    for clock in ("event", "busy"):
        _conclude(found, clock)
    return found


def _line_of(row):
    """Rows of a lengths file are named after its line."""
    line = row.strings.get("lengths", "").rpartition(".")[2]
    if not line.isdigit():
        raise InputError(f"{row.name}: names no line of --lengths_file")
    return int(line)


def _conclude(found, clock):
    """From the rounds of every batch to medians and a verdict."""
    if not all(clock in by_clock for _, by_clock in found.lines):
        for _, by_clock in found.lines:
            by_clock.pop(clock, None)
        return
    paths = [path for path in found.paths if all(path in b[clock] for _, b in found.lines)]
    if not paths:
        return
    totals = {
        path: [sum(run) for run in zip(*(by_clock[clock][path] for _, by_clock in found.lines))]
        for path in paths
    }

    def error_of(best, other):
        leads = [math.log(slower / faster) for slower, faster in zip(totals[other], totals[best])]
        # Verdicts count two standard errors as 95 %: of few rounds, Student's t makes them so.
        return stats.sem(leads) * stats.t.ppf(0.975, len(leads) - 1) / 2

    medians = {path: statistics.median(us) for path, us in totals.items()}
    found.verdicts.append(verdict(clock, medians, error_of))
    for _, by_clock in found.lines:
        by_clock[clock] = {path: statistics.median(us) for path, us in by_clock[clock].items()}


# --- in Python ------------------------------------------------------------------------------------


def _add_python(found, batches, embed_dim, heads, file):
    python = os.environ.get("MHABENCH_TORCH_PYTHON")
    if not python:
        found.python_problem = "set-up found no interpreter with this torch"
        return
    asked = {
        "batches": [batch.lengths for batch in batches],
        "seq_lens": [batch.seq_len for batch in batches],
        "embed_dim": embed_dim,
        "heads": heads,
        "dtype": found.dtype,
        "device": file.rows[0].strings.get("device", "cpu"),
        "runs": found.runs,
        "threads": file.context.get("threads"),
    }
    script = pathlib.Path(__file__).with_name("python_times.py")
    done = subprocess.run(
        [python, str(script)], input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    if done.returncode:
        status = f"{python} ended with status {done.returncode}"
        found.python_problem = last_line(done.stderr, status)
        return
    for (_, by_clock), times in zip(found.lines, json.loads(done.stdout)):
        by_clock["python"] = times
    _conclude(found, "python")
    # The table speaks of one set of paths; what Python knows is told below it.
    for _, by_clock in found.lines:
        by_clock["python"] = {path: by_clock["python"].get(path) for path in found.paths}
