#!/usr/bin/env python3
"""How often mha_compare raises a false alarm, and how often it finds a slowdown that is there.

  study.py aa    --program=FILE --compare_bin=FILE --out=DIR [--runs=6] [-- FLAG...]
  study.py power --program=FILE --compare_bin=FILE --out=DIR [--runs=3] [-- FLAG...]

aa: runs of one build, and every split of them into two halves held against each other (10 of six
runs). Nothing differs, so whatever is called slower is a false alarm.

power: clean runs and, for each of --shares, runs with that share of more work planted in one path,
all in alternation; then the planted runs of each share against the clean ones. The program is
mha_bench_faults of the build's test folder (test/support/planted.h says what it plants). A row is
judged on busy time where it has one, else on the event clock. No kernel is shorter than about a
microsecond: rows in which more than the share was planted are counted apart.

Flags after "--" go to the program (--grid=script). To be run by hand; on an H200 a run of the
script's grid takes 80 s. Runs that stand in the folder are not made again, and --at_most=SECONDS
begins none that would not end in time: the same command goes on with the rest.

Exit status: 0 the table is printed, 2 a wrong flag or another study's folder, 3 runs are left, 1
something failed.
"""

import argparse
import itertools
import json
import os
import shlex
import statistics
import subprocess
import sys
import time
from pathlib import Path

FAILED, USAGE, RUNS_LEFT = 1, 2, 3
# The planted share may be off by that much: 0.05 is 0.047 to 0.053.
EXACT = 0.003


class Refusal(Exception):
    """A study that cannot be made as it was asked for."""


def tell(text):
    print(f"study: {text}", file=sys.stderr, flush=True)


class Run:
    """One run of the program: its results file, and what is planted, if anything."""

    def __init__(self, folder, name, path="", share=0.0):
        self.name, self.path, self.share = name, path, share
        self.file = folder / f"{name}.json"
        self.log = folder / f"{name}.log"
        self.planted = folder / f"{name}.planted.jsonl"

    def environment(self):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("MHABENCH_PLANTED")}
        if not self.path:
            return clean
        self.planted.unlink(missing_ok=True)
        planted = {"MHABENCH_PLANTED": f"{self.path}:{self.share}"}
        return {**clean, **planted, "MHABENCH_PLANTED_LOG": str(self.planted)}

    def make(self, program, flags):
        # Half a run is none: its rows would be of two times.
        Path(f"{self.file}.journal").unlink(missing_ok=True)
        command = [str(program), *flags, f"--benchmark_out={self.file}"]
        with open(self.log, "w", encoding="utf-8") as log:
            done = subprocess.run(
                command, stdout=log, stderr=subprocess.STDOUT, env=self.environment(), check=False
            )
        if not self.file.exists():
            text = shlex.join(command)
            raise Refusal(f"'{text}' ended with status {done.returncode} ({self.log})")

    def truths(self):
        """What was planted in rows, as a share of their busy time; of the others, as asked for."""
        if not self.planted.exists():
            return {}
        lines = [json.loads(line) for line in self.planted.read_text().splitlines()]
        return {line["row"]: line["planted_us"] / line["busy_us"] for line in lines}


def runs_of_aa(options):
    return [Run(options.out, f"run{i + 1}") for i in range(options.runs)]


def runs_of_power(options):
    """Clean, 3 %, 5 %, 10 %; 10 %, 5 %, 3 %, clean; ..."""
    runs = []
    for i in range(options.runs):
        turn = [Run(options.out, f"clean{i + 1}")]
        turn += [
            Run(options.out, f"{options.planted}_{share}_{i + 1}", options.planted, share)
            for share in options.shares
        ]
        runs += turn if i % 2 == 0 else turn[::-1]
    return runs


def make_runs(runs, options):
    """Those that are not there yet; whether all are there in the end."""
    start = time.monotonic()
    longest = 0.0
    for i, run in enumerate(runs):
        if run.file.exists():
            continue
        begun = time.monotonic()
        if options.at_most and longest and begun - start + longest > options.at_most:
            left = sum(1 for other in runs if not other.file.exists())
            tell(f"{left} of {len(runs)} runs are left; the same command goes on with them")
            return False
        run.make(options.program, options.flags)
        seconds = time.monotonic() - begun
        longest = max(longest, seconds)
        tell(f"{run.name} ({i + 1} of {len(runs)}): {seconds:.1f} s")
    return True


