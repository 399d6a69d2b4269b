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

from mhabench.results.rows import clock_us

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


def distance(a, b):
    """In units. A size and its seq_len move together, which must not count twice."""
    return math.hypot(a[0] - a[1] - (b[0] - b[1]), a[1] - b[1], a[2] - b[2])


def points(rows, paths, clock):
    """Of configurations in which every path has a time."""
    configs = {}
    for row in rows:
        us = clock_us(row, clock)
        known = all(row.get(field) is not None for field in ("batch", "seq_len", "padding"))
        if row.status == "ok" and us is not None and known:
            configs.setdefault(row.config, {})[row.path] = (row, us)
    return [
        Point(next(iter(found.values()))[0], {path: us for path, (_, us) in found.items()})
        for found in configs.values()
        if all(path in found for path in paths)
    ]


class Surface:
    """Times over the coordinates, from the points given."""

    def __init__(self, measured):
        self._measured = measured
        self._overall = {}  # {(path, other, on_cell): mean square of the error over all points}

    def without(self, gone):
        """The surface of the points that the predicate does not take."""
        return Surface([point for point in self._measured if not gone(point)])

    def nearest(self, at, count=NEIGHBOURS):
        return sorted(self._measured, key=lambda point: distance(point.at, at))[:count]

    def too_far(self, at):
        """Why nothing can be said there; None where something can."""
        for axis, name, unit in (
            (0, "size", "doublings"),
            (1, "seq_len", "doublings"),
            (2, "padding", None),
        ):
            values = [point.at[axis] for point in self._measured]
            beyond = max(min(values) - at[axis], at[axis] - max(values), 0)
            if beyond > FAR_OUTSIDE:
                by = f"{beyond:.1f} {unit}" if unit else f"{beyond * PADDING_UNIT:.2f}"
                return f"its {name} lies {by} outside what was measured"
        away = distance(self.nearest(at, 1)[0].at, at)
        return f"the nearest measured row is {away:.1f} units away" if away > FAR_FROM_ANY else None

    def predict(self, path, at):
        """The time of a path there, in us."""
        return math.exp(self._fit(lambda point: math.log(point.us[path]), at))

    def ratio_error(self, path, other, at):
        """The standard error of the logarithm of other's time over path's, from rows near by."""
        around = self.nearest(at, CHECKED)
        on_cell = math.hypot(*(p - q for p, q in zip(around[0].at[:2], at[:2]))) < SAME_CELL
        near = self._mean_square(around, path, other, on_cell)
        key = (path, other, on_cell)
        if key not in self._overall:
            every = self._measured[:: max(1, len(self._measured) // CHECKED_OF_ALL)]
            self._overall[key] = self._mean_square(every, path, other, on_cell)
        return math.sqrt((near + self._overall[key]) / 2)

    def _mean_square(self, checked, path, other, on_cell):
        """Of the error at these points, each left out; infinite where there is no other."""

        def value(point):
            return math.log(point.us[other] / point.us[path])

        squares = []
        for point in checked:
            rest = self.without(lambda p, gone=point: p.cell == gone.cell)
            # At an edge, too: beyond it the fit is not asked for.
            if on_cell or not rest._measured or rest.too_far(point.at):
                rest = self.without(lambda p, gone=point: p is gone)
            if rest._measured:
                squares.append((value(point) - rest._fit(value, point.at)) ** 2)
        return sum(squares) / len(squares) if squares else math.inf

    def _fit(self, value, at):
        around = self.nearest(at)
        away = [distance(point.at, at) for point in around]
        # Just beyond the farthest, so that it counts a little too.
        width = max(away[-1], 1e-3) * 1.05
        rows = []
        for point, d in zip(around, away):
            weight = (1 - (d / width) ** 3) ** 3
            rows.append((weight, [1.0, *(p - q for p, q in zip(point.at, at))], value(point)))
        size = len(rows[0][1])
        total = sum(weight for weight, _, _ in rows)
        matrix = [
            [sum(w * x[i] * x[j] for w, x, _ in rows) for j in range(size)] for i in range(size)
        ]
        right = [sum(w * x[i] * y for w, x, y in rows) for i in range(size)]
        for i in range(1, size):
            matrix[i][i] += RIDGE * total
        return _solve(matrix, right)[0]


def _solve(matrix, right):
    """Gaussian elimination; the matrix is positive definite by its ridge."""
    lines = [[*line, y] for line, y in zip(matrix, right)]
    size = len(lines)
    for i in range(size):
        pivot = max(range(i, size), key=lambda k: abs(lines[k][i]))
        lines[i], lines[pivot] = lines[pivot], lines[i]
        for k in range(i + 1, size):
            factor = lines[k][i] / lines[i][i]
            lines[k] = [a - factor * b for a, b in zip(lines[k], lines[i])]
    solution = [0.0] * size
    for i in reversed(range(size)):
        known = sum(lines[i][j] * solution[j] for j in range(i + 1, size))
        solution[i] = (lines[i][size] - known) / lines[i][i]
    return solution
