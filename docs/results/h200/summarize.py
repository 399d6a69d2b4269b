"""Prints the figures of README.md that are computed from the kept files: summarize.py, run here.

Needs the standard library alone.
"""

import gzip
import itertools
import json
import math
import pathlib
import statistics

FOLDER = pathlib.Path(__file__).parent


def rows_of(name):
    with gzip.open(FOLDER / name) as file:
        rows = json.load(file)["benchmarks"]
    return [row for row in rows if not row.get("error_occurred")]


def geomean(values):
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values))


def share(values):
    values = list(values)
    return sum(values) / len(values)


def at(values, p):
    ordered = sorted(values)
    return ordered[round(p * (len(ordered) - 1))]


def host_limits(row):
    event = row["event_us_median"]
    return row["host_us"] >= 0.9 * event and row["busy_us"] < 0.9 * event


def target(row):
    return 0.05 if host_limits(row) else 0.02


def within(row):
    return row.get("event_ci", math.inf) <= target(row)


def within_or_spread(row):
    if "event_ci" in row:
        return within(row)
    spread = (row["event_us_p95"] - row["event_us_p05"]) / 2
    return spread / row["event_us_median"] <= target(row)


def print_changes(runs):
    print("change from run to run: clock, decade, rows, median, p95, p99, largest")
    for clock in ("busy_us", "event_us_median"):
        decades = {}
        for name, first in runs[0].items():
            values = [run[name][clock] for run in runs]
            changes = [abs(math.log(b / a)) for a, b in itertools.combinations(values, 2)]
            decades.setdefault(math.floor(math.log10(first["busy_us"])), []).append(changes)
        for decade, rows in sorted(decades.items()):
            changes = [change for row in rows for change in row]
            figures = [at(changes, p) for p in (0.5, 0.95, 0.99, 1)]
            print(f"  {clock}, {10**decade} us:", len(rows), *(f"{f:.4f}" for f in figures))


def print_targets(runs):
    print("share within the target: by interval, or by spread; of the GPU's rows, of the host's")
    for run in runs:
        rows = list(run.values())
        gpu = [row for row in rows if not host_limits(row)]
        host = [row for row in rows if host_limits(row)]
        busy = [r["event_us_median"] / r["busy_us"] for r in rows if r["host_us"] < r["busy_us"] / 2]
        print(
            f"  {share(map(within, rows)):.3f} {share(map(within_or_spread, rows)):.3f}",
            f"{share(map(within_or_spread, gpu)):.3f} {share(map(within_or_spread, host)):.3f};",
            f"event over busy {statistics.median(busy):.4f} over {len(busy)} rows",
        )


def ratio(groups, base, path, field):
    return geomean(g[base][field] / g[path][field] for g in groups if base in g and path in g)


def print_paths(groups):
    print("path: event over slow, over fast, busy over slow, over fast, busy over floor")
    for path in sorted({path for group in groups for path in group}):
        ratios = [
            ratio(groups, base, path, field)
            for field in ("event_us_median", "busy_us")
            for base in ("slow", "fast")
        ]
        floors = geomean(g[path]["over_floor"] for g in groups if path in g)
        print(f"  {path}:", *(f"{r:.2f}" for r in ratios), f"{floors:.2f}")


def print_bands(groups):
    print("packed_best over fast by floor_us: event eager, event as a graph, busy")
    for low, high in ((0, 20), (20, 100), (100, math.inf)):
        band = [g for g in groups if low <= g["packed_best"]["floor_us"] < high]
        figures = [
            ratio(band, "fast", "packed_best", "event_us_median"),
            ratio(band, "fast", "packed_best_graph", "event_us_median"),
            ratio(band, "fast", "packed_best", "busy_us"),
        ]
        print(f"  {low} to {high}:", len(band), *(f"{f:.2f}" for f in figures))
    print("busy over floor from 100 us on: slow, fast, packed_flash, packed_cudnn, packed_best")
    for shape in ((128, 1024), (64, 1024), (64, 512), (32, 512)):
        rows = [
            g
            for g in groups
            if g["slow"]["floor_us"] > 100
            and (g["slow"]["head_dim"], g["slow"]["embed_dim"]) == shape
        ]
        paths = ("slow", "fast", "packed_flash", "packed_cudnn", "packed_best")
        print(f"  {shape}:", len(rows), *(f"{geomean(g[p]['over_floor'] for g in rows):.2f}" for p in paths))
    peaks = geomean(g["slow"]["peak_bytes"] / g["packed_flash"]["peak_bytes"] for g in groups)
    print(f"peak memory, slow over packed_flash: {peaks:.2f}")


def main():
    runs = [{row["name"]: row for row in rows_of(f"three_runs/run{i}.json.gz")} for i in (1, 2, 3)]
    print_changes(runs)
    print_targets(runs)
    configurations = {}
    for row in rows_of("all_paths/all_paths.json.gz"):
        configurations.setdefault(row["name"].split("/", 2)[2], {})[row["path"]] = row
    groups = list(configurations.values())
    print_paths(groups)
    print_bands(groups)


if __name__ == "__main__":
    main()
