#!/usr/bin/env python3
"""Prints the tables of results kept in a folder, such as those that scripts/collect makes:

    docs/results/summarize.py docs/results/h200

What the folder lacks is left out. Needs the standard library alone.
"""

import itertools
import math
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))

from mhabench.program import InputError, run
from mhabench.results.load import read_file
from mhabench.results.rows import by_config, clock_us, total_us
from mhabench.results.stats import geomean

# Heads and widths of the script's grid, widest heads first.
SHAPES = ((128, 1024), (64, 1024), (64, 512), (32, 512))
FLOOR_PATHS = ("slow", "padded_sdpa", "fast", "packed_flash", "packed_cudnn", "packed_best")
PADDED_PATHS = ("slow", "padded_sdpa")
RAGGED_PATHS = ("fast", "packed_best")
HEADLINE_BETAS = (0.05, 0.85, 3.05)
MEASURED = ("ok", "wrong")


def rows_of(path):
    """All of them; none if the file is absent."""
    return read_file(path).rows if path.exists() else []


def groups_of(rows):
    """[{path: row}] of rows that were measured, one a configuration."""
    return list(by_config(rows, MEASURED).values())


def any_row(group):
    return next(iter(group.values()))


def shown(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def at(values, p):
    ordered = sorted(values)
    return ordered[round(p * (len(ordered) - 1))]


def changes_of(base, rows, field):
    """[(row, its time over that of the base's row of its name)]."""
    known = {row.name: clock_us(row, field) for row in base}
    pairs = [(row, clock_us(row, field), known.get(row.name)) for row in rows]
    return [(row, us / base_us) for row, us, base_us in pairs if us and base_us]


# --- runs of one build ----------------------------------------------------------------------------


def print_changes(runs):
    print("change from run to run: clock, decade, rows, median, p95, p99, largest")
    for clock, field in (("busy_us", "busy_us"), ("event_us_median", "event_us_median")):
        times = [{row.name: row.get(field) for row in run if row.get(field)} for run in runs]
        decades = {}
        for row in runs[0]:
            values = [run[row.name] for run in times if row.name in run]
            if len(values) == len(runs):
                changes = [abs(math.log(b / a)) for a, b in itertools.combinations(values, 2)]
                decade = math.floor(math.log10(row.get("busy_us") or row.get("event_us_median")))
                decades.setdefault(decade, []).append(changes)
        for decade, rows in sorted(decades.items()):
            changes = list(itertools.chain(*rows))
            figures = [at(changes, p) for p in (0.5, 0.95, 0.99, 1)]
            print(f"  {clock}, {10**decade} us:", len(rows), *(f"{f:.4f}" for f in figures))


# --- ragged against padded ------------------------------------------------------------------------


def speedups(groups, clock, ragged=RAGGED_PATHS, padded=PADDED_PATHS):
    """Of the best ragged path over the best padded one, in each group that has a time of both."""
    found = []
    for group in groups:
        us = {path: time for path, row in group.items() if (time := clock_us(row, clock))}
        sides = [[us[path] for path in paths if path in us] for paths in (padded, ragged)]
        if all(sides):
            found.append(min(sides[0]) / min(sides[1]))
    return found


def of_beta(groups, beta):
    return [group for group in groups if beta is None or any_row(group).get("beta") == beta]


def padding_of(groups):
    """The mean; None if no row tells."""
    known = [any_row(group).get("padding") for group in groups]
    known = [padding for padding in known if padding is not None]
    return statistics.fmean(known) if known else None


def print_against_padding(groups):
    print("best ragged path over the best padded one, by beta: padding; busy, of so many under 1;")
    print("event, of so many under 1; the same of fast over slow, of packed_best over padded_sdpa")
    sides = (
        {},
        {"ragged": ("fast",), "padded": ("slow",)},
        {"ragged": ("packed_best",), "padded": ("padded_sdpa",)},
    )
    for beta in (*HEADLINE_BETAS, None):
        chosen = of_beta(groups, beta)
        if not chosen:
            continue
        parts = []
        for paths, clock in itertools.product(sides, ("busy", "event")):
            found = speedups(chosen, clock, **paths)
            parts.append(f"{shown(geomean(found))} {sum(r < 1 for r in found)}")
        which = f"{'all' if beta is None else beta}, padding {shown(padding_of(chosen))}"
        print(f"  {which}, of {len(chosen)}:", "; ".join(parts))


def print_seeds(folder):
    """A batch's lengths are a draw: how far the headlines go with the seed."""
    files = sorted(folder.glob("seed*.json.gz"), key=lambda path: int(path.name[4:].split(".")[0]))
    print(f"{len(files)} seeds, best ragged path over the best padded one, by beta: padding; lowest")
    print("and highest geometric mean by busy time, by event time")
    runs = [groups_of(rows_of(path)) for path in files]
    for beta in HEADLINE_BETAS:
        chosen = [of_beta(run, beta) for run in runs]
        if not all(chosen):
            continue
        paddings = [padding_of(run) for run in chosen]
        parts = [f"{min(paddings):.2f} to {max(paddings):.2f}"]
        for clock in ("busy", "event"):
            means = [geomean(speedups(run, clock)) for run in chosen]
            parts.append(f"{shown(min(means))} to {shown(max(means))}")
        print(f"  {beta}, of {len(chosen[0])}:", "; ".join(parts))


# --- many paths -----------------------------------------------------------------------------------


def ratio(groups, base, path, us_of):
    """The geometric mean of base over path, of what `us_of` tells of both rows."""
    pairs = [(us_of(g[base]), us_of(g[path])) for g in groups if base in g and path in g]
    return geomean(a / b for a, b in pairs if a and b)


def over_floor(groups, path):
    return geomean(g[path].get("over_floor") for g in groups if path in g and g[path].get("over_floor"))


def clock(name):
    return lambda row: clock_us(row, name)


def print_paths(groups, paths):
    print("path: event over slow, over fast, busy over slow, over fast, busy over floor")
    for path in paths:
        ratios = [
            ratio(groups, base, path, clock(name))
            for name in ("event", "busy")
            for base in ("slow", "fast")
        ]
        print(f"  {path}:", *map(shown, [*ratios, over_floor(groups, path)]))
    print("path: event over slow's for one call, for 1 layer with packing, for 12; busy likewise")
    packed = [{p: r for p, r in g.items() if total_us(r, "event", 1)} for g in groups]
    for path in paths:
        figures = [
            ratio(packed, "slow", path, lambda row, n=name, count=layers: total_us(row, n, count))
            for name in ("event", "busy")
            for layers in (0, 1, 12)
        ]
        print(f"  {path}:", *map(shown, figures))


def floor_of(group):
    return any_row(group).get("floor_us") or 0


def print_bands(groups):
    print("packed_best over fast by floor_us: event eager, event as a graph, busy")
    for low, high in ((0, 20), (20, 100), (100, math.inf)):
        band = [g for g in groups if low <= floor_of(g) < high]
        figures = [
            ratio(band, "fast", "packed_best", clock("event")),
            ratio(band, "fast", "packed_best_graph", clock("event")),
            ratio(band, "fast", "packed_best", clock("busy")),
        ]
        print(f"  {low} to {high}:", len(band), *map(shown, figures))
    print("busy over floor from 100 us on: " + ", ".join(FLOOR_PATHS))
    for shape in SHAPES:
        of_shape = [
            group for group in groups
            if floor_of(group) > 100
            and (any_row(group).get("head_dim"), any_row(group).get("embed_dim")) == shape
        ]  # fmt: skip
        figures = [over_floor(of_shape, path) for path in FLOOR_PATHS]
        print(f"  {shape}:", len(of_shape), *map(shown, figures))
    peaks = ratio(groups, "slow", "packed_flash", lambda row: row.get("peak_bytes"))
    print(f"peak memory, slow over packed_flash: {shown(peaks)}")


def counts_of(rows):
    return [sum(row.status == status for row in rows) for status in ("wrong", "failed", "skipped")]


def print_dtypes(rows):
    print("dtype, path: right, wrong, failed, skipped; busy over slow, busy over floor")
    for dtype, path in dict.fromkeys((row.dtype, row.path) for row in rows):
        mine = [row for row in rows if (row.dtype, row.path) == (dtype, path)]
        groups = groups_of(row for row in rows if row.dtype == dtype)
        counts = counts_of(mine)
        if counts[2] < len(mine):
            figures = (ratio(groups, "slow", path, clock("busy")), over_floor(groups, path))
            print(f"  {dtype} {path}:", len(mine) - sum(counts), *counts, *map(shown, figures))


# --- settings held against each other -------------------------------------------------------------


def print_rounds(pairs):
    print("rounds, by clock: faster of the two, undecided")
    for clock, base, path in dict.fromkeys((pair.clock, pair.base, pair.path) for pair in pairs):
        of_pair = [p.verdict for p in pairs if (p.clock, p.base, p.path) == (clock, base, path)]
        names = (path, base, "undecided")
        print(f"  {clock}:", ", ".join(f"{name} {of_pair.count(name)}" for name in names))


def print_rotated(warm, rotated):
    for row in rotated:
        row.name = row.name.replace("/l2:rotate", "")
    print("busy time with a rotated L2 over the rounds' with a warm one")
    changes = changes_of(warm, rotated, "busy")
    for path in dict.fromkeys(row.path for row, _ in changes):
        ratios = [change for row, change in changes if row.path == path]
        print(f"  {path}: {geomean(ratios):.4f} over {len(ratios)} rows")


def print_devices(one, every):
    """Each device's rows of a run on several over the same rows of a run on one."""
    changes = changes_of(one, every, "busy")
    print("several devices: rows, busy time over one device's, median of the change's size, p95")
    for device in sorted({row.strings["device"] for row, _ in changes}):
        ratios = [change for row, change in changes if row.strings["device"] == device]
        sizes = [abs(math.log(ratio)) for ratio in ratios]
        figures = (geomean(ratios), statistics.median(sizes), at(sizes, 0.95))
        print(f"  {device}: {len(ratios)}", *(shown(figure, 4) for figure in figures))


# --------------------------------------------------------------------------------------------------


def summarize(folder):
    print("file: rows, wrong, failed, skipped")
    for path in sorted(folder.rglob("*.json.gz")):
        rows = rows_of(path)
        print(f"  {path.relative_to(folder)}:", len(rows), *counts_of(rows))
    runs = [rows_of(folder / "three_runs" / f"run{i}.json.gz") for i in (1, 2, 3)]
    runs = [run for run in runs if run]
    if len(runs) > 1:
        print_changes(runs)
    if grid := groups_of(rows_of(folder / "script.json.gz")):
        print_against_padding(grid)
    if (folder / "seeds").is_dir():
        print_seeds(folder / "seeds")
    if groups := groups_of(rows_of(folder / "all_paths" / "all_paths.json.gz")):
        print_paths(groups, sorted({path for group in groups for path in group}))
        print_bands(groups)
    if rows := rows_of(folder / "dtypes" / "dtypes.json.gz"):
        print_dtypes(rows)
    rounds, rotated = folder / "rounds" / "rounds.json.gz", folder / "rounds" / "rotate.json.gz"
    if rounds.exists():
        print_rounds(read_file(rounds).pairs)
        if rotated.exists():
            print_rotated(rows_of(rounds), rows_of(rotated))
    if every := rows_of(folder / "devices" / "all.json.gz"):
        print_devices(rows_of(folder / "devices" / "one.json.gz"), every)


def main():
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1]).is_dir():
        raise InputError("needs one folder of results: docs/results/h200")
    summarize(pathlib.Path(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(run("summarize.py", main))
