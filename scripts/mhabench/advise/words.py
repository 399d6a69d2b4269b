"""The answer as text."""

from mhabench.advise.calls import cpp_call, python_call

CLOCKS = {
    "event": "the event clock, a loop of C++ calls",
    "busy": "busy time, the GPU's own work",
    "python": "the clock of a loop of calls in Python",
}
# On a CPU there is one clock, and no event's.
ON_CPU = CLOCKS | {"event": "the clock of the batch, a loop of C++ calls"}
MOST_LINES = 20
MOST_NEAR = 5
MOST_COLUMNS = 5  # paths side by side on each clock
MOST_BEST = 3  # of more paths than that


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def percent(share):
    return f"{100 * share:.0f} %"


def table(head, lines):
    widths = [max(len(line[i]) for line in [head, *lines]) for i in range(len(head))]
    return [
        "  ".join(text.rjust(width) for text, width in zip(line, widths)) for line in [head, *lines]
    ]


def batches_table(lines, paths):
    """Times of each batch on each clock; the fastest is marked. Of many paths a table a clock, with
    slow, fast and those of the least total."""
    clocks = list(lines[0][1])
    if len(paths) <= MOST_COLUMNS:
        text = _table_of(lines, paths, dict.fromkeys(clocks, paths))
    else:
        text = []
        for clock in clocks:
            best = _least(lines, paths, clock)[:MOST_BEST]
            shown = [path for path in paths if path in ("slow", "fast", *best)]
            text += _table_of(lines, paths, {clock: shown})
        text.append(f"Of {len(paths)} paths slow, fast and the {MOST_BEST} of the least total.")
    if len(lines) > MOST_LINES:
        text.append(f"... and {len(lines) - MOST_LINES} batches more")
    return text


def _least(lines, paths, clock):
    """Those with a time in every batch, by their total."""
    times = {path: [by_clock[clock].get(path) for _, by_clock in lines] for path in paths}
    return sorted((path for path in paths if None not in times[path]), key=lambda p: sum(times[p]))


def _table_of(lines, paths, shown):
    columns = [f"{path} {clock} us" for clock, names in shown.items() for path in names]
    made = []
    for batch, by_clock in lines[:MOST_LINES]:
        cells = []
        for clock, names in shown.items():
            us = by_clock[clock]
            best = min((path for path in paths if us.get(path) is not None), key=us.get)
            cells += [
                "- " if us.get(path) is None else number(us[path]) + ("*" if path == best else " ")
                for path in names
            ]
        made.append(
            [str(batch.line), str(batch.batch), str(batch.seq_len), f"{batch.padding:.2f}", *cells]
        )
    return table(["line", "batch", "seq_len", "padding", *columns], made)


def clock_words(found):
    return ON_CPU if found.on_cpu else CLOCKS


def verdict_text(verdict, clocks):
    where = clocks[verdict.clock]
    if verdict.runner_up is None:
        return f"By {where}: {verdict.best} alone was measured."
    against = ", ".join(
        f"{percent(verdict.saving(other))} against {other}"
        for other in dict.fromkeys([*verdict.best_padded(), "fast", verdict.runner_up])
        if other in verdict.totals and other != verdict.best
    )
    sureness = verdict.sureness(verdict.runner_up)
    lead = 1 / (1 - verdict.saving(verdict.runner_up))
    how = (
        f"{sureness}: {lead:.2f} times as fast as {verdict.runner_up}, and the error of that ratio"
        f" is {percent(verdict.errors[verdict.runner_up])}"
    )
    verb = "nothing is decided; nearest to best is" if sureness == "undecided" else "take"
    return f"By {where}: {verb} {verdict.best} ({how}). It saves {against}."


def padding_text(batches):
    size = sum(batch.size for batch in batches)
    tokens = sum(batch.tokens for batch in batches)
    scores = sum(b.batch * b.seq_len**2 for b in batches) / sum(
        n * n for b in batches for n in b.lengths
    )
    return (
        f"Padding: {percent(1 - tokens / size)} of the positions hold no token; a padded batch"
        f" computes {size / tokens:.2f} times the tokens in its linear layers and {scores:.2f}"
        " times the scores in attention."
    )


