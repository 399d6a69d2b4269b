"""Times of a batch from measured rows near it.

In the logarithm of time, over three coordinates: log2 of the size (batch x seq_len), log2 of
seq_len and padding. The nearest rows are fitted by a plane, weighted by closeness (local linear
regression, Cleveland 1979); embed_dim, heads and dtype are taken as they are. The error is what the
same fit makes at the nearest rows themselves, each left out in turn: alone where its batch and
seq_len are those asked for, else with all others of its batch and seq_len, since there the gap is
one between these. Few rows tell an error badly, so its square is drawn halfway to that over the
whole of the rows.
"""

import math

import numpy as np

from mhabench.results.rows import by_config, clock_us

# How far counts as one unit: a doubling of size or seq_len, or this much padding.
PADDING_UNIT = 0.15
NEIGHBOURS = 24
CHECKED = 8  # of the nearest rows, for the error
CHECKED_OF_ALL = 64
# Beyond what was measured by more than this, in units, nothing is said.
FAR_OUTSIDE = 0.5
FAR_FROM_ANY = 1.5
SAME_CELL = 0.1  # so many doublings apart, a batch and seq_len count as the same
# A slope that the rows do not fix is taken as none.
RIDGE = 1e-3


class Point:
    """A configuration that was measured on the paths at hand."""

    def __init__(self, row, us):
        self.row = row
        self.us = us
        self.at = place(
            row.get("batch") * row.get("seq_len"), row.get("seq_len"), row.get("padding")
        )
        self.cell = (row.get("batch"), row.get("seq_len"))


def place(size, seq_len, padding):
    return (math.log2(size), math.log2(seq_len), padding / PADDING_UNIT)


def points(rows, paths, clock):
    """Of configurations in which every path has a time."""
    found = []
    for group in by_config(rows).values():
        us = {path: clock_us(group[path], clock) for path in paths if path in group}
        row = next(iter(group.values()))
        known = (row.get(field) is not None for field in ("batch", "seq_len", "padding"))
        if len(us) == len(paths) and None not in us.values() and all(known):
            found.append(Point(row, us))
    return found


class Surface:
    """Times over the coordinates, from the points given."""

    def __init__(self, measured):
        self._measured = measured
        self._at = np.array([point.at for point in measured])
        self._overall = {}  # {(path, other, on_cell): mean square of the error over all points}

    def distances(self, at):
        """In units. A size and its seq_len move together, which must not count twice."""
        size, seq_len, padding = (self._at - at).T
        return np.sqrt((size - seq_len) ** 2 + seq_len**2 + padding**2)

    def nearest(self, at, count=NEIGHBOURS):
        """[(point, its distance)]."""
        away = self.distances(at)
        return [(self._measured[i], away[i]) for i in np.argsort(away, kind="stable")[:count]]

    def too_far(self, at):
        """Why nothing can be said there; None if something can."""
        for axis, name, unit in (
            (0, "size", "doublings"),
            (1, "seq_len", "doublings"),
            (2, "padding", None),
        ):
            values = self._at[:, axis]
            beyond = max(min(values) - at[axis], at[axis] - max(values), 0)
            if beyond > FAR_OUTSIDE:
                by = f"{beyond:.1f} {unit}" if unit else f"{beyond * PADDING_UNIT:.2f}"
                return f"its {name} lies {by} outside what was measured"
        away = min(self.distances(at))
        return f"the nearest measured row is {away:.1f} units away" if away > FAR_FROM_ANY else None

    def predict(self, path, at):
        """The time of a path there, in us."""
        return math.exp(self._fit(lambda point: math.log(point.us[path]), at))

    def ratio_error(self, path, other, at):
        """The standard error of the logarithm of other's time over path's, from rows near by."""
        around = [point for point, _ in self.nearest(at, CHECKED)]
        on_cell = math.dist(around[0].at[:2], at[:2]) < SAME_CELL
        near = self._mean_square(around, path, other, on_cell)
        key = (path, other, on_cell)
        if key not in self._overall:
            every = self._measured[:: max(1, len(self._measured) // CHECKED_OF_ALL)]
            self._overall[key] = self._mean_square(every, path, other, on_cell)
        return math.sqrt((near + self._overall[key]) / 2)

    def _mean_square(self, checked, path, other, on_cell):
        """Of the error at these points, each left out; infinite if there is no other."""

        def value(point):
            return math.log(point.us[other] / point.us[path])

        squares = []
        for gone in checked:
            rest = [point for point in self._measured if point.cell != gone.cell]
            # At an edge, too: beyond it the fit is not asked for.
            if on_cell or not rest or Surface(rest).too_far(gone.at):
                rest = [point for point in self._measured if point is not gone]
            if rest:
                squares.append((value(gone) - Surface(rest)._fit(value, gone.at)) ** 2)
        return sum(squares) / len(squares) if squares else math.inf

    def _fit(self, value, at):
        around, away = zip(*self.nearest(at))
        # Just beyond the farthest, so that it counts a little too.
        width = max(away[-1], 1e-3) * 1.05
        weight = (1 - (np.array(away) / width) ** 3) ** 3
        x = np.array([(1.0, *np.subtract(point.at, at)) for point in around])
        matrix = (x.T * weight) @ x + np.diag([0, 1, 1, 1]) * RIDGE * weight.sum()
        return np.linalg.solve(matrix, (x.T * weight) @ [value(point) for point in around])[0]
