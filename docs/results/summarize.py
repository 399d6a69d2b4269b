#!/usr/bin/env python3
"""Prints the tables of results kept in a folder, such as those that scripts/collect makes:

    docs/results/summarize.py docs/results/h200

What the folder lacks is left out. Needs the standard library alone.
"""

import gzip
import itertools
import json
import math
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))

from mhabench.program import InputError, run

# Heads and widths of the script's grid, widest heads first.
SHAPES = ((128, 1024), (64, 1024), (64, 512), (32, 512))
FLOOR_PATHS = ("slow", "padded_sdpa", "fast", "packed_flash", "packed_cudnn", "packed_best")
PADDED_PATHS = ("slow", "padded_sdpa")
RAGGED_PATHS = ("fast", "packed_best")
HEADLINE_BETAS = (0.05, 0.85, 3.05)


def document(path):
    with gzip.open(path) as file:
        return json.load(file)


def rows_of(path):
    """Rows that were measured; none where the file is absent."""
    if not path.exists():
        return []
    return [row for row in document(path)["benchmarks"] if not row.get("error_occurred")]


def configuration_of(row):
    return row["name"].split("/", 2)[2]


def groups_of(rows):
    """[{path: row}], one a configuration."""
    groups = {}
    for row in rows:
        groups.setdefault(configuration_of(row), {})[row["path"]] = row
    return list(groups.values())