def calls_text(clocks, cpp, python, embed_dim, heads):
    """`cpp` and `python`: the verdicts that choose for each; None claims nothing."""
    lines = [
        "",
        f"C++: {cpp.best} (by {clocks[cpp.clock]})",
        *cpp_call(cpp.best, embed_dim, heads).splitlines(),
    ]
    if python is None:
        return lines
    lines += ["", f"Python: {python.best} (by {clocks[python.clock]})"]
    call = python_call(python.best, embed_dim, heads)
    return lines + (
        call.splitlines() if call else ["# PyTorch has no one call for it that is known here."]
    )


def estimate_text(found, batches, embed_dim, heads):
    lines = [
        f"From {', '.join(found.files)} ({found.label}), interpolated; embed_dim {embed_dim},"
        f" heads {heads}, {found.dtype}"
    ]
    if found.lines:
        lines += [*batches_table(found.lines, found.paths), ""]
    for batch, why in found.refused[:MOST_LINES]:
        lines.append(
            f"line {batch.line}: no answer: {why} (batch {batch.batch}, seq_len {batch.seq_len},"
            f" padding {batch.padding:.2f})"
        )
    if len(found.refused) > MOST_LINES:
        lines.append(f"... and {len(found.refused) - MOST_LINES} batches more without an answer")
    if not found.verdicts:
        lines.append("No batch lies near enough to a measured row: leave --from out to measure.")
        return lines
    if found.refused:
        lines.append(f"What follows speaks of {len(found.lines)} of {len(batches)} batches.")
    lines += [verdict_text(v, clock_words(found)) for v in found.verdicts]
    lines += [
        padding_text([batch for batch, _ in found.lines]),
        *_near_text(found),
        *_one_token_text(found),
        _python_text(found),
    ]
    busy = next((verdict for verdict in found.verdicts if verdict.clock == "busy"), None)
    return [*lines, *calls_text(clock_words(found), found.verdicts[0], busy, embed_dim, heads)]


def _near_text(found):
    farthest = sorted(found.near, key=lambda item: -item[2])
    lines = [
        "Nearest measured rows (1 unit: a doubling of batch or seq_len, or 0.15 of padding),"
        " farthest first:"
    ]
    for batch, row, away in farthest[:MOST_NEAR]:
        lines.append(
            f"  line {batch.line}: {away:.2f} units to batch {row.get('batch'):g}, seq_len"
            f" {row.get('seq_len'):g}, padding {row.get('padding'):.2f}"
        )
    return lines


def _one_token_text(found):
    """PyTorch fuses no nested batch that holds such a sequence (sdp_utils: sequence_length <= 1)."""
    if found.on_cpu or "fast" not in found.paths:
        return []
    lines = [str(batch.line) for batch, _ in found.lines if min(batch.lengths) == 1]
    if not lines:
        return []
    shown = ", ".join(lines[:MOST_LINES]) + (", ..." if len(lines) > MOST_LINES else "")
    return [
        f"Sequences of one token (line {shown}): PyTorch's nested fast path leaves its fused kernel"
        " for a batch with one, so that fast takes longer there than rows without any tell."
    ]


def _python_text(found):
    if any(verdict.clock == "busy" for verdict in found.verdicts):
        return (
            "Python was not measured. Of Python this claims busy time alone: the GPU's work"
            " is the same, but at small sizes the host decides, and Python's need not agree with"
            " C++'s on the winner."
        )
    return (
        "Python was not measured, and the file holds no busy time: of Python this claims nothing."
    )


def measured_text(found, batches, embed_dim, heads):
    lines = [
        f"Measured on {found.label}, paths in turn, {found.runs} rounds in one process;"
        f" embed_dim {embed_dim}, heads {heads}, {found.dtype}"
    ]
    if found.lines:
        lines += [*batches_table(found.lines, found.paths), ""]
    lines += [f"{path}: left out: {why}" for path, why in found.left_out.items()]
    lines += [verdict_text(verdict, clock_words(found)) for verdict in found.verdicts]
    lines.append(padding_text(batches))
    if not found.verdicts:
        return lines
    if found.python_problem:
        lines.append(
            f"Python was not measured ({found.python_problem})."
            + (
                " Of Python this claims busy time alone."
                if found.of("busy")
                else " Of Python this claims nothing."
            )
        )
    python = found.of("python") or found.of("busy")
    return [*lines, *calls_text(clock_words(found), found.of("event"), python, embed_dim, heads)]
