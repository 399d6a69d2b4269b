"""The figures as files, for papers and for docs/.

Drawn by matplotlib: plotly's own way to a file (kaleido) starts a Chrome, which a cluster's node
seldom has. Means and crossovers come from cells.py, as the answer's do.
"""

import io
import math
import re
import warnings

import matplotlib
import numpy as np

from mhabench.output import check_output, make_folder, write_file
from mhabench.report.cells import (
    CellMap,
    Columns,
    base_us,
    baseline_of,
    bases_of,
    known_times,
    paths_of,
    size_bin,
    times,
)
from mhabench.results.rows import by_config, clock_us, packing_us
from mhabench.results.stats import geomean

matplotlib.use("Agg")
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

# As in assets/look.js.
PALETTE = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8a7f00")
MARKS = "osD^PX*p"
CLOCK_LOOK = {
    "event": ("#0072b2", "-", "o"),
    "host": ("#e69f00", "--", "D"),
    "busy": ("#009e73", ":", "s"),
}
DIVERGING = LinearSegmentedColormap.from_list(
    "lead", ("#b34f00", "#f0a868", "#f7f7f7", "#6faed6", "#005a8f")
)
STYLE = {
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "mhabench",
    "savefig.dpi": 160,
    "figure.constrained_layout.use": True,
}
MOST_INSIDE = 4  # names in a legend that may cover a part of its plot
LAYERS = ((0, "one call"), (1, "1 layer and packing"), (12, "12 layers and packing"))


