"""Files put together: those of one machine and library are runs of the same thing."""

import dataclasses
from statistics import median

from mhabench.results import identity
from mhabench.results.identity import machine
from mhabench.results.rows import Row, clock_us
from mhabench.results.stats import geomean

WORST_FIRST = ("failed", "wrong", "ok", "skipped")


@dataclasses.dataclass
class ResultSet:
    """Rows of one machine. Each name once: the median of its runs in every number."""

    label: str
    files: list
    rows: list[Row]
    # One entry a file, path and clock: the geometric mean over the configurations all files have.
    runs: list[dict]

    @property
    def pairs(self):
        return [pair for file in self.files for pair in file.pairs]


def sets_of(files):
    """The sets in the order of their first files."""
    places, known = identity.kinds([identity.of_machine(file.context) for file in files])
    groups = [[] for _ in known]
    for file, place in zip(files, places):
        groups[place].append(file)
    by_threads = "threads" in identity.differing(known)
    return [_set(group, by_threads) for group in groups]


def _set(files, by_threads):
    context = files[0].context
    torch = context.get("torch_version")
    label = machine(context) + (f", torch {torch}" if isinstance(torch, str) else "")
    if by_threads and (threads := identity.threads_of(context)):
        label += f", {threads} threads"
    _keep_apart([row for file in files for row in file.rows])
    groups = {}
    for file in files:
        for row in file.rows:
            groups.setdefault((row.name, row.config), []).append(row)
    return ResultSet(label, files, [_merge(group) for group in groups.values()], _runs(files))


def _keep_apart(rows):
    """Rows of one name that are no runs of one thing become configurations of their own."""
    by_config = {}
    for row in rows:
        by_config.setdefault(row.config, []).append(row)
    for same in by_config.values():
        places, known = identity.kinds([row.identity for row in same])
        parts = identity.differing(known)
        for row, place in zip(same, places):
            if parts:
                row.config += f" ({identity.words(known[place], parts)})"


def _merge(rows):
    """Runs of one row: the median of each number, the worst status."""
    if len(rows) == 1:
        return rows[0]
    status = next(s for s in WORST_FIRST if any(row.status == s for row in rows))
    worst = next(row for row in rows if row.status == status)
    fields = dict.fromkeys(field for row in rows for field in row.numbers)
    numbers = {
        field: median(row.numbers[field] for row in rows if field in row.numbers)
        for field in fields
    }
    if "errors" in numbers:
        numbers["errors"] = max(row.numbers.get("errors", 0) for row in rows)
    return dataclasses.replace(worst, numbers=numbers, runs=len(rows))


def _runs(files):
    if len(files) < 2:
        return []
    result = []
    for clock in ("event", "busy", "host"):
        times = [_times(file, clock) for file in files]
        shared = set.intersection(*(set(t) for t in times))
        for path in dict.fromkeys(name[0] for name in sorted(shared)):
            names = [name for name in shared if name[0] == path]
            for file, known in zip(files, times):
                mean = geomean(known[name] for name in names)
                result.append(
                    {
                        "clock": clock,
                        "path": path,
                        "file": file.name,
                        "us": mean,
                        "rows": len(names),
                    }
                )
    return result


def _times(file, clock):
    known = {}
    for row in file.rows:
        us = clock_us(row, clock)
        if us is not None:
            known.setdefault((row.path, row.name, row.config), []).append(us)
    return {name: median(values) for name, values in known.items()}
