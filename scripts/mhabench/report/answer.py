"""The answer in a sentence: who wins how often, by how much on which clock, and where it flips."""

import dataclasses
import math

from mhabench.report.cells import (
    BEST_PADDED,
    PADDING_STEP,
    base_us,
    baseline_of,
    bases_of,
    crossings,
    known_times,
    padding_bin,
    paths_of,
    size_bin,
)
from mhabench.results.rows import by_config, on_cpu
from mhabench.results.stats import geomean

CLOCKS = ("event", "busy", "host")
CLOCK_WORDS = {
    "event": "by the event clock (a loop of calls on that host)",
    "busy": "by busy time (the GPU's own work)",
    "host": "by the host clock (what enqueuing costs)",
}
# On the CPU there is one clock, and it is no event's.
CPU_WORDS = "by the clock of the batch (a loop of calls)"
MOST_FLIPS_TOLD = 3


@dataclasses.dataclass
class Lead:
    """A path against the baseline on one clock."""

    clock: str
    baseline: str
    path: str
    count: int  # configurations in which both have a time
    wins: int
    speedup: float  # geometric mean of baseline over path
    flips: list  # of Flip; empty where nothing flips


@dataclasses.dataclass
class Flip:
    """Where the speed-up's mean crosses 1: by "size" (padded positions) at one embed_dim, or by
    "padding". `above` is the path that is ahead on the larger side."""

    axis: str
    embed_dim: float | None
    at: list  # of positions or shares, each a crossing
    above: str


@dataclasses.dataclass
class Answer:
    dtype: str
    configs: int
    left_out: int  # rows that are wrong or failed
    on_cpu: bool
    leads: list  # of Lead
    winners: dict  # {clock: {path: configurations it is fastest in}}, of all paths at once
    sentences: list  # the answer in words; the first one says of what it speaks

    @property
    def text(self):
        return " ".join(self.sentences)


def answers(rows, pairs=()):
    """One a dtype, in the rows' order. `pairs`: ratios of rounds, where there were some."""
    result = []
    for dtype in dict.fromkeys(row.dtype for row in rows):
        of_dtype = [pair for pair in pairs if pair.configuration.startswith(f"{dtype}/")]
        result.append(_answer(dtype, [row for row in rows if row.dtype == dtype], of_dtype))
    return result


def _answer(dtype, rows, pairs):
    configs = by_config(rows)
    paths = paths_of(rows)
    baseline = baseline_of(paths)
    leads = [
        lead
        for path in paths
        if path not in bases_of(paths, baseline)
        for clock in CLOCKS
        if (lead := lead_of(configs, paths, baseline, path, clock))
    ]
    left_out = sum(row.status in ("wrong", "failed") for row in rows)
    winners = {clock: count for clock in CLOCKS if (count := _winners(configs, paths, clock))}
    answer = Answer(
        dtype, len({row.config for row in rows}), left_out, on_cpu(rows), leads, winners, []
    )
    answer.sentences = _sentences(answer, paths, baseline, pairs)
    return answer


def lead_of(configs, paths, baseline, path, clock):
    """None where no configuration has a time for both. Against the best padded path, graphs are
    held against graphs."""
    bases = bases_of(paths, baseline)
    if baseline == BEST_PADDED:
        bases = [base for base in bases if _is_graph(base) == _is_graph(path)]
    timed = [
        (row, {baseline: base, path: known[path]})
        for row, known in known_times(configs, [*bases, path], clock)
        if path in known and (base := base_us(known, bases))
    ]
    if not timed:
        return None
    ratios = [known[baseline] / known[path] for _, known in timed]
    return Lead(
        clock,
        _named(baseline),
        path,
        len(ratios),
        sum(r > 1 for r in ratios),
        geomean(ratios),
        _flips(timed, baseline, path),
    )


def _named(baseline):
    return f"the {baseline} path" if baseline == BEST_PADDED else baseline


def _is_graph(path):
    return path.endswith("_graph")


def _flips(timed, baseline, path):
    """By size at each embed_dim; where size decides nothing, by padding."""
    found = []
    for width in sorted({row.get("embed_dim") or 0 for row, _ in timed}):
        part = [(row, known) for row, known in timed if (row.get("embed_dim") or 0) == width]
        found.append(_flip("size", width or None, part, size_bin, baseline, path))
    found = [flip for flip in found if flip]
    if found:
        return found
    flip = _flip("padding", None, timed, padding_bin, baseline, path)
    return [flip] if flip else []


def _flip(axis, width, timed, bin_of, baseline, path):
    groups = {}
    for row, known in timed:
        place = bin_of(row)
        if place is not None:
            groups.setdefault(place, []).append(known[baseline] / known[path])
    curve = [(place, math.log2(geomean(ratios))) for place, ratios in sorted(groups.items())]
    at = [2**x if axis == "size" else (x + 0.5) * PADDING_STEP for x in crossings(curve)]
    if not at:
        return None
    return Flip(axis, width, at, path if curve[-1][1] > 0 else _named(baseline))


def _winners(configs, paths, clock):
    """How often each path is the fastest, of configurations in which two or more have a time."""
    count = dict.fromkeys(paths, 0)
    for _, known in known_times(configs, paths, clock):
        if len(known) > 1:
            count[min(known, key=known.get)] += 1
    return count if any(count.values()) else {}


# --- in words -------------------------------------------------------------------------------------