class Choice:
    """Rows of one dtype and mode of a set, as the figures take them."""

    def __init__(self, rows, pairs=()):
        self.rows = rows
        configs = {row.config.partition(" (")[0] for row in rows}
        self.pairs = [pair for pair in pairs if pair.configuration in configs]
        self.configs = by_config(rows)
        self.paths = paths_of(rows)
        self.baseline = baseline_of(self.paths)

    def look(self, path):
        """A colour and a mark, no two alike; a path's graph has its colour and an open mark."""
        place, graph = self._place(path)
        color = PALETTE[place % len(PALETTE)]
        mark = MARKS[(place + place // len(PALETTE)) % len(MARKS)]
        return {"color": color, "marker": mark, "markerfacecolor": "none" if graph else color}

    def dash(self, path):
        place, graph = self._place(path)
        return ((":", "-.") if place // len(PALETTE) % 2 else ("-", "--"))[graph]

    def fill(self, path):
        """Of a cell: its colour, half way to white for a graph."""
        color = to_rgb(self.look(path)["color"])
        return tuple((c + 1) / 2 for c in color) if self._place(path)[1] else color

    def _place(self, path):
        eager = path.removesuffix("_graph")
        places = dict.fromkeys(known.removesuffix("_graph") for known in self.paths)
        return list(places).index(eager), path != eager

    def layers(self):
        known = any(packing_us(row) is not None for row in self.rows)
        return LAYERS if known else LAYERS[:1]


def write_figures(sets, folder, suffix, inputs=()):
    """The names of the files written: <set>-<dtype>-<figure>, the set's part only where needed."""
    written = []
    make_folder(folder)
    with matplotlib.rc_context(STYLE), warnings.catch_warnings():
        # An axis that holds one value is widened, and that is said at length.
        warnings.filterwarnings("ignore", "Attempting to set identical")
        for place, result_set in enumerate(sets):
            for dtype, mode in dict.fromkeys((row.dtype, row.mode) for row in result_set.rows):
                rows = [row for row in result_set.rows if (row.dtype, row.mode) == (dtype, mode)]
                first = [str(place + 1)] if len(sets) > 1 else []
                prefix = "-".join(filter(None, [*first, dtype, mode]))
                for name, figure in figures(Choice(rows, result_set.pairs)):
                    file = folder / f"{_file_part(prefix)}-{name}.{suffix}"
                    check_output(file, inputs)
                    write_file(file, _drawn(figure, suffix))
                    written.append(file)
    return written


def _drawn(figure, suffix):
    """Without a date, so that the same rows give the same bytes."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format=suffix, metadata={"Date": None} if suffix == "svg" else {})
    return drawn.getvalue()


def _file_part(text):
    return re.sub(r"[^A-Za-z0-9_-]+", "_", text) or "results"


def figures(choice):
    """(name, figure) of each that the rows can fill."""
    for clock in ("event", "busy"):
        for layers, words in choice.layers():
            cells = CellMap(choice.configs, choice.paths, choice.baseline, clock, layers)
            if cells.timed and len(cells.paths) > 1:
                name = f"map-{clock}" + (f"-{layers}-layers" if layers else "")
                yield name, map_figure(choice, cells, f"{clock} clock, {words}")
        if figure := axes_figure(choice, clock):
            yield f"axes-{clock}", figure
    drawn = {
        "clocks": clocks_figure,
        "roofline": roofline_figure,
        "spread": spread_figure,
        "rounds": rounds_figure,
    }
    for name, draw in drawn.items():
        if figure := draw(choice):
            yield name, figure


def _plain(text):
    """Matplotlib sets what stands between dollar signs as mathematics."""
    return text.replace("$", r"\$")


def map_figure(choice, cells, words):
    """The winner and the speed-up by padding and size, with the crossover."""
    figure = Figure(figsize=(8.2, 3.6))
    left, right = figure.subplots(1, 2, sharey=True)
    keys, sizes = cells.columns.keys(), cells.sizes()
    size = 5.5 if len(keys) > 10 else 7.5
    fits = all(len(path) <= 5 for path in choice.paths)
    names = {path: path if fits else chr(65 + i % 26) for i, path in enumerate(choice.paths)}
    speedups = {place: cell.speedup(cells.bases) for place, cell in cells.cells.items()}
    most = max([1, *(abs(math.log2(value)) for value in speedups.values() if value)])
    for (key, bin_), cell in cells.cells.items():
        x, y = keys.index(key), sizes.index(bin_)
        fill = choice.fill(cell.winner)
        _cell(left, x, y, fill, names[cell.winner], _ink_on(fill), size)
        value = speedups[key, bin_]
        if value:
            level = math.log2(value) / most
            ink = "white" if abs(level) > 0.75 else "black"
            _cell(right, x, y, DIVERGING((level + 1) / 2), f"{value:.1f}", ink, size)
    line = cells.crossover()
    at = {round(cells.columns.at(key), 9): place for place, key in enumerate(keys)}
    for axes in (left, right):
        if line:
            axes.plot(
                [at[round(x, 9)] for x, _ in line],
                [_between(sizes, y) for _, y in line],
                color="black",
                lw=1.5,
                marker=".",
                ms=4,
            )
        axes.set_xlim(-0.5, len(keys) - 0.5)
        axes.set_ylim(-0.5, len(sizes) - 0.5)
        axes.set_xticks(
            range(len(keys)), [f"{cells.columns.at(key):.2f}" for key in keys], rotation=60
        )
        axes.set_yticks(range(len(sizes)), [str(2**size) for size in sizes])
        axes.set_xlabel("padding (share of positions), not to scale")
    left.set_ylabel("size: batch x seq_len, positions")
    left.set_title(f"Fastest path, {words}", loc="left")
    others = [path for path in cells.paths if path not in cells.bases]
    what = f" of {_plain(others[0])}" if len(others) == 1 else ""
    right.set_title(f"Speed-up{what} over {_plain(choice.baseline)}", loc="left")
    won = {cell.winner for cell in cells.cells.values()}
    winners = [path for path in cells.paths if path in won]
    keys_shown = [
        Patch(
            color=choice.fill(path),
            label=_plain(path if fits else f"{names[path]}  {path}"),
        )
        for path in winners
    ]
    _legend_below(figure, keys_shown)
    return figure


def _legend_below(figure, handles):
    """As many columns as the figure is wide for; at its font a letter takes 0.07 inches."""
    longest = max(len(handle.get_label()) for handle in handles)
    ncols = min(len(handles), max(1, int(figure.get_figwidth() / (0.5 + 0.07 * longest))))
    lines = math.ceil(len(handles) / ncols)
    figure.set_figheight(figure.get_figheight() + 0.17 * max(0, lines - 1))
    figure.legend(handles=handles, loc="outside lower center", ncols=ncols)


def _ink_on(color):
    """White or black, whichever is told from the colour."""
    return "white" if sum(w * c for w, c in zip((0.3, 0.59, 0.11), color)) < 0.6 else "black"


def _cell(axes, x, y, color, text, ink, size):
    axes.fill(
        [x - 0.48, x + 0.48, x + 0.48, x - 0.48],
        [y - 0.48, y - 0.48, y + 0.48, y + 0.48],
        color=color,
        lw=0,
        clip_on=False,
    )
    axes.text(x, y, _plain(text), ha="center", va="center", color=ink, fontsize=size)


def _between(sizes, at):
    """The place of a size among the rows of a map, which need not be a doubling apart."""
    below = max(i for i, size in enumerate(sizes) if size <= at)
    above = min(below + 1, len(sizes) - 1)
    step = sizes[above] - sizes[below]
    return below + ((at - sizes[below]) / step if step else 0)


def axes_figure(choice, clock):
    """The speed-up over the baseline by each axis; the band is the 10th to the 90th percentile."""
    paths = [path for path in choice.paths if times(choice.configs, [path], clock)]
    bases = bases_of(paths, choice.baseline)
    others = [path for path in paths if path not in bases]
    if not others or not set(bases) & set(paths):
        return None
    timed = [
        (row, known)
        for row, known in known_times(choice.configs, paths, clock)
        if base_us(known, bases) and set(known) & set(others)
    ]
    columns = Columns([row for row, _ in timed])
    panels = []
    for name in ("seq_len", "batch", "padding", "embed_dim", "heads"):
        groups = {}
        for row, known in timed:
            key = columns.key(row) if name == "padding" else row.get(name)
            if key is not None:
                groups.setdefault(key, []).append(known)
        if len(groups) > 1:
            at = columns.at if name == "padding" else float
            panels.append((name, sorted((at(key), group) for key, group in groups.items())))
    if not panels:
        return None
    figure = Figure(figsize=(8.2, 2.1))
    for axes, (name, groups) in zip(
        figure.subplots(1, len(panels), sharey=True, squeeze=False)[0], panels
    ):
        xs = [at for at, _ in groups]
        for path in others:
            ratios = [
                (at, [base_us(us, bases) / us[path] for us in group if path in us])
                for at, group in groups
            ]
            ratios = [(at, r) for at, r in ratios if r]
            axes.plot(
                [at for at, _ in ratios],
                [geomean(r) for _, r in ratios],
                ms=3,
                lw=1.2,
                ls=choice.dash(path),
                label=_plain(path),
                **choice.look(path),
            )
            if len(others) == 1:
                axes.fill_between(
                    [at for at, _ in ratios],
                    [np.quantile(r, 0.1) for _, r in ratios],
                    [np.quantile(r, 0.9) for _, r in ratios],
                    color=choice.look(path)["color"],
                    alpha=0.15,
                    lw=0,
                )
        axes.axhline(1, color="black", lw=0.8, ls="--")
        axes.set_yscale("log", base=2)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        if name != "padding":
            axes.set_xscale("log" if name in ("seq_len", "batch") else "linear")
            axes.set_xticks(xs, [f"{x:g}" for x in xs])
            axes.minorticks_off()
        axes.set_xlabel(name)
    figure.axes[0].set_ylabel(f"speed-up over {_plain(choice.baseline)}\n({clock} clock)")
    if len(others) > 1:
        _legend_below(figure, figure.axes[0].get_legend_handles_labels()[0])
    return figure


def clocks_figure(choice):
    """Event, host and busy time by size, a panel a path."""
    paths = [path for path in choice.paths if times(choice.configs, [path], "event")]
    if not paths:
        return None
    columns = min(len(paths), 3)
    lines = math.ceil(len(paths) / columns)
    figure = Figure(figsize=(min(8.2, 3.2 * columns), 2.5 * lines))
    panels = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).flat
    for axes, path in zip(panels, paths):
        for clock, (color, dash, mark) in CLOCK_LOOK.items():
            groups = {}
            for row, known in times(choice.configs, [path], clock):
                if size_bin(row) is not None:
                    groups.setdefault(size_bin(row), []).append(known[path])
            if groups:
                axes.loglog(
                    [2**size for size in sorted(groups)],
                    [geomean(groups[s]) for s in sorted(groups)],
                    color=color,
                    ls=dash,
                    marker=mark,
                    ms=3,
                    lw=1.2,
                    label=clock,
                )
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.tick_params(axis="x", rotation=45)
        axes.set_title(_plain(path), loc="left")
    for axes in list(panels)[len(paths) :]:
        axes.set_visible(False)
    figure.supxlabel("size: batch x seq_len, positions", fontsize=8)
    figure.supylabel("us a call (geometric mean)", fontsize=8)
    figure.axes[0].legend()
    return figure


def roofline_figure(choice):
    """Busy time against the floor; event time where there is no busy time."""
    clock = "busy" if any(clock_us(row, "busy") for row in choice.rows) else "event"
    known = [row for row in choice.rows if clock_us(row, clock) and (row.get("floor_us") or 0) > 0]
    if not known:
        return None
    figure = Figure(figsize=(4.2, 3.6))
    axes = figure.subplots()
    for path in choice.paths:
        rows = [row for row in known if row.path == path]
        axes.loglog(
            [row.get("floor_us") for row in rows],
            [clock_us(row, clock) for row in rows],
            ls="",
            ms=2.5,
            mew=0.5,
            alpha=0.6,
            label=_plain(path),
            **choice.look(path),
        )
    ends = [min(row.get("floor_us") for row in known), max(row.get("floor_us") for row in known)]
    for factor, dash in ((1, "-"), (2, "--"), (5, ":"), (10, "-.")):
        axes.plot(ends, [factor * end for end in ends], color="#57606a", lw=0.9, ls=dash)
        axes.annotate(
            f"{factor}x",
            (ends[1], factor * ends[1]),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=7,
        )
    axes.set_xlabel("floor, us")
    axes.set_ylabel(f"{clock} time of a call, us")
    _legend(choice, figure, [axes], "")
    return figure


def _legend(choice, figure, places, dash=None):
    """Inside the plots for a few paths, else once and below them."""
    labels = {label for axes in places for label in axes.get_legend_handles_labels()[1]}
    shown = [path for path in choice.paths if _plain(path) in labels]
    if len(shown) > MOST_INSIDE:
        handles = [
            Line2D(
                [],
                [],
                ls=choice.dash(path) if dash is None else dash,
                ms=4,
                mew=0.7,
                label=_plain(path),
                **choice.look(path),
            )
            for path in shown
        ]
        figure.set_figheight(figure.get_figheight() + 0.17)
        _legend_below(figure, handles)
        return
    for axes in places:
        if axes.has_data():
            axes.legend(markerscale=2)


def spread_figure(choice):
    """The scatter of each row's samples, and how well the batches fix the medians."""
    figure = Figure(figsize=(7, 2.8))
    left, right = figure.subplots(1, 2)
    for path in choice.paths:
        rows = [row for row in choice.rows if row.path == path and clock_us(row, "event")]
        points = [
            (
                clock_us(row, "event"),
                100 * (row.get("event_us_p95") - row.get("event_us_p05")) / clock_us(row, "event"),
            )
            for row in rows
            if row.get("event_us_p95") is not None and row.get("event_us_p05") is not None
        ]
        points = [point for point in points if point[1] > 0]
        look = choice.look(path)
        if points:
            left.loglog(*zip(*points), ls="", ms=2, mew=0.5, alpha=0.5, label=_plain(path), **look)
        widths = sorted(100 * row.get("event_ci") for row in rows if (row.get("event_ci") or 0) > 0)
        if widths:
            shares = [100 * (i + 1) / len(rows) for i in range(len(widths))]
            right.step(
                widths,
                shares,
                where="post",
                color=look["color"],
                ls=choice.dash(path),
                lw=1.2,
                label=_plain(path),
            )
    if not left.has_data() and not right.has_data():
        return None
    left.set_xlabel("median of the event clock, us")
    left.set_ylabel("p05 to p95, % of the median")
    right.set_xscale("log")
    right.set_xlabel("half width of the 95 % interval, % of the median")
    right.set_ylabel("rows with a narrower one, %")
    _legend(choice, figure, (left, right))
    return figure


def rounds_figure(choice):
    """The ratios of rounds with their intervals, from the smallest; a panel a clock and path."""
    panels = {}
    for pair in choice.pairs:
        panels.setdefault((pair.clock, pair.base, pair.path), []).append(pair)
    if not panels:
        return None
    figure = Figure(figsize=(7, 2.6 * math.ceil(len(panels) / 2)))
    places = figure.subplots(math.ceil(len(panels) / 2), 2, squeeze=False).flat
    for axes, ((clock, base, path), pairs) in zip(places, panels.items()):
        ordered = sorted(pairs, key=lambda pair: pair.ratio)
        for verdict in (path, base, "undecided"):
            known = [(x, pair) for x, pair in enumerate(ordered, 1) if pair.verdict == verdict]
            look = (
                choice.look(verdict)
                if verdict in choice.paths
                else {"color": "#8c959f", "marker": "."}
            )
            axes.errorbar(
                [x for x, _ in known],
                [pair.ratio for _, pair in known],
                [
                    [pair.ratio - pair.low for _, pair in known],
                    [pair.high - pair.ratio for _, pair in known],
                ],
                ls="",
                ms=2,
                lw=0.7,
                label=f"{_plain(verdict)} ({len(known)})",
                **look,
            )
        ratios = [1, *(pair.ratio for pair in ordered)]
        axes.set_yscale("log")
        axes.set_ylim(min(ratios) / 1.5, max(ratios) * 1.5)
        axes.axhline(1, color="black", lw=0.8, ls="--")
        axes.set_title(f"{_plain(base)} over {_plain(path)}, {clock} clock", loc="left")
        axes.set_xlabel("configurations, by their ratio")
        axes.set_ylabel("ratio of times")
        axes.legend()
    for axes in list(places)[len(panels) :]:
        axes.set_visible(False)
    return figure
