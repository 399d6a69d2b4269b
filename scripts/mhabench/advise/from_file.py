"""The answer from a results file alone, by interpolation."""

from mhabench.advise.interpolate import Surface, place, points
from mhabench.advise.verdict import verdict
from mhabench.program import InputError
from mhabench.results.load import read_files
from mhabench.results.rows import clock_us, on_cpu
from mhabench.results.sets import sets_of

CLOCKS = ("event", "busy")


class Estimate:
    """What a file says of the batches that lie near enough to its rows."""

    def __init__(self, label, dtype, files, paths):
        self.label = label
        self.dtype = dtype
        self.files = files
        self.paths = paths
        self.on_cpu = False
        self.refused = []  # (batch, why)
        self.near = []  # (batch, nearest row, its distance)
        self.lines = []  # (batch, {clock: {path: us}})
        self.verdicts = []


def estimate(files, batches, embed_dim, heads, dtype):
    """Throws InputError where the files hold nothing to interpolate between."""
    sets = sets_of(read_files(files))
    if len(sets) > 1:
        names = ", ".join(s.label for s in sets)
        raise InputError(f"--from: files of more than one machine ({names}): name those of one")
    rows = _of_layer(sets[0].rows, embed_dim, heads, dtype)
    found = Estimate(
        sets[0].label, rows[0].dtype, [file.name for file in sets[0].files], _paths(rows)
    )
    found.on_cpu = on_cpu(rows)
    if len(found.paths) < 2:
        raise InputError(
            "--from: these rows hold one path alone, so there is nothing to choose from"
        )
    measured = {clock: points(rows, found.paths, clock) for clock in CLOCKS}
    measured = {clock: Surface(known) for clock, known in measured.items() if known}
    if not measured:
        raise InputError("--from: no configuration has its padding and a time on every path")
    answered = _split(found, measured[next(iter(measured))], batches)
    for clock, surface in measured.items() if answered else []:
        found.verdicts.append(_verdict(found, clock, surface, answered))
    return found


def _of_layer(rows, embed_dim, heads, dtype):
    rows = [row for row in rows if row.mode == rows[0].mode]
    dtypes = sorted({row.dtype for row in rows})
    if dtype is None and len(dtypes) > 1:
        raise InputError(f"--from holds {', '.join(dtypes)}: choose one with --dtype")
    rows = [row for row in rows if row.dtype == (dtype or dtypes[0])]
    if not rows:
        raise InputError(f"--from holds no rows of {dtype} (it has {', '.join(dtypes)})")
    layers = sorted({(row.get("embed_dim") or 0, row.get("heads") or 0) for row in rows})
    rows = [row for row in rows if (row.get("embed_dim"), row.get("heads")) == (embed_dim, heads)]
    if not rows:
        known = ", ".join(f"{width:g}/{count:g}" for width, count in layers)
        raise InputError(
            f"--from holds no rows of embed_dim {embed_dim}, heads {heads} (it has {known}), and"
            " between layers nothing is interpolated: leave --from out to measure"
        )
    return rows


def _paths(rows):
    """Those that have a time nearly wherever slow (else the first of them) has one."""
    counts = {}
    for row in rows:
        if row.status == "ok" and clock_us(row, "event") is not None:
            counts[row.path] = counts.get(row.path, 0) + 1
    if not counts:
        raise InputError("--from: none of these rows has a time")
    most = max(counts.values())
    return [path for path, count in counts.items() if count >= 0.9 * most]


def _split(found, surface, batches):
    """The batches that can be answered."""
    answered = []
    for batch in batches:
        at = place(batch.size, batch.seq_len, batch.padding)
        why = surface.too_far(at)
        if why:
            found.refused.append((batch, why))
            continue
        point, away = surface.nearest(at, 1)[0]
        found.near.append((batch, point.row, away))
        found.lines.append((batch, {}))
        answered.append((batch, at))
    return answered


def _verdict(found, clock, surface, answered):
    times = [{path: surface.predict(path, at) for path in found.paths} for _, at in answered]
    for (_, by_clock), us in zip(found.lines, times):
        by_clock[clock] = us
    totals = {path: sum(us[path] for us in times) for path in found.paths}

    def error_of(best, other):
        # Errors of neighbouring batches go together: their mean does not shrink with their number.
        weighed = sum(
            us[other] * surface.ratio_error(best, other, at) for us, (_, at) in zip(times, answered)
        )
        return weighed / totals[other]

    return verdict(clock, totals, error_of)
