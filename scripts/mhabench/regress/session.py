"""The runs of one call of scripts/regress, in its evidence folder."""

import csv
import io
import json
import re
import shlex
import subprocess
import time

from mhabench.output import write_file
from mhabench.program import Failure, InputError, status_after, tell
from mhabench.regress.builds import run_logged
from mhabench.regress.canaries import (
    canaries_of,
    problem_of,
    replace_rows,
    rows_beside_moved,
    usual_times,
)

MOST_REPEATS = 2
CANARY_SECONDS = 30
# Beyond, a whole run costs little more, and a regular expression of so many names a lot.
MOST_NAMED_ROWS = 200


def knows_canaries(program):
    try:
        result = subprocess.run(
            [str(program), "--help"], capture_output=True, text=True, check=False, timeout=120
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(f"{program} cannot be run: {error}") from error
    return "--canary" in result.stdout


def filter_of(names):
    """The flag that keeps exactly these rows: a POSIX expression, strict on backslashes."""
    escaped = (re.sub(r"([\\.^$*+?()\[\]{}|])", r"\\\1", name) for name in names)
    return f"--benchmark_filter=^({'|'.join(escaped)})$"


def rows_text(names):
    """As "3 rows (MHA/..., ...)", with no more names than one reads."""
    shown = 3
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    count = "1 row" if len(names) == 1 else f"{len(names)} rows"
    return f"{count} ({', '.join(names[:shown])}{more})"


class Run:
    """One run of a side, and what became of its rows."""

    def __init__(self, side, program, path):
        self.side, self.program, self.path = side, program, path
        self.document = json.loads(path.read_text())

    @property
    def name(self):
        return self.path.stem


class Session:
    def __init__(self, programs, flags, folder, canary_limit):
        self.programs, self.flags, self.folder = programs, flags, folder
        self.canary_limit = canary_limit
        self.watched = {}
        self.runs = []
        self.canaries = []
        self.notes = []

    def note(self, text):
        self.notes.append(text)
        tell(text)

    def run_all(self, runs):
        """Base, new, new, base, ...; returns the files of each side."""
        for side, program in self.programs:
            self.watched[side] = knows_canaries(program)
            if not self.watched[side]:
                self.note(f"{side}: {program} knows no --canary: its runs go unwatched")
        for turn in range(runs):
            order = self.programs if turn % 2 == 0 else self.programs[::-1]
            for side, program in order:
                self.runs.append(self.one_run(side, program, f"{side}{turn + 1}"))
        for side, _ in self.programs:
            self.mend([run for run in self.runs if run.side == side])
        return {s: [run.path for run in self.runs if run.side == s] for s, _ in self.programs}

    def one_run(self, side, program, name):
        start = time.monotonic()
        run = Run(side, program, self.bench(side, program, name))
        seconds = time.monotonic() - start
        self.keep_canaries(name, run.document)
        times = [canary.us for canary in canaries_of(run.document)]
        seen = f", {len(times)} canaries, {min(times):.1f} to {max(times):.1f} us" if times else ""
        tell(f"{name}: {seconds:.1f} s{seen}")
        if problem := problem_of(run.document):
            self.note(f"{name}: canaries: {problem}")
        return run

    def bench(self, side, program, name, more=()):
        out = self.folder / f"{name}.json"
        log = self.folder / f"{name}.log"
        canary = [f"--canary={CANARY_SECONDS}"] if self.watched[side] else []
        command = [str(program), *canary, *self.flags, *more, f"--benchmark_out={out}"]
        out.unlink(missing_ok=True)
        try:
            run_logged(command, log, status_after)
        except Failure:
            # Status 1: some row is wrong or failed, which is for mha_compare to say.
            if not out.exists():
                raise
            self.notes.append(f"{name} ended with wrong or failed rows ({log.name})")
        if not out.exists():
            raise InputError(f"{name} ran and wrote no results: the flags after '--' ask for none")
        return out

    def mend(self, runs):
        """Runs the rows of a side again that lie beside a canary that is off: the two sides may
        have other libraries, and other times of the same product."""
        usual = usual_times(run.document for run in runs)
        for run in runs:
            suspects = rows_beside_moved(run.document, usual, self.canary_limit)
            if suspects:
                self.run_again(run, suspects, usual)

    def run_again(self, run, names, usual):
        for attempt in range(1, MOST_REPEATS + 1):
            self.note(f"{run.name}: a canary moved; run again: {rows_text(names)}")
            source, again = self.second_run(run, names, attempt)
            replaced = replace_rows(run.document, names, again, source)
            moved = set(rows_beside_moved(again, usual, self.canary_limit))
            lost = len(names) - len(replaced)
            if lost:
                self.note(f"{run.name}: {lost} of them are not in {source}: kept as they were")
            names = [name for name in replaced if name in moved]
            if not names:
                break
        else:
            self.note(f"{run.name}: a canary moved again; kept all the same: {rows_text(names)}")
        run.path.rename(run.path.with_suffix(".first.json"))
        write_file(run.path, json.dumps(run.document, indent=2) + "\n")

    def second_run(self, run, names, attempt):
        name = f"{run.name}.again{attempt}"
        more = [filter_of(names)] if len(names) <= MOST_NAMED_ROWS else []
        out = self.bench(run.side, run.program, name, more)
        document = json.loads(out.read_text())
        self.keep_canaries(name, document)
        return out.name, document

    def keep_canaries(self, name, document):
        self.canaries += [(name, canary) for canary in canaries_of(document)]

    def keep(self, report):
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(["run", "before_row", "device", "us", "sm_mhz", "seconds"])
        for name, c in self.canaries:
            table.writerow([name, c.before_row, c.device, f"{c.us:.3f}", c.sm_mhz, c.seconds])
        write_file(self.folder / "canaries.csv", text.getvalue())
        lines = [f"{name}: {program}" for name, program in self.programs]
        lines += ["flags: " + shlex.join(self.flags), *self.notes, "", report]
        write_file(self.folder / "report.txt", "\n".join(lines))