def compare(base, new, options):
    """mha_compare's JSON; its status 1 and 4 are answers."""
    command = [str(options.compare_bin), "--format=json", f"--threshold={options.threshold}"]
    command += [f"--base={run.file}" for run in base] + [f"--new={run.file}" for run in new]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 4):
        raise Refusal(f"mha_compare ended with status {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


# --- A/A ------------------------------------------------------------------------------------------


def splits_of(runs):
    """Every way to halve them, each once: the first run is always among the base's."""
    half = len(runs) // 2
    for rest in itertools.combinations(runs[1:], half - 1):
        base = [runs[0], *rest]
        yield base, [run for run in runs if run not in base]


def called(comparison, verdict):
    """By clock, how many rows are called that."""
    counts = {}
    for row in comparison["rows"]:
        for clock, seen in row.get("clocks", {}).items():
            counts[clock] = counts.get(clock, 0) + (seen["verdict"] == verdict)
    return counts


def table_of_aa(runs, options):
    rows = []
    alarms = {"slower": 0, "faster": 0}
    clocks = []
    rows_compared = 0
    for base, new in splits_of(runs):
        comparison = compare(base, new, options)
        counts = {verdict: called(comparison, verdict) for verdict in alarms}
        undecided = called(comparison, "undecided")
        clocks = clocks or list(counts["slower"])
        rows_compared = len(comparison["rows"])
        for verdict in alarms:
            alarms[verdict] += any(counts[verdict].values())
        names = [" ".join(run.name.removeprefix("run") for run in side) for side in (base, new)]
        seen = [n for c in clocks for n in (counts["slower"][c], counts["faster"][c], undecided[c])]
        rows.append([*names, *seen])
    head = ["base", "new"]
    verdicts = ("slower", "faster", "undecided")
    head += [f"{verdict}, {clock}" for clock in clocks for verdict in verdicts]
    return table(head, rows) + (
        f"\n{rows_compared} rows a split. An alarm (some row slower) in {alarms['slower']} of "
        f"{len(rows)} splits; with the two sides exchanged (some row faster) in "
        f"{alarms['faster']}.\n"
    )


# --- Power ----------------------------------------------------------------------------------------


def judged(row):
    """The clock that a row is judged by; nothing where it was not compared."""
    clocks = row.get("clocks", {})
    return clocks.get("busy", clocks.get("event"))


def share_text(part, whole):
    return f"{part} of {whole}" + (f" ({100 * part / whole:.1f} %)" if whole else "")


def row_of_share(share, clean, planted, options):
    comparison = compare(clean, planted, options)
    truths = [run.truths() for run in planted]
    exact, apart, others = [], [], []
    for row in comparison["rows"]:
        seen = judged(row)
        if seen is None:
            continue
        if row["path"] != options.planted:
            others.append(seen)
            continue
        truth = statistics.median(seen_in.get(row["name"], share) for seen_in in truths)
        (exact if abs(truth - share) <= EXACT else apart).append(seen)
    slower = [sum(seen["verdict"] == "slower" for seen in rows) for rows in (exact, apart, others)]
    ratio = f"{statistics.median(seen['ratio'] for seen in exact):.4f}" if exact else "-"
    faster = sum(seen["verdict"] == "faster" for seen in others)
    return [
        f"{100 * share:g} %",
        ratio,
        share_text(slower[0], len(exact)),
        share_text(slower[1], len(apart)),
        share_text(slower[2], len(others)),
        faster,
    ]


def table_of_power(runs, options):
    clean = [run for run in runs if not run.path]
    rows = [
        row_of_share(share, clean, [run for run in runs if run.share == share], options)
        for share in options.shares
    ]
    head = ["planted", "median ratio seen", "found slower", "found, where more was planted"]
    head += ["other paths' rows called slower", "called faster"]
    return table(head, rows)


STUDIES = {"aa": (runs_of_aa, table_of_aa, 6), "power": (runs_of_power, table_of_power, 3)}


# --- The command line -----------------------------------------------------------------------------


def shares_of(text):
    shares = [float(part) for part in text.split(",")]
    if not all(0 < share < 10 for share in shares) or len(set(shares)) < len(shares):
        raise ValueError(text)
    return shares


def parse(arguments):
    flags = []
    if "--" in arguments:
        at = arguments.index("--")
        arguments, flags = arguments[:at], arguments[at + 1 :]
    parser = argparse.ArgumentParser(
        prog="study.py",
        usage="study.py {aa,power} --program=FILE --compare_bin=FILE --out=DIR [-- FLAG...]",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("study", choices=STUDIES)
    parser.add_argument("--program", type=Path, required=True, metavar="FILE")
    parser.add_argument("--compare_bin", type=Path, required=True, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="files are kept")
    parser.add_argument("--runs", type=int, metavar="N", help="aa: in all, even; power: a side")
    parser.add_argument("--shares", type=shares_of, default="0.03,0.05,0.1", help="%(default)s")
    parser.add_argument("--planted", default="fast", metavar="PATH", help="%(default)s")
    parser.add_argument("--threshold", type=float, default=0.02, help="%(default)s")
    parser.add_argument("--at_most", type=float, metavar="SECONDS", help="of runs in this call")
    options = parser.parse_args(arguments)
    options.flags = flags
    options.runs = options.runs or STUDIES[options.study][2]
    if options.study == "aa" and (options.runs < 4 or options.runs % 2 != 0):
        parser.error(f"--runs={options.runs}: aa needs an even number of runs, 4 or more")
    if options.study == "power" and options.runs < 2:
        parser.error(f"--runs={options.runs}: a side of one run knows no noise")
    for path in (options.program, options.compare_bin):
        if not path.is_file():
            parser.error(f"'{path}' does not exist")
    return options


def check_folder(options):
    """Runs of another study or of other flags are not taken for this one's."""
    options.out.mkdir(parents=True, exist_ok=True)
    note = options.out / "study.txt"
    wanted = f"{options.study} {options.planted if options.study == 'power' else ''}\n"
    wanted += f"{options.program}\n{shlex.join(options.flags)}\n"
    if note.exists() and note.read_text() != wanted:
        raise Refusal(f"'{options.out}' holds another study ({note}); name another with --out")
    note.write_text(wanted)


def main():
    options = parse(sys.argv[1:])
    runs_of, table_of, _ = STUDIES[options.study]
    try:
        check_folder(options)
    except Refusal as error:
        tell(error)
        return USAGE
    try:
        runs = runs_of(options)
        if not make_runs(runs, options):
            return RUNS_LEFT
        text = table_of(runs, options)
    except Refusal as error:
        tell(error)
        return FAILED
    (options.out / "table.md").write_text(text)
    print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
