"""Rows in order for a picture: pairs of paths over one configuration, cells of padding and size.

assets/rows.js does the same in the page; a test holds one against the other.
"""

import math

from mhabench.results.rows import clock_us, is_padded, total_us
from mhabench.results.stats import geomean

PADDING_STEP = 0.05


def paths_of(rows):
    """Each path once, in the rows' order; those that no row has a time of only where none has one."""
    timed = [row for row in rows if clock_us(row, "event") is not None]
    return list(dict.fromkeys(row.path for row in timed or rows))


# A baseline that is no path: on each configuration the fastest of the padded ones.
BEST_PADDED = "best padded"


def baselines_of(paths):
    """What paths can be held against."""
    padded = [path for path in paths if is_padded(path)]
    return [BEST_PADDED, *paths] if 1 < len(padded) < len(paths) else paths


def baseline_of(paths):
    """What they are held against unless asked otherwise."""
    baselines = baselines_of(paths)
    return "slow" if "slow" in paths and BEST_PADDED not in baselines else baselines[0]


def bases_of(paths, baseline):
    """The paths that a baseline stands for."""
    return [path for path in paths if is_padded(path)] if baseline == BEST_PADDED else [baseline]


def base_us(known, bases):
    """The least time of {path: us} among the bases; None where none has one."""
    return min((known[path] for path in bases if path in known), default=None)


def size_of(row):
    """Positions of the padded batch; None where the row does not tell."""
    batch, seq_len = row.get("batch"), row.get("seq_len")
    return batch * seq_len if batch and seq_len else None


def size_bin(row):
    """The nearest power of two to the padded batch's positions, as its logarithm."""
    size = size_of(row)
    return None if size is None else math.floor(math.log2(size) + 0.5)


def padding_bin(row):
    padding = row.get("padding")
    return None if padding is None else min(math.floor(padding / PADDING_STEP + 1e-9), 19)


def times(configs, paths, clock, layers=0):
    """[(row, {path: us})] of the configurations in which every one of the paths has a time."""
    timed = known_times(configs, paths, clock, layers)
    return [(row, known) for row, known in timed if len(known) == len(paths)]


def known_times(configs, paths, clock, layers=0):
    """[(row, {path: us})]: of each configuration the paths that have a time."""
    result = []
    for rows in configs.values():
        known = {
            path: us
            for path in paths
            if path in rows and (us := total_us(rows[path], clock, layers)) is not None
        }
        if known:
            result.append((rows[next(iter(known))], known))
    return result


class Cell:
    """Configurations that fall together: how many, the mean of each path that has a time in all of
    them, the fastest of these."""

    def __init__(self, known):
        self.count = len(known)
        self.known = known
        paths = [path for path in known[0] if all(path in us for us in known)]
        self.means = {path: geomean(us[path] for us in known) for path in paths}
        self.winner = min(self.means, key=self.means.get)

    def speedup(self, bases):
        """Of the best other path over the best of the bases; None where there is no other."""
        others = [us for path, us in self.means.items() if path not in bases]
        return geomean(base_us(us, bases) for us in self.known) / min(others) if others else None


def crossings(curve):
    """Where [(x, y)] crosses 0, between the points around it."""
    return [
        x0 + (x1 - x0) * y0 / (y0 - y1)
        for (x0, y0), (x1, y1) in zip(curve, curve[1:])
        if (y0 > 0) != (y1 > 0)
    ]


class Columns:
    """Where configurations stand on the axis of padding.

    Those of one beta share a column at their mean padding, so that each column of a grid holds the
    same sizes; without beta a column is a band of padding.
    """

    def __init__(self, rows):
        betas = {row.get("beta") for row in rows}
        self._by_beta = len(betas) > 1 and None not in betas
        groups = {}
        for row in rows:
            if row.get("padding") is not None:
                groups.setdefault(self.key(row), []).append(row.get("padding"))
        self._at = {key: self._place(key, paddings) for key, paddings in groups.items()}

    def key(self, row):
        return row.get("beta") if self._by_beta else padding_bin(row)

    def _place(self, key, paddings):
        return sum(paddings) / len(paddings) if self._by_beta else (key + 0.5) * PADDING_STEP

    def at(self, key):
        """The padding at which the column stands."""
        return self._at[key]

    def keys(self):
        """From the least padding to the most."""
        return sorted(self._at, key=self._at.get)


class CellMap:
    """Cells by padding and size, of the configurations in which the baseline has a time."""

    def __init__(self, configs, paths, baseline, clock, layers=0):
        self.bases = bases_of(paths, baseline)
        self.paths = [path for path in paths if known_times(configs, [path], clock, layers)]
        self.timed = [
            (row, known)
            for row, known in known_times(configs, paths, clock, layers)
            if base_us(known, self.bases) and row.get("padding") is not None and size_bin(row) is not None
        ]
        self.columns = Columns([row for row, _ in self.timed])
        groups = {}
        for row, known in self.timed:
            groups.setdefault((self.columns.key(row), size_bin(row)), []).append(known)
        self.cells = {place: Cell(known) for place, known in groups.items()}

    def sizes(self):
        return sorted({size for _, size in self.cells})

    def crossover(self):
        """[(padding, log2 of the size)]: in each column the largest size at which the speed-up
        crosses 1, between the means of the sizes around it. Columns that one side wins are left
        out."""
        line = []
        for key in self.columns.keys():
            curve = [
                (size, math.log2(speedup))
                for size in self.sizes()
                if (cell := self.cells.get((key, size)))
                and (speedup := cell.speedup(self.bases)) is not None
            ]
            if found := crossings(curve):
                line.append((self.columns.at(key), found[-1]))
        return line