def geomean(values):
    """Of none: none."""
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def shown(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def share(values):
    values = list(values)
    return sum(values) / len(values) if values else None


def at(values, p):
    ordered = sorted(values)
    return ordered[round(p * (len(ordered) - 1))]


# --- runs of one build ----------------------------------------------------------------------------


def host_limits(row):
    event = row["event_us_median"]
    return row["host_us"] >= row["busy_us"] and row["busy_us"] < 0.9 * event


def target(row):
    return 0.05 if host_limits(row) else 0.02


def within(row):
    return row.get("event_ci", math.inf) <= target(row)


def within_or_spread(row):
    if "event_ci" in row:
        return within(row)
    spread = (row.get("event_us_p95", math.inf) - row.get("event_us_p05", 0)) / 2
    return spread / row["event_us_median"] <= target(row)


def print_changes(runs):
    print("change from run to run: clock, decade, rows, median, p95, p99, largest")
    for clock in ("busy_us", "event_us_median"):
        decades = {}
        for name, first in runs[0].items():
            values = [run[name][clock] for run in runs if clock in run.get(name, {})]
            if len(values) < len(runs):
                continue
            changes = [abs(math.log(b / a)) for a, b in itertools.combinations(values, 2)]
            decade = math.floor(math.log10(first.get("busy_us", first["event_us_median"])))
            decades.setdefault(decade, []).append(changes)
        for decade, rows in sorted(decades.items()):
            changes = [change for row in rows for change in row]
            figures = [at(changes, p) for p in (0.5, 0.95, 0.99, 1)]
            print(f"  {clock}, {10**decade} us:", len(rows), *(f"{f:.4f}" for f in figures))


def print_targets(runs):
    print("share within the target: by interval, or by spread; of the GPU's rows, of the host's")
    for rows_by_name in runs:
        rows = [row for row in rows_by_name.values() if "busy_us" in row and "host_us" in row]
        gpu = [row for row in rows if not host_limits(row)]
        host = [row for row in rows if host_limits(row)]
        busy = [
            r["event_us_median"] / r["busy_us"] for r in rows if r["host_us"] < r["busy_us"] / 2
        ]
        over = f"{statistics.median(busy):.4f}" if busy else "-"
        print(
            f"  {shown(share(map(within, rows)), 3)}",
            f"{shown(share(map(within_or_spread, rows)), 3)}",
            f"{shown(share(map(within_or_spread, gpu)), 3)}",
            f"{shown(share(map(within_or_spread, host)), 3)};",
            f"event over busy {over} over {len(busy)} rows",
        )


def print_speedups(runs):
    print("fast over slow, by run: event, of so many under 1; busy, of so many under 1")
    for rows_by_name in runs:
        parts = []
        for field in ("real_time", "busy_us"):
            ratios = [
                group["slow"][field] / group["fast"][field]
                for group in groups_of(rows_by_name.values())
                if all(field in group.get(path, {}) for path in ("slow", "fast"))
            ]
            parts.append(
                f"{shown(geomean(ratios), 3)} {sum(r < 1 for r in ratios)} of {len(ratios)}"
            )
        print("  " + "; ".join(parts))


# --- ragged against padded ------------------------------------------------------------------------


def least_us(group, paths, field):
    return min((group[p][field] for p in paths if field in group.get(p, {})), default=None)


def speedup(group, field, ragged=RAGGED_PATHS, padded=PADDED_PATHS):
    """Of the best ragged path over the best padded one; None where one side has no time."""
    slow, fast = least_us(group, padded, field), least_us(group, ragged, field)
    return slow / fast if slow and fast else None


def speedups(groups, field, **paths):
    return [ratio for group in groups if (ratio := speedup(group, field, **paths))]


def beta_of(group):
    return next(iter(group.values())).get("beta")


def padding_of(groups):
    """The mean; None where no row tells."""
    rows = [next(iter(group.values())) for group in groups]
    known = [row["padding"] for row in rows if "padding" in row]
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
        chosen = [group for group in groups if beta is None or beta_of(group) == beta]
        if not chosen:
            continue
        parts = []
        for paths in sides:
            for field in ("busy_us", "real_time"):
                found = speedups(chosen, field, **paths)
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
        chosen = [[group for group in run if beta_of(group) == beta] for run in runs]
        if not all(chosen):
            continue
        paddings = [padding_of(run) for run in chosen]
        parts = [f"{min(paddings):.2f} to {max(paddings):.2f}"]
        for field in ("busy_us", "real_time"):
            means = [geomean(speedups(run, field)) for run in chosen]
            parts.append(f"{shown(min(means))} to {shown(max(means))}")
        print(f"  {beta}, of {len(chosen[0])}:", "; ".join(parts))


# --- many paths -----------------------------------------------------------------------------------


def ratio(groups, base, path, field):
    pairs = [(g[base], g[path]) for g in groups if base in g and path in g]
    return geomean(a[field] / b[field] for a, b in pairs if field in a and field in b)


def print_paths(groups):
    print("path: event over slow, over fast, busy over slow, over fast, busy over floor")
    for path in sorted({path for group in groups for path in group}):
        ratios = [
            ratio(groups, base, path, field)
            for field in ("real_time", "busy_us")
            for base in ("slow", "fast")
        ]
        ratios.append(
            geomean(g[path]["over_floor"] for g in groups if "over_floor" in g.get(path, {}))
        )
        print(f"  {path}:", *map(shown, ratios))


def print_totals(groups):
    print("path: event over slow's for one call, for 1 layer with packing, for 12; busy likewise")
    for path in sorted({path for group in groups for path in group}):
        figures = [
            geomean(total_us(g["slow"], field, layers) / total_us(g[path], field, layers)
                    for g in groups if is_packed(g, path, field) and is_packed(g, "slow", field))
            for field in ("real_time", "busy_us")
            for layers in (0, 1, 12)
        ]  # fmt: skip
        print(f"  {path}:", *map(shown, figures))


def is_packed(group, path, field):
    return all(name in group.get(path, {}) for name in (field, "pack_us", "unpack_us"))


def total_us(row, field, layers):
    """Of so many layers with one packing around them; 0 layers is one call alone."""
    return layers * row[field] + row["pack_us"] + row["unpack_us"] if layers else row[field]


def floor_of(group):
    return next(iter(group.values())).get("floor_us", 0)


def print_bands(groups):
    print("packed_best over fast by floor_us: event eager, event as a graph, busy")
    for low, high in ((0, 20), (20, 100), (100, math.inf)):
        band = [g for g in groups if low <= floor_of(g) < high]
        figures = [
            ratio(band, "fast", "packed_best", "real_time"),
            ratio(band, "fast", "packed_best_graph", "real_time"),
            ratio(band, "fast", "packed_best", "busy_us"),
        ]
        print(f"  {low} to {high}:", len(band), *map(shown, figures))
    print("busy over floor from 100 us on: " + ", ".join(FLOOR_PATHS))
    for shape in SHAPES:
        rows = [g for g in groups if floor_of(g) > 100 and shape_of(g) == shape]
        figures = [
            geomean(g[p]["over_floor"] for g in rows if "over_floor" in g.get(p, {}))
            for p in FLOOR_PATHS
        ]
        print(f"  {shape}:", len(rows), *map(shown, figures))
    peaks = ratio(groups, "slow", "packed_flash", "peak_bytes")
    print(f"peak memory, slow over packed_flash: {shown(peaks)}")


def shape_of(group):
    row = next(iter(group.values()))
    return row["head_dim"], row["embed_dim"]


def print_dtypes(path):
    print("dtype, path: right, wrong, failed, skipped; busy over slow, busy over floor")
    table = {}
    for row in document(path)["benchmarks"]:
        table.setdefault((row["dtype"], row["path"]), []).append(row)
    measured = rows_of(path)
    for (dtype, name), rows in table.items():
        groups = groups_of(row for row in measured if row["dtype"] == dtype)
        skipped = sum("skip_reason" in row for row in rows)
        failed = sum(bool(row.get("error_occurred")) for row in rows) - skipped
        wrong = sum(row.get("errors", 0) > 0 for row in rows)
        if skipped == len(rows):
            continue
        floors = geomean(g[name]["over_floor"] for g in groups if "over_floor" in g.get(name, {}))
        print(
            f"  {dtype} {name}:", len(rows) - wrong - failed - skipped, wrong, failed, skipped,
            shown(ratio(groups, "slow", name, "busy_us")), shown(floors),
        )  # fmt: skip


# --- settings held against each other -------------------------------------------------------------


def print_rounds(folder):
    verdicts = {}
    for pair in document(folder / "rounds.json.gz").get("pairs", []):
        verdicts.setdefault((pair["clock"], pair["base"], pair["path"]), []).append(pair["verdict"])
    print("rounds, by clock: faster of the two, undecided")
    for (clock, base, path), found in verdicts.items():
        names = (path, base, "undecided")
        print(f"  {clock}:", ", ".join(f"{name} {found.count(name)}" for name in names))


def print_rotated(folder):
    warm = {row["name"]: row for row in rows_of(folder / "rounds.json.gz")}
    found = {}
    for row in rows_of(folder / "rotate.json.gz"):
        known = warm.get(row["name"].replace("/l2:rotate", ""), {})
        if "busy_us" in known and "busy_us" in row:
            found.setdefault(row["path"], []).append(row["busy_us"] / known["busy_us"])
    print("busy time with a rotated L2 over the rounds' with a warm one")
    for path, ratios in found.items():
        print(f"  {path}: {geomean(ratios):.4f} over {len(ratios)} rows")


def print_devices(folder):
    """Each device's rows of a run on several over the same rows of a run on one."""
    one = {row["name"]: row for row in rows_of(folder / "one.json.gz")}
    found = {}
    for row in rows_of(folder / "all.json.gz"):
        if "busy_us" in row and "busy_us" in one.get(row["name"], {}):
            change = row["busy_us"] / one[row["name"]]["busy_us"]
            found.setdefault(row["device"], []).append(change)
    print("several devices: rows, busy time over one device's, median of the change's size, p95")
    for device, ratios in sorted(found.items()):
        sizes = [abs(math.log(ratio)) for ratio in ratios]
        figures = (geomean(ratios), statistics.median(sizes), at(sizes, 0.95))
        print(f"  {device}: {len(ratios)}", *(shown(figure, 4) for figure in figures))


def print_settings(folder, base, others, what):
    """Busy time (event time without it) of each setting over the base's, from two runs of each."""
    print(f"{what}: path, time over {base}'s; and of its second run over its first")
    runs = {name: [run_of(folder, name, i, base) for i in (1, 2)] for name in (base, *others)}
    paths = dict.fromkeys(row["path"] for row in runs[base][0].values())
    for name, path in itertools.product((base, *others), paths):
        first, second = runs[name]
        known = [
            key
            for key, row in runs[base][0].items()
            if row["path"] == path and all(key in run for run in (runs[base][1], first, second))
        ]
        over = geomean(mean_us(runs[name], key) / mean_us(runs[base], key) for key in known)
        again = geomean(time_us(second[key]) / time_us(first[key]) for key in known)
        print(f"  {name} {path}: {shown(over, 4)}; {shown(again, 4)} over {len(known)} rows")


def run_of(folder, name, turn, base):
    """Its rows, by the names that the base's have."""
    rows = rows_of(folder / f"{name}{turn}.json.gz")
    return {row["name"].replace(f"lengths:{name}.", f"lengths:{base}."): row for row in rows}


def time_us(row):
    return row.get("busy_us", row["event_us_median"])


def mean_us(runs, key):
    return geomean(time_us(run[key]) for run in runs)


# --------------------------------------------------------------------------------------------------


def print_counts(folder):
    print("file: rows, wrong, failed, skipped")
    for path in sorted(folder.rglob("*.json.gz")):
        rows = document(path)["benchmarks"]
        skipped = sum("skip_reason" in row for row in rows)
        failed = sum(bool(row.get("error_occurred")) for row in rows) - skipped
        wrong = sum(row.get("errors", 0) > 0 for row in rows)
        print(f"  {path.relative_to(folder)}:", len(rows), wrong, failed, skipped)


def summarize(folder):
    print_counts(folder)
    files = [folder / "three_runs" / f"run{i}.json.gz" for i in (1, 2, 3)]
    runs = [{row["name"]: row for row in rows_of(file)} for file in files if file.exists()]
    if len(runs) > 1:
        print_changes(runs)
    if runs:
        print_targets(runs)
        print_speedups(runs)
    grid = groups_of(rows_of(folder / "script.json.gz"))
    if grid:
        print_against_padding(grid)
    if (folder / "seeds").is_dir():
        print_seeds(folder / "seeds")
    groups = groups_of(rows_of(folder / "all_paths" / "all_paths.json.gz"))
    if groups:
        print_paths(groups)
        print_totals(groups)
        print_bands(groups)
    if (folder / "dtypes" / "dtypes.json.gz").exists():
        print_dtypes(folder / "dtypes" / "dtypes.json.gz")
    rounds = folder / "rounds"
    if (rounds / "rounds.json.gz").exists():
        print_rounds(rounds)
        if (rounds / "rotate.json.gz").exists():
            print_rotated(rounds)
    if (folder / "devices" / "all.json.gz").exists():
        print_devices(folder / "devices")
    if (folder / "order" / "drawn2.json.gz").exists():
        print_settings(folder / "order", "drawn", ("longest", "shortest"), "order of sequences")
    if (folder / "cublaslt" / "default2.json.gz").exists():
        print_settings(folder / "cublaslt", "default", ("lt",), "cublasLt preferred")


def main():
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1]).is_dir():
        raise InputError("needs one folder of results: docs/results/h200")
    summarize(pathlib.Path(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(run("summarize.py", main))