def _sentences(answer, paths, baseline, pairs):
    configs = f"{answer.dtype}, {answer.configs} configuration{'s' * (answer.configs != 1)}: "
    if len(paths) == 1:
        return [f"{configs}{baseline} alone was measured, so nothing can be compared."]
    if not answer.leads:
        return [f"{configs}no configuration has a time for two paths."]
    sentences = [_best_in_the_mean(answer, paths), _others(answer)] if len(paths) > 2 else []
    for path in _told(answer):
        sentences += _lead_texts(answer, path)
        sentences += _rounds_texts(answer, [pair for pair in pairs if pair.path == path])
    if answer.left_out:
        sentences.append(f"{answer.left_out} wrong or failed rows are left out.")
    return [configs + sentences[0], *sentences[1:]]


def _told(answer):
    """Paths with a sentence of their own: fast, and of the others that with the largest lead."""
    known = dict.fromkeys(lead.path for lead in answer.leads)
    if len(known) <= 2:
        return list(known)
    first = min(CLOCKS, key=lambda c: CLOCKS.index(c) if c in answer.winners else len(CLOCKS))
    rest = [lead for lead in answer.leads if lead.clock == first and lead.path != "fast"]
    best = _best(rest or answer.leads).path
    return [path for path in known if path in ("fast", best)]


def _best_in_the_mean(answer, paths):
    parts = []
    for clock in _clocks_told(answer):
        best = _best([lead for lead in answer.leads if lead.clock == clock])
        pair, ratio = (best.path, best.baseline), best.speedup
        if ratio < 1:
            pair, ratio = pair[::-1], 1 / ratio
        words = _clock_words(answer, clock)
        parts.append(f"{pair[0]} {words}, {ratio:.2f} times as fast as {pair[1]}")
    return f"of {len(paths)} paths the fastest in the geometric mean is {'; '.join(parts)}."


def _best(leads):
    """The largest of those that speak of the most configurations."""
    widest = max(lead.count for lead in leads)
    return max((lead for lead in leads if lead.count == widest), key=lambda lead: lead.speedup)


def _others(answer):
    parts = []
    for clock in _clocks_told(answer):
        count = answer.winners[clock]
        ranked = sorted(count.items(), key=lambda item: -item[1])[:3]
        shares = ", ".join(f"{path} in {wins}" for path, wins in ranked if wins)
        words = _clock_words(answer, clock).split(" (")[0]
        parts.append(f"{words} {shares} of {sum(count.values())}")
    return f"Fastest most often: {'; '.join(parts)}."


def _clocks_told(answer):
    clocks = [clock for clock in ("event", "busy") if clock in answer.winners]
    known = {lead.clock for lead in answer.leads}
    return [clock for clock in clocks or answer.winners if clock in known]


def _clock_words(answer, clock):
    return CPU_WORDS if answer.on_cpu else CLOCK_WORDS[clock]


def _lead_texts(answer, path):
    """How often and by how much; then where it flips."""
    leads = [lead for lead in answer.leads if lead.path == path and lead.clock != "host"]
    leads = leads or [lead for lead in answer.leads if lead.path == path]
    parts = [
        f"ahead in {_share(lead)} {_clock_words(answer, lead.clock)} and"
        f" {lead.speedup:.2f} times as fast"
        for lead in leads
    ]
    parts[0] += " in the geometric mean"
    text = f"{path} against {leads[0].baseline} is " + ", ".join(parts) + "."
    return [text, " ".join(_flip_text(answer, lead) for lead in leads)]


def _rounds_texts(answer, pairs):
    """Of how many configurations the rounds decide."""
    parts = []
    for clock in dict.fromkeys(pair.clock for pair in pairs):
        verdicts = [pair.verdict for pair in pairs if pair.clock == clock]
        names = [pairs[0].path, pairs[0].base, "undecided"]
        counts = ", ".join(f"{name} {verdicts.count(name)}" for name in names)
        parts.append(f"{_clock_words(answer, clock).split(' (')[0]} {counts} of {len(verdicts)}")
    return [f"Faster beyond the scatter of rounds, {'; '.join(parts)}."] if parts else []


def _share(lead):
    if lead.wins in (0, lead.count):
        return f"all {lead.count}" if lead.wins else f"none of {lead.count}"
    return f"{lead.wins} of {lead.count} ({100 * lead.wins / lead.count:.0f} %)"


def _flip_text(answer, lead):
    clock = _clock_words(answer, lead.clock).split(" (")[0].capitalize()
    if not lead.flips:
        ahead = lead.path if lead.speedup > 1 else lead.baseline
        return f"{clock} it flips nowhere: in the mean {ahead} is ahead at every size."
    places = list(dict.fromkeys(_place(flip) for flip in lead.flips[:MOST_FLIPS_TOLD]))
    above = {flip.above for flip in lead.flips}
    axis = "padded positions (batch x seq_len)" if lead.flips[0].axis == "size" else "padding"
    ahead = f", {above.pop()} ahead above it" if len(above) == 1 else ""
    return f"{clock} it flips near {' and '.join(places)} {axis}{ahead}."


def _place(flip):
    if flip.axis == "padding":
        return ", ".join(f"{at:.2f}" for at in flip.at[:MOST_FLIPS_TOLD])
    width = "" if flip.embed_dim is None else f" (embed_dim {flip.embed_dim:g})"
    return ", ".join(positions(at) for at in flip.at[:MOST_FLIPS_TOLD]) + width


def positions(count):
    """Two digits, which is what a crossing between doublings is worth."""
    if count < 1000:
        return f"{float(f'{count:.2g}'):.0f}"
    return f"{float(f'{count / 1000:.2g}'):g} k"
